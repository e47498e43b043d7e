"""Step 3 of the construction (J04): Face++'s 83 named points become iBUG-68 (spec landmarks.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.ibug68 import POINTS, Landmarks

CONTOUR_LEFT: Final = tuple(f"contour_left{i}" for i in range(1, 10))
CONTOUR_RIGHT: Final = tuple(f"contour_right{i}" for i in range(9, 0, -1))
CHIN: Final = "contour_chin"
_JAW_POINTS_PER_SIDE: Final = 9

_BROW: Final = ("left_corner", "upper_left_quarter", "upper_middle", "upper_right_quarter", "right_corner")
_EYE: Final = (
    "left_corner",
    "upper_left_quarter",
    "upper_right_quarter",
    "right_corner",
    "lower_right_quarter",
    "lower_left_quarter",
)

DIRECT: Final[dict[int, str]] = {
    **{17 + i: f"left_eyebrow_{name}" for i, name in enumerate(_BROW)},
    **{22 + i: f"right_eyebrow_{name}" for i, name in enumerate(_BROW)},
    30: "nose_tip",
    31: "nose_left",
    32: "nose_contour_left3",
    33: "nose_contour_lower_middle",
    34: "nose_contour_right3",
    35: "nose_right",
    **{36 + i: f"left_eye_{name}" for i, name in enumerate(_EYE)},
    **{42 + i: f"right_eye_{name}" for i, name in enumerate(_EYE)},
    48: "mouth_left_corner",
    49: "mouth_upper_lip_left_contour2",
    50: "mouth_upper_lip_left_contour1",
    51: "mouth_upper_lip_top",
    52: "mouth_upper_lip_right_contour1",
    53: "mouth_upper_lip_right_contour2",
    54: "mouth_right_corner",
    55: "mouth_lower_lip_right_contour2",
    56: "mouth_lower_lip_right_contour3",
    57: "mouth_lower_lip_bottom",
    58: "mouth_lower_lip_left_contour3",
    59: "mouth_lower_lip_left_contour2",
    61: "mouth_upper_lip_left_contour3",
    62: "mouth_upper_lip_bottom",
    63: "mouth_upper_lip_right_contour3",
    65: "mouth_lower_lip_right_contour1",
    66: "mouth_lower_lip_top",
    67: "mouth_lower_lip_left_contour1",
}
"""iBUG index -> Face++ name, where one point is taken over as it is (31 and 35 are lowered afterwards)."""

INNER_CORNERS: Final[dict[int, tuple[str, str, str]]] = {
    60: ("mouth_left_corner", "mouth_upper_lip_left_contour3", "mouth_lower_lip_left_contour1"),
    64: ("mouth_right_corner", "mouth_upper_lip_right_contour3", "mouth_lower_lip_right_contour1"),
}
"""iBUG index -> (corner, upper, lower): 0.3 of the way from the corner to the middle of the other two."""

INNER_CORNER_SHARE: Final = 0.3
NOSTRIL_SHARE: Final = 0.5
_BRIDGE_TOP: Final = ("nose_contour_left1", "nose_contour_right1")
_LOWERED: Final = {31: 32, 35: 34}


class LandmarksIncomplete(ValueError):
    """An answer lacks points that the conversion needs; the message names them."""


def required_names() -> frozenset[str]:
    """The Face++ names that the conversion reads."""
    inner = {name for names in INNER_CORNERS.values() for name in names}
    return frozenset({*CONTOUR_LEFT, CHIN, *CONTOUR_RIGHT, *DIRECT.values(), *inner, *_BRIDGE_TOP})


def ibug68_from_83(points: Mapping[str, tuple[float, float]]) -> Landmarks:
    """(68, 2) float32 in the frame of the given points (name -> x, y; left and right are image sides).

    Raises LandmarksIncomplete if a needed name is missing.
    """
    if missing := required_names() - set(points):
        raise LandmarksIncomplete(f"Points are missing: {', '.join(sorted(missing))}.")

    def at(name: str) -> NDArray[np.float64]:
        return np.array(points[name], dtype=np.float64)

    found = np.zeros((POINTS, 2))
    found[0:9] = resampled([at(n) for n in (*CONTOUR_LEFT, CHIN)], _JAW_POINTS_PER_SIDE)
    found[8:17] = resampled([at(n) for n in (CHIN, *CONTOUR_RIGHT)], _JAW_POINTS_PER_SIDE)
    for index, name in DIRECT.items():
        found[index] = at(name)
    found[27] = (at(_BRIDGE_TOP[0]) + at(_BRIDGE_TOP[1])) / 2
    found[28] = found[27] + (found[30] - found[27]) / 3
    found[29] = found[27] + (found[30] - found[27]) * 2 / 3
    for wing, lower in _LOWERED.items():
        found[wing, 1] += NOSTRIL_SHARE * (found[lower, 1] - found[wing, 1])
    for index, (corner, upper, under) in INNER_CORNERS.items():
        middle = (at(upper) + at(under)) / 2
        found[index] = at(corner) + INNER_CORNER_SHARE * (middle - at(corner))
    return found.astype(np.float32)


def resampled(polyline: Sequence[NDArray[np.float64]], count: int) -> NDArray[np.float64]:
    """``count`` points (count, 2) at equal arc length along a polyline, its two ends included."""
    corners = np.stack(polyline)
    along = np.concatenate([[0.0], np.linalg.norm(np.diff(corners, axis=0), axis=1).cumsum()])
    wanted = np.linspace(0.0, along[-1], count)
    return np.column_stack([np.interp(wanted, along, corners[:, axis]) for axis in (0, 1)])
