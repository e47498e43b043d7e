"""Errors that services raise for people and programs to read, and how the API shows them.

Every error answer is ``{"code": ..., "message": ..., "details": {...}}``: a stable code, a sentence that says
what happened and what to do, and whatever the caller needs to go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback


class Problem(Exception):
    """Base of all errors a service raises on purpose."""

    status: ClassVar[int] = 400

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


class Invalid(Problem):
    """What was sent cannot be used; nothing was changed."""

    status = 422


class Conflict(Problem):
    """Somebody or something was faster; the details say how things stand now."""

    status = 409


class NotAllowed(Problem):
    """This person may see the thing but not do this with it."""

    status = 403


class NotFound(Problem):
    """No such thing, or not for this person: the answer does not tell which."""

    status = 404


def api_exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's hook: turn every expected error into the one answer shape."""
    if isinstance(error, Problem):
        set_rollback()
        return _answer(error.status, error.code, error.message, error.details)
    if isinstance(error, Http404):
        return _answer(404, "not_found", "There is no such thing, or it is not yours to see.", {})
    if isinstance(error, PermissionDenied):
        return _answer(403, "not_allowed", str(error) or "You may not do this.", {})
    if isinstance(error, exceptions.ValidationError):
        set_rollback()
        return _answer(422, "invalid", "Some fields cannot be used; see details.", {"fields": error.detail})
    if isinstance(error, exceptions.APIException):
        set_rollback()
        codes = error.get_codes()
        answer = _answer(
            error.status_code, codes if isinstance(codes, str) else "error", str(error.detail), {}
        )
        if header := getattr(error, "auth_header", None):
            answer["WWW-Authenticate"] = header
        return answer
    return None


def _answer(status: int, code: str, message: str, details: Mapping[str, Any]) -> Response:
    return Response({"code": code, "message": message, "details": dict(details)}, status=status)
