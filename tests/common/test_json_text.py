"""JSON as it comes in and goes out: the quick way says the same as the thorough one, or nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from rest_framework.renderers import JSONRenderer

from annotator.common.parsers import DEEPEST, LARGEST_INTEGER, json_read, quickly_read, unstorable
from annotator.common.renderers import JsonRenderer
from annotator.work.models import PassKind, Priority


@pytest.mark.parametrize(
    "body",
    [
        '{"labels": {"box": [1, 2.5, 3e2, 4], "age": null, "flags": ["Größe"]}, "ok": true}',
        str(10**18 - 1),
        "[" * DEEPEST + "]" * DEEPEST,
        '{"a": 1, "a": 2}',
        "-0.1234567890123456",
    ],
)
def test_it_reads_ordinary_bodies_as_the_thorough_way_does(body: str) -> None:
    read = quickly_read(body.encode())
    assert read == json_read(body)
    assert unstorable(read) is None


@pytest.mark.parametrize(
    "body",
    [
        b"[NaN]",
        b"[-Infinity]",
        b"[1e999]",
        str(LARGEST_INTEGER + 1).encode(),
        str(-(2**64)).encode(),
        b'["\\u0000"]',
        b'["a\\ud800b"]',
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1),
        b"[" * 5000 + b"]" * 5000,
        b"{",
        b'["\xff"]',
        b"",
    ],
)
def test_it_leaves_everything_else_to_the_thorough_way(body: bytes) -> None:
    assert quickly_read(body) is None


def test_it_writes_what_the_frameworks_renderer_writes() -> None:
    answer: dict[str, Any] = {
        "until": datetime(2026, 11, 24, 13, 5, 7, 123456, tzinfo=UTC),
        "whole": datetime(2026, 11, 24, 13, 5, 7, tzinfo=UTC),
        "token": UUID(int=7),
        "kind": PassKind.CHECK,
        "level": Priority.URGENT,
        "by_kind": {PassKind.SWEEP: 1, 7: "seven"},
        "box": (0.1, -1.5, 1e-7, 123456.78125),
        "text": "Größe </script>",
        "nothing": None,
        "share": Decimal("0.25"),
    }
    assert json.loads(JsonRenderer().render(answer)) == json.loads(JSONRenderer().render(answer))
    assert JsonRenderer().render(None) == JSONRenderer().render(None) == b""
