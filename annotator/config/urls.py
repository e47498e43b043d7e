"""Every URL: the API under /api/v1/, the sign-in page, and the single page application for the rest."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

API_APPS = ("accounts", "datasets", "jobs", "images", "faces", "work", "quality", "learning", "releases")

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/schema", SpectacularAPIView.as_view(), name="schema"),
    *(path("api/v1/", include(f"annotator.{app}.urls")) for app in API_APPS),
]
