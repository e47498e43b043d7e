"""Middleware that no library has."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class NothingIsCachedMiddleware:
    """Answers hold people's faces: no shared computer may keep them (design section 10).

    Applies to every answer that does not set its own Cache-Control; static files are served before it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
