"""URLs of this app, below /api/v1/."""

from django.urls import URLPattern, path

from annotator.learning.apis import PrelabelApi, WorkersApi

urlpatterns: list[URLPattern] = [
    path("workers", WorkersApi.as_view(), name="workers"),
    path("datasets/<int:dataset_id>/prelabel", PrelabelApi.as_view(), name="prelabel"),
]
