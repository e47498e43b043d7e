"""The canonical landmark scheme: iBUG-68 (300-W), 0-based (spec landmarks.md, first table)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

POINTS: Final = 68

Landmarks = NDArray[np.float32]
"""Shape (68, 2), columns x, y in pixels of the upright image (continuous frame)."""

REGIONS: Final[dict[str, range]] = {
    "jaw": range(17),
    "brows": range(17, 27),
    "nose": range(27, 36),
    "eyes": range(36, 48),
    "lips": range(48, 68),
}
"""The five regions that keep one colour everywhere."""

CURVES: Final[tuple[tuple[str, tuple[int, ...], bool], ...]] = (
    ("jaw", tuple(range(17)), False),
    ("brows", tuple(range(17, 22)), False),
    ("brows", tuple(range(22, 27)), False),
    ("nose", tuple(range(27, 31)), False),
    ("nose", tuple(range(31, 36)), False),
    ("eyes", tuple(range(36, 42)), True),
    ("eyes", tuple(range(42, 48)), True),
    ("lips", tuple(range(48, 60)), True),
    ("lips", tuple(range(60, 68)), True),
)
"""Curves for drawing: (region, indices in order, closed)."""

FLIP: Final[NDArray[np.intp]] = np.array(
    [
        *range(16, -1, -1),
        *range(26, 16, -1),
        *range(27, 31),
        *range(35, 30, -1),
        *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
        *range(54, 47, -1),
        *range(59, 54, -1),
        *(64, 63, 62, 61, 60, 67, 66, 65),
    ],
    dtype=np.intp,
)
"""Point i of a flipped face is point FLIP[i] of the original (T34); applying it twice changes nothing."""

LEFT_EYE_OUTER: Final = 36
RIGHT_EYE_OUTER: Final = 45


def flip_landmarks(landmarks: ArrayLike, width: float) -> Landmarks:
    """Mirror (68, 2) points of an image ``width`` pixels wide: x -> width - x, and permute (T34)."""
    points = np.array(landmarks, dtype=np.float32)[FLIP]
    points[:, 0] = width - points[:, 0]
    return points


def interocular(landmarks: ArrayLike) -> float:
    """Distance in pixels between the outer eye corners 36 and 45, the 300-W normaliser (T45)."""
    points = np.asarray(landmarks, dtype=np.float64)
    return float(np.linalg.norm(points[RIGHT_EYE_OUTER] - points[LEFT_EYE_OUTER]))


def roll_degrees(landmarks: ArrayLike) -> float:
    """In-plane rotation in degrees, clockwise positive: the slope of the line between the eye centres."""
    points = np.asarray(landmarks, dtype=np.float64)
    dx, dy = points[42:48].mean(axis=0) - points[36:42].mean(axis=0)
    return float(np.degrees(np.arctan2(dy, dx)))
