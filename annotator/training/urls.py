"""Addresses of this app, below /api/v1/."""

from django.urls import URLPattern, path

from annotator.training import apis

urlpatterns: list[URLPattern] = [
    path("datasets/<int:dataset_id>/training-runs", apis.TrainingRunListApi.as_view(), name="training-runs"),
    path(
        "datasets/<int:dataset_id>/training-settings",
        apis.TrainingSettingsApi.as_view(),
        name="training-settings",
    ),
    path("training-runs/<int:run_id>", apis.TrainingRunApi.as_view(), name="training-run"),
    path(
        "training-runs/<int:run_id>/cancel", apis.TrainingRunCancelApi.as_view(), name="training-run-cancel"
    ),
    path("training-runs/<int:run_id>/points", apis.TrainingPointsApi.as_view(), name="training-run-points"),
]
