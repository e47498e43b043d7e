"""URLs of this app, below /api/v1/."""

from django.urls import URLPattern, path

from annotator.accounts import apis

urlpatterns: list[URLPattern] = [
    path("tokens", apis.TokensApi.as_view(), name="tokens"),
    path("tokens/<int:token_id>", apis.TokenApi.as_view(), name="token"),
    path("me/preferences", apis.PreferencesApi.as_view(), name="preferences"),
    path("account/password", apis.PasswordApi.as_view(), name="password"),
]
