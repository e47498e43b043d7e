"""URLs of this app, below /api/v1/."""

from django.urls import URLPattern, path

from annotator.faces.apis import FaceCropApi, FaceProvenanceApi

urlpatterns: list[URLPattern] = [
    path("faces/<int:face_id>/crop", FaceCropApi.as_view(), name="face-crop"),
    path("faces/<int:face_id>/provenance", FaceProvenanceApi.as_view(), name="face-provenance"),
]
