"""Where a request came from."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The network address of the client.

    Behind the HTTPS proxy (JFA_HTTPS) it is the last entry of X-Forwarded-For, the one that proxy wrote;
    earlier entries come from the client and prove nothing.
    """
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.JFA_HTTPS else ""
    return (forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", ""))[:64]
