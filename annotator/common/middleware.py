"""Middleware that no library has."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from annotator.common.pages import problem_answer


class SmallBodiesMiddleware:
    """Refuses large requests before a byte is read, except at the address for uploads.

    Django looks for the CSRF token in a form before anybody is asked who they are, and keeps the form's files
    on the disk meanwhile: without this a stranger could fill it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()):
            return problem_answer(
                request, status=400, code="bad_request", message="Content-Length has to be a whole number."
            )
        if int(length) <= most or re.fullmatch(settings.JFA_UPLOAD_PATH, request.path):
            return self.get_response(request)
        message = f"A request may have {most // 1024**2} MB; send less at once."
        return problem_answer(request, status=413, code="too_large", message=message)


class OwnContentOnlyMiddleware:
    """Tells browsers to load and run nothing but what this server sends: no page passes pictures on elsewhere.

    ``blob:``: crops that the page holds in memory. Styles inside elements are how components place things.
    """

    POLICY: Final = (
        "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.POLICY)
        return response


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
