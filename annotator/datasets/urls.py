"""URLs of this app, below /api/v1/."""

from django.urls import URLPattern, path

from annotator.datasets import apis

urlpatterns: list[URLPattern] = [
    path("session", apis.SessionApi.as_view(), name="session"),
    path("datasets", apis.DatasetsApi.as_view(), name="datasets"),
    path("datasets/<int:dataset_id>", apis.DatasetApi.as_view(), name="dataset"),
    path(
        "datasets/<int:dataset_id>/policy/versions", apis.PolicyVersionsApi.as_view(), name="policy-versions"
    ),
]
