"""Request bodies: JSON that the database can hold, of a size that a server can hold."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, Final

import orjson
from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import BaseParser

LARGEST_INTEGER: Final = 2**63 - 1
UNSTORABLE_LETTER: Final = re.compile("[\0\ud800-\udfff]")
UNUSUAL: Final = re.compile(rb"\\u|\d{19}")
"""An escaped letter, or digits of which a whole number above LARGEST_INTEGER could be made."""
DEEPEST: Final = 64
"""Lists and objects inside each other; the deepest request of this API has 6."""


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class JsonParser(BaseParser):
    """``application/json`` in UTF-8 without anything that PostgreSQL refuses in a ``text``, ``jsonb`` or number.

    Raises ParseError (400) for what is not JSON, ValidationError (422, with the place) for NaN, infinite or
    huge numbers, NUL characters, half surrogate pairs and endless nesting, BodyTooLarge (413).
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise BodyTooLarge(f"A request may have {most // 1024**2} MB; send less at once.")
        value = quickly_read(body)
        if value is not None:
            return value
        try:
            value = json_read(body)
        except ValueError as error:
            raise ParseError(f"This is not JSON: {error}.") from error
        problem = unstorable(value)
        if problem is not None:
            raise ValidationError({"non_field_errors": [problem]})
        return value


def quickly_read(body: bytes) -> Any:
    """The value of a body that has nothing unusual in it, or None: then it is read slowly, to tell what is wrong.

    orjson refuses NaN, infinite numbers and half surrogate pairs by itself. Escapes (NUL among them) and whole
    numbers that may be too large are looked for in the text, endless nesting in the value.
    """
    if UNUSUAL.search(body):
        return None
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return value if _is_shallow(value, DEEPEST) else None


def _is_shallow(value: Any, left: int) -> bool:
    """Whether at most ``left`` lists and objects are inside each other."""
    kind = type(value)
    if kind is not list and kind is not dict:
        return True
    if left == 0:
        return False
    for inner in value if kind is list else value.values():
        kind = type(inner)
        if (kind is list or kind is dict) and not _is_shallow(inner, left - 1):
            return False
    return True


def json_read(text: str | bytes) -> Any:
    """The value of a JSON text. Raises ValueError, with the reason, for everything that is not JSON in UTF-8."""
    try:
        return json.loads(text.decode() if isinstance(text, bytes) else text)
    except RecursionError as error:
        raise ValueError("it has too many lists or objects inside each other") from error


def unstorable(value: Any, place: str = "", depth: int = 0) -> str | None:
    """What in a parsed JSON value cannot be stored, with its place: ``labels.flags.0: ...``; None if all can."""
    if depth > DEEPEST:
        return f"More than {DEEPEST} lists or objects are inside each other."
    found: str | None = None
    if isinstance(value, Mapping):
        for key, inner in value.items():
            where = f"{place}.{key}" if place else str(key)
            found = found or _text_problem(key, "a key") or unstorable(inner, where, depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found = found or unstorable(inner, f"{place}.{number}" if place else str(number), depth + 1)
    elif isinstance(value, str):
        found = _text_problem(value, place)
    elif isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        found = f"{place or 'the number'}: a whole number is at most {LARGEST_INTEGER}."
    elif isinstance(value, float) and not math.isfinite(value):
        found = f"{place or 'the number'}: a number has to be finite."
    return found


def _text_problem(text: str, place: str) -> str | None:
    found = UNSTORABLE_LETTER.search(text)
    if found is None:
        return None
    what = "NUL characters" if found.group() == "\0" else "halves of surrogate pairs"
    return f"{place or 'the text'}: a text may not contain {what}."
