"""URLs of this app, below /api/v1/."""

from django.urls import URLPattern, path

from annotator.faces.apis import FaceCropApi

urlpatterns: list[URLPattern] = [path("faces/<int:face_id>/crop", FaceCropApi.as_view(), name="face-crop")]
