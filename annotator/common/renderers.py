"""Answers as JSON, written by orjson: a claim of ten faces carries 1,400 points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

_ENCODER = JSONEncoder()
_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z


class JsonRenderer(JSONRenderer):
    """The same text as the renderer of the framework, but for the spaces that it leaves out."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=_ENCODER.default, option=_OPTIONS)
