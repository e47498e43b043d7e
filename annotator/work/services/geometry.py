"""Whether labels fit the photograph they are about."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from annotator.images.models import Image
from jfa_pipeline.core.boxes import Box, iou
from jfa_pipeline.core.labels import MISSING, FaceLabels
from jfa_pipeline.core.policy import Violation

INSIDE_MIN: Final = 0.5
"""A box is cut to the image if at least this share of it lies inside (IoU of the box with its part inside)."""

REACH: Final = 1.0
"""Landmarks may lie outside the box by this many times its longer side: caps, chins and turned heads do."""


def box_inside(*, box: Box, image: Image) -> Box | None:
    """The box cut to the upright image; None if less than INSIDE_MIN of it is inside."""
    cut = box.clipped(image.width, image.height)
    return cut if cut.is_proper() and iou(cut, box) >= INSIDE_MIN else None


def labels_fit(*, labels: FaceLabels, image: Image) -> tuple[FaceLabels, list[Violation]]:
    """The labels with their box cut to the image, and what is wrong with where they are."""
    cut = box_inside(box=labels.box, image=image)
    if cut is None:
        return labels, [
            Violation(
                "box_outside",
                "box",
                f"Most of this box lies outside the image ({image.width} x {image.height} pixels): "
                "draw it around the part of the face that can be seen.",
            )
        ]
    far = _points_far_away(labels=labels, box=cut)
    fitted = labels if cut == labels.box else replace(labels, box=cut)
    if not far:
        return fitted, []
    return fitted, [
        Violation(
            "landmarks_far",
            "landmarks",
            f"{far} landmark points lie further from the box than the box is long: "
            "move them to the face, or remove them.",
        )
    ]


def _points_far_away(*, labels: FaceLabels, box: Box) -> int:
    if labels.landmarks is None or labels.visibility is None:
        return 0
    points = labels.landmarks[labels.visibility != MISSING].astype(np.float64)
    reach = REACH * max(box.width, box.height)
    low = np.array([box.x1, box.y1]) - reach
    high = np.array([box.x2, box.y2]) + reach
    return int(((points < low) | (points > high)).any(axis=1).sum())


def box_turned(*, box: Box, degrees: int, width: float, height: float) -> Box:
    """The box after its ``width`` x ``height`` image was turned clockwise by 90, 180 or 270 degrees."""
    x1, y1, x2, y2 = box
    if degrees == 90:
        return Box(height - y2, x1, height - y1, x2)
    if degrees == 180:
        return Box(width - x2, height - y2, width - x1, height - y1)
    if degrees == 270:
        return Box(y1, width - x2, y2, width - x1)
    raise ValueError(f"An image is turned by 90, 180 or 270 degrees, not {degrees}.")
