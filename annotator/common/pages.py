"""Answers outside REST framework: unknown addresses, crashes, refused forms, health."""

from __future__ import annotations

import sys
from typing import Any

from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from annotator.common.errors import Problem, unavailable

API_PREFIX = "/api/"


def problem_answer(request: HttpRequest, *, status: int, code: str, message: str) -> HttpResponse:
    """The same sentence as JSON below /api/ and as a small page elsewhere."""
    if f"{request.path}/".startswith(API_PREFIX):
        return JsonResponse({"code": code, "message": message, "details": {}}, status=status)
    return render(request, "common/problem.html", {"status": status, "message": message}, status=status)


@csrf_exempt
def api_not_found(request: HttpRequest, **_: Any) -> HttpResponse:
    """Every address below /api/ that no app answers."""
    return problem_answer(
        request,
        status=404,
        code="no_such_address",
        message=f"There is no {request.path} here; /api/v1/schema lists every address.",
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return problem_answer(
        request,
        status=404,
        code="not_found",
        message="There is no such page. Go back, or start at the front page.",
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: a request that no view gets to see."""
    if isinstance(exception, DisallowedHost):
        code, message = (
            "unknown_host",
            "This server does not answer to the name in the address. Its admin adds names with JFA_ALLOWED_HOSTS.",
        )
    elif isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        code, message = (
            "too_large",
            "This form has too many parts, or too much text in them. Send less at once.",
        )
    else:
        code, message = "bad_request", "The server cannot make sense of this request. Go back and try again."
    return problem_answer(request, status=400, code=code, message=message)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: 503 with a sentence where the database or the queue is gone, else 500."""
    down: Problem | None = unavailable(sys.exc_info()[1])
    if down is not None:
        return problem_answer(request, status=down.status, code=down.code, message=down.message)
    return problem_answer(
        request,
        status=500,
        code="server_error",
        message="The server failed on this request and has logged why. Try again; if it happens again, tell an admin.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return problem_answer(
        request,
        status=403,
        code="csrf_failed",
        message="The page and the server disagree about this session (no valid CSRF token). Reload it and try again.",
    )


def health(request: HttpRequest) -> HttpResponse:
    """200 while the database answers, 503 otherwise; needs no log-in and says nothing else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"status": "database_unavailable"}, status=503)
    return JsonResponse({"status": "ok"})
