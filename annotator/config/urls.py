"""Every URL: the API under /api/v1/, the sign-in page, and the single page application for the rest."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import IsAuthenticated

from annotator.accounts.pages import sign_in
from annotator.common.pages import api_not_found, health
from annotator.config.shell import shell

# In the order in which addresses are compared: the queue has by far the most requests.
API_APPS = (
    "work",
    "accounts",
    "datasets",
    "jobs",
    "images",
    "faces",
    "quality",
    "learning",
    "releases",
    "training",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health, name="health"),
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-in", RedirectView.as_view(pattern_name="sign-in", query_string=True)),
    path("api/v1/schema", SpectacularAPIView.as_view(permission_classes=[IsAuthenticated]), name="schema"),
    *(path("api/v1/", include(f"annotator.{app}.urls")) for app in API_APPS),
    re_path(r"^api(?:/.*)?$", api_not_found),
    re_path(r"^(?!static/)(?P<path>.*)$", shell, name="shell"),
]

handler400 = "annotator.common.pages.bad_request"
handler404 = "annotator.common.pages.not_found"
handler500 = "annotator.common.pages.server_error"
