"""Boxes: ``xyxy`` floats in pixels of the upright image, continuous frame (spec models.md, Part 8)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Boxes = NDArray[np.float64]
"""Shape (N, 4), columns x1, y1, x2, y2."""


class Box(NamedTuple):
    """One box. ``x2`` and ``y2`` are exclusive edges in the continuous frame: width = x2 - x1."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        return self.y2 - self.y1

    @property
    def min_side(self) -> float:
        """Length in pixels of the smaller side; the size rule (J06, A23) is about this number."""
        return min(self.width, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    def clipped(self, width: float, height: float) -> Box:
        """The part of the box inside an image of ``width`` x ``height`` pixels."""
        return Box(
            min(max(self.x1, 0.0), width),
            min(max(self.y1, 0.0), height),
            min(max(self.x2, 0.0), width),
            min(max(self.y2, 0.0), height),
        )

    def is_proper(self) -> bool:
        """True if all four numbers are finite and both sides are longer than zero."""
        return all(map(math.isfinite, self)) and self.width > 0 and self.height > 0


def iou_matrix(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Intersection over union of every pair.

    a: (N, 4) boxes, b: (M, 4) boxes, continuous xyxy. Returns (N, M) float64 in [0, 1]; a pair whose
    union has no area gets 0. Computed in float64, so that ties near a threshold do not depend on the
    storage type (P7-01, P7-06).
    """
    first = np.asarray(a, dtype=np.float64).reshape(-1, 4)
    second = np.asarray(b, dtype=np.float64).reshape(-1, 4)
    top_left = np.maximum(first[:, None, :2], second[None, :, :2])
    bottom_right = np.minimum(first[:, None, 2:], second[None, :, 2:])
    overlap = np.clip(bottom_right - top_left, 0, None).prod(axis=2)
    union = areas(first)[:, None] + areas(second)[None, :] - overlap
    shares: NDArray[np.float64] = np.divide(overlap, union, out=np.zeros_like(overlap), where=union > 0)
    return shares


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, in [0, 1]; what ``iou_matrix`` has for them, without its arrays."""
    overlap = max(min(a[2], b[2]) - max(a[0], b[0]), 0.0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)
    union = _area(a) + _area(b) - overlap
    return float(overlap / union) if union > 0 else 0.0


def _area(box: Box) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def areas(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) areas in square pixels of (N, 4) boxes; a box turned inside out has area 0."""
    sides = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None)
    return np.asarray(sides.prod(axis=1))
