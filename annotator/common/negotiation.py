"""Which renderer answers a request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

ANY_JSON: Final = frozenset({"", "*/*", "application/json"})
JSON: Final = "application/json"


class JsonNegotiation(DefaultContentNegotiation):
    """The framework's; a request that takes any JSON gets it without its Accept header being taken apart."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        known = list(renderers)
        if known[0].media_type == JSON and request.META.get("HTTP_ACCEPT", "") in ANY_JSON:
            return known[0], JSON
        chosen: tuple[Any, str] = super().select_renderer(request, known, format_suffix)
        return chosen
