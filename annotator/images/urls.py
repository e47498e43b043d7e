"""URLs of this app, below /api/v1/."""

from django.urls import URLPattern, path

from annotator.images.apis import ImageCropApi, ImageFileApi

urlpatterns: list[URLPattern] = [
    path("images/<int:image_id>/file", ImageFileApi.as_view(), name="image-file"),
    path("images/<int:image_id>/crop", ImageCropApi.as_view(), name="image-crop"),
]
