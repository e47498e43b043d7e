"""Errors that services raise for people and programs to read, and how the API shows them.

Every error answer is ``{"code": ..., "message": ..., "details": {...}}``: a stable code, a sentence that says
what happened and what to do, and whatever the caller needs to go on.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

logger = logging.getLogger(__name__)

NOT_HERE: Final = "There is no such thing, or you are not a member of its dataset."


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
    """No such thing, or not for this person: without arguments the answer does not tell which."""

    status = 404

    def __init__(self, code: str = "not_found", message: str = NOT_HERE, **details: Any) -> None:
        super().__init__(code, message, **details)


class Unavailable(Problem):
    """A server this one depends on does not answer; the same request may succeed in a moment."""

    status = 503


def unavailable(error: BaseException | None) -> Unavailable | None:
    """The Problem for a database or queue that does not answer; None for every other error."""
    if isinstance(error, OperationalError | InterfaceError):
        return Unavailable(
            "database_unavailable",
            "The database cannot be reached right now. Try again in a moment: a repeated submit is stored only once.",
        )
    if isinstance(error, RedisError | BrokerError):
        return Unavailable(
            "queue_unavailable", "The job queue (Redis) cannot be reached right now. Try again in a moment."
        )
    return None


def api_exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's hook: turn every expected error into the one answer shape."""
    if (down := unavailable(error)) is not None:
        logger.error("%s: %s", down.code, error)
        error = down
    if isinstance(error, Problem):
        set_rollback()
        return _answer(error.status, error.code, error.message, error.details)
    if isinstance(error, Http404):
        return _answer(404, "not_found", NOT_HERE, {})
    if isinstance(error, PermissionDenied):
        return _answer(403, "not_allowed", str(error) or "You may not do this.", {})
    if isinstance(error, exceptions.ValidationError):
        set_rollback()
        return _answer(422, "invalid", _field_sentence(error.detail), {"fields": error.detail})
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


def _field_sentence(detail: Any) -> str:
    """The first complaint, with the field it is about: ``licence: This field may not be blank.``"""
    path: list[str] = []
    while isinstance(detail, Mapping | list) and detail:
        if isinstance(detail, Mapping):
            name, detail = next(iter(detail.items()))
            if name != "non_field_errors":
                path.append(str(name))
        else:
            detail = next((part for part in detail if part), "")
    return f"{'.'.join(path)}: {detail}" if path else str(detail)
