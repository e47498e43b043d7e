"""Bearer tokens for programs. Browsers use sessions with CSRF, and pages say whose work they hold."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from annotator.accounts.models import ApiToken, User


def token_digest(key: str) -> str:
    """The SHA-256 (hex) under which a key is stored; keys have 256 random bits, so no salt is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


class ApiTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <key>``."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, key = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        now = timezone.now()
        token = (
            ApiToken.objects.select_related("user")
            .filter(digest=token_digest(key.decode("latin-1").strip()))
            .first()
        )
        if (
            token is None
            or (token.expires_at is not None and token.expires_at < now)
            or not token.user.is_active
        ):
            raise AuthenticationFailed(
                "This token is unknown, expired or revoked; make a new one under People."
            )
        if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class OtherUser(AuthenticationFailed):
    """A page asks for one person while another is signed in."""

    default_code = "other_user"
    default_detail = (
        "Somebody else is signed in in this browser now. Nothing was changed: sign in again as the person who "
        "opened the page, or load it anew."
    )


class BrowserAuthentication(SessionAuthentication):
    """The session's person, if it is the one for whom the page was opened.

    All tabs of a browser share one session. When somebody else signs in in another tab, a page that is still open
    must not send the first person's work as theirs; so it names its person in the header ``X-JFA-User``.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        found: tuple[Any, None] | None = super().authenticate(request)
        meant = request.headers.get("X-JFA-User")
        if found is not None and meant is not None and meant != str(found[0].pk):
            raise OtherUser
        return found


class BrowserScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped hook of drf-spectacular
    target_class = BrowserAuthentication
    name = "cookieAuth"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class ApiTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped hook of drf-spectacular
    target_class = ApiTokenAuthentication
    name = "ApiToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
