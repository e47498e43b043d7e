"""What one version of a face's labels changed in another, in words for a person who looks at the chain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from jfa_pipeline.core.boxes import iou
from jfa_pipeline.core.labels import HIDDEN, MISSING, FaceLabels

MOVED_PX: Final = 0.05
"""A point that moved less than this many image pixels was not moved by a person."""


@dataclass(frozen=True, slots=True)
class Change:
    """One part of the labels (box, landmarks, age, gender, ethnicity, flags) and what happened to it."""

    part: str
    text: str


def describe_changes(before: FaceLabels, after: FaceLabels) -> list[Change]:
    """Every difference between a version and the one made on top of it; an empty list if there is none.

    Distances of landmarks are given as percent of the square root of the earlier box's area, over the points
    placed in both versions.
    """
    found = []
    if before.box != after.box:
        found.append(Change("box", f"box changed, IoU {iou(before.box, after.box):.2f}"))
    if text := _landmark_changes(before, after):
        found.append(Change("landmarks", text))
    for part in ("age", "gender", "ethnicity"):
        old, new = getattr(before, part), getattr(after, part)
        if old != new:
            found.append(Change(part, f"{part} {_value(old)} → {_value(new)}"))
    added, cleared = sorted(after.flags - before.flags), sorted(before.flags - after.flags)
    if added or cleared:
        parts = [*(f"{flag} set" for flag in added), *(f"{flag} cleared" for flag in cleared)]
        found.append(Change("flags", ", ".join(parts)))
    return found


def _value(value: float | str | None) -> str:
    if value is None:
        return "none"
    return f"{value:.3g}" if isinstance(value, float | int) else value


def _landmark_changes(before: FaceLabels, after: FaceLabels) -> str:
    if before.landmarks is None or before.visibility is None:
        return "" if after.landmarks is None else "all points added"
    if after.landmarks is None or after.visibility is None:
        return "all points removed"
    parts = []
    placed = (before.visibility != MISSING) & (after.visibility != MISSING)
    distances = np.linalg.norm(
        after.landmarks[placed].astype(np.float64) - before.landmarks[placed].astype(np.float64), axis=1
    )
    if moved := int((distances > MOVED_PX).sum()):
        nme_box = distances.mean() / math.sqrt(before.box.width * before.box.height)
        parts.append(f"{_points(moved)} moved, {100 * nme_box:.1f} % of the box side on average")
    for state, gained, lost in ((MISSING, "removed", "added"), (HIDDEN, "marked hidden", "no longer hidden")):
        was, now = before.visibility == state, after.visibility == state
        if count := int((now & ~was).sum()):
            parts.append(f"{_points(count)} {gained}")
        if count := int((was & ~now).sum()):
            parts.append(f"{_points(count)} {lost}")
    return ", ".join(parts)


def _points(count: int) -> str:
    return "1 point" if count == 1 else f"{count} points"
