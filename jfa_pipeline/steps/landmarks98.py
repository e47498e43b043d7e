"""WFLW's 98 points to iBUG-68: every one of the 68 is among the 98 (spec landmarks.md)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

WFLW_POINTS: Final = 98

IBUG68_IN_WFLW98: Final[tuple[int, ...]] = (
    *range(0, 33, 2),
    *range(33, 38),
    *range(42, 47),
    *range(51, 60),
    *(60, 61, 63, 64, 65, 67),
    *(68, 69, 71, 72, 73, 75),
    *range(76, 88),
    *range(88, 96),
)
"""iBUG index -> WFLW index."""


def ibug68_from_98(points: ArrayLike) -> NDArray[np.float64]:
    """(68, 2) of (98, 2) points, in the same frame. Raises ValueError for another shape."""
    given = np.asarray(points, dtype=np.float64)
    if given.shape != (WFLW_POINTS, 2):
        raise ValueError(f"WFLW has {WFLW_POINTS} points of two numbers, got {given.shape}.")
    return given[list(IBUG68_IN_WFLW98)]
