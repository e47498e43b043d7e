"""Which faces somebody chose in the explorer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotator.datasets.models import Dataset
from annotator.faces.selectors import FaceFilter
from annotator.work.selectors.blocked import blocked_face_ids


def face_filter(*, dataset: Dataset, given: Mapping[str, Any]) -> FaceFilter:
    """A FaceFilter from validated query keys; ``blocked`` becomes the ids that are blocked now."""
    conditions = dict(given)
    if conditions.pop("blocked", False):
        conditions["ids"] = tuple(blocked_face_ids(dataset=dataset))
    return FaceFilter(**conditions)
