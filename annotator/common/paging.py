"""Keyset pages: a list continues after the last row seen, however far down; never OFFSET.

A view that lists rows calls ``keyset_page`` and answers ``page_json``; its schema is
``@extend_schema(parameters=PAGE_PARAMETERS, responses=page_of(RowSerializer))``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Generic, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request

from annotator.common.errors import Invalid

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")

DEFAULT_LIMIT: Final = 50
LARGEST_LIMIT: Final = 200

PAGE_PARAMETERS: Final = [
    OpenApiParameter("cursor", str, description="The `next` of the page before; leave it out for the first."),
    OpenApiParameter(
        "limit", int, description=f"Rows a page, 1 to {LARGEST_LIMIT}; {DEFAULT_LIMIT} if left out."
    ),
]


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some rows, and where the next page starts (None: these were the last)."""

    results: list[Item]
    next: str | None


def cursor_of(key: int) -> str:
    """The opaque form of the last row's id."""
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def cursor_key(cursor: str) -> int:
    """The id inside a cursor; raises Invalid for one that this server did not make."""
    try:
        return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise Invalid(
            "cursor", "This cursor was not made by this server: start from the first page."
        ) from error


def page_bounds(request: Request) -> tuple[int | None, int]:
    """(id of the last row seen or None, number of rows asked for) of a list request.

    Raises Invalid for a cursor or limit that cannot be read.
    """
    cursor = request.query_params.get("cursor")
    asked = request.query_params.get("limit")
    if asked is not None and not (asked.isascii() and asked.isdigit() and 1 <= int(asked) <= LARGEST_LIMIT):
        raise Invalid("limit", f"limit is a whole number from 1 to {LARGEST_LIMIT}.")
    return cursor_key(cursor) if cursor else None, int(asked) if asked else DEFAULT_LIMIT


def keyset_page(
    queryset: QuerySet[Row], *, request: Request, newest_first: bool = False, key: str = "id"
) -> Page[Row]:
    """One page of ``queryset`` ordered by its unique column ``key``; one query, whatever the page.

    Raises Invalid for a cursor or limit that cannot be read.
    """
    after, limit = page_bounds(request)
    if after is not None:
        queryset = queryset.filter(**{f"{key}__{'lt' if newest_first else 'gt'}": after})
    rows = list(queryset.order_by(f"-{key}" if newest_first else key)[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, cursor_of(getattr(rows[-1], key)) if more else None)


def page_json(page: Page[Item], shape: Callable[[Item], Any]) -> dict[str, Any]:
    """The answer of a list endpoint."""
    return {"results": [shape(row) for row in page.results], "next": page.next}


@cache
def page_of(row: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """The schema of a page of ``row``."""
    return inline_serializer(
        f"{row.__name__.removesuffix('Serializer')}Page",
        {"results": row(many=True), "next": serializers.CharField(allow_null=True)},
    )
