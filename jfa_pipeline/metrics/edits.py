"""What people changed of a pre-label: distances and the number of edits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from jfa_pipeline.core.boxes import Box, iou_matrix
from jfa_pipeline.core.ibug68 import REGIONS
from jfa_pipeline.core.labels import MISSING, FaceLabels

POINT_TOLERANCE_BOX_SIDE: Final = 0.01
"""A point counts as moved if it lies further than this part of the box side from where it was; 2 px on 200."""

SIDE_TOLERANCE_BOX_SIDE: Final = 0.01
"""A side of the box counts as moved beyond this part of the box side."""

BOX_SIDES: Final = 4


@dataclass(frozen=True, slots=True)
class Edits:
    """Distance from a pre-label to the accepted labels, and how much a person had to change.

    nme_box_side: mean distance of the points that both have, divided by the square root of the accepted box's area;
    by region as far as a region has such points. age_difference: accepted mean minus pre-label, years.
    gender_changed, ethnicity_changed: None unless both have the attribute. points_moved, sides_moved,
    attributes_changed: the edits; apparent age is asked blind and never an edit. None: there is nothing to compare.
    """

    box_iou: float | None = None
    nme_box_side: float | None = None
    nme_box_side_by_region: dict[str, float] = field(default_factory=dict)
    age_difference: float | None = None
    gender_changed: bool | None = None
    ethnicity_changed: bool | None = None
    points_moved: int = 0
    sides_moved: int = 0
    attributes_changed: int = 0

    @property
    def total(self) -> int:
        """All edits of the face."""
        return self.points_moved + self.sides_moved + self.attributes_changed


def edits_between(before: FaceLabels | None, after: FaceLabels, *, age_mean: float | None = None) -> Edits:
    """What a person did to the pre-label ``before`` to arrive at ``after``; pixels of the same upright image.

    age_mean: the accepted apparent age in years, the mean over people. Without a pre-label everything was given
    by hand: four sides, each point, each attribute. A point that was taken away or put there is moved. Labels that
    a flag took away are no edits beside the flag, and each flag set or cleared is one.
    """
    flags_before = frozenset() if before is None else before.flags
    attributes = len(after.flags ^ flags_before)
    attributes += sum(
        getattr(after, name) is not None and (before is None or getattr(before, name) != getattr(after, name))
        for name in ("gender", "ethnicity")
    )
    if before is None:
        return Edits(points_moved=_placed_count(after), sides_moved=BOX_SIDES, attributes_changed=attributes)
    nme, by_region, points_moved = _points(before, after)
    return Edits(
        box_iou=float(iou_matrix([before.box], [after.box])[0, 0]),
        nme_box_side=nme,
        nme_box_side_by_region=by_region,
        age_difference=None if age_mean is None or before.age is None else age_mean - before.age,
        gender_changed=_changed(before.gender, after.gender),
        ethnicity_changed=_changed(before.ethnicity, after.ethnicity),
        points_moved=points_moved,
        sides_moved=_sides_moved(before.box, after.box),
        attributes_changed=attributes,
    )


def _box_side(box: Box) -> float:
    return math.sqrt(box.width * box.height)


def _sides_moved(before: Box, after: Box) -> int:
    moved = np.abs(np.subtract(before, after)) > SIDE_TOLERANCE_BOX_SIDE * _box_side(after)
    return int(moved.sum())


def _points(before: FaceLabels, after: FaceLabels) -> tuple[float | None, dict[str, float], int]:
    """(mean distance over the box side, the same by region, points moved)."""
    if after.landmarks is None or after.visibility is None:
        return None, {}, 0
    if before.landmarks is None or before.visibility is None:
        return None, {}, _placed_count(after)
    had, has = before.visibility != MISSING, after.visibility != MISSING
    both = had & has
    distances = np.full(len(both), np.nan)
    offsets = before.landmarks[both].astype(np.float64) - after.landmarks[both].astype(np.float64)
    distances[both] = np.linalg.norm(offsets, axis=1) / _box_side(after.box)
    moved = int((distances[both] > POINT_TOLERANCE_BOX_SIDE).sum() + (had ^ has).sum())
    by_region = {
        name: float(distances[list(points)][both[list(points)]].mean())
        for name, points in REGIONS.items()
        if both[list(points)].any()
    }
    return (float(distances[both].mean()) if both.any() else None), by_region, moved


def _placed_count(labels: FaceLabels) -> int:
    return 0 if labels.visibility is None else int((labels.visibility != MISSING).sum())


def _changed(before: str | None, after: str | None) -> bool | None:
    return None if before is None or after is None else before != after
