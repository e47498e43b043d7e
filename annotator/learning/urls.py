"""URLs of this app, below /api/v1/."""

from django.urls import URLPattern, path

from annotator.learning import apis

urlpatterns: list[URLPattern] = [
    path("workers", apis.WorkersApi.as_view(), name="workers"),
    path("datasets/<int:dataset_id>/prelabel", apis.PrelabelApi.as_view(), name="prelabel"),
    path("datasets/<int:dataset_id>/models", apis.ModelListApi.as_view(), name="models"),
    path(
        "datasets/<int:dataset_id>/champion/rollback",
        apis.ChampionRollbackApi.as_view(),
        name="champion-rollback",
    ),
    path("models/<int:model_id>", apis.ModelApi.as_view(), name="model"),
    path("models/<int:model_id>/card", apis.ModelCardApi.as_view(), name="model-card"),
    path("models/<int:model_id>/download", apis.ModelDownloadApi.as_view(), name="model-download"),
    path("models/<int:model_id>/promote", apis.ModelPromoteApi.as_view(), name="model-promote"),
]
