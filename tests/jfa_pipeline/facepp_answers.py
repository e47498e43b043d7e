"""Answers in the layout of the Face++ Detect API, made up here, and where the research data lie."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

DATA_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data"

_MIRROR = {"left": "right", "right": "left"}


def _ring(
    prefix: str, centre: tuple[float, float], size: tuple[float, float], names: dict[str, float]
) -> dict[str, tuple[float, float]]:
    return {
        prefix + name: (
            centre[0] + size[0] * math.cos(math.radians(angle)),
            centre[1] + size[1] * math.sin(math.radians(angle)),
        )
        for name, angle in names.items()
    }


def synthetic_83() -> dict[str, tuple[float, float]]:
    """A face about x = 100, 200 pixels wide, every point different; not symmetric, so that swaps show."""
    points: dict[str, tuple[float, float]] = {"contour_chin": (101, 185)}
    for i in range(1, 10):
        points[f"contour_left{i}"] = (30 + i * i * 0.8, 70 + i * 11)
        points[f"contour_right{i}"] = (171 - i * i * 0.75, 71 + i * 11)
    eye = {
        "left_corner": 180, "upper_left_quarter": 225, "top": 270, "upper_right_quarter": 315,
        "right_corner": 0, "lower_right_quarter": 45, "bottom": 90, "lower_left_quarter": 135,
    }  # fmt: skip
    brow = {
        "left_corner": 180, "upper_left_quarter": 225, "upper_middle": 270, "upper_right_quarter": 315,
        "right_corner": 0, "lower_right_quarter": 30, "lower_middle": 90, "lower_left_quarter": 150,
    }  # fmt: skip
    for side, x in (("left", 70.0), ("right", 131.0)):
        points |= _ring(f"{side}_eye_", (x, 80), (14, 6), eye)
        points[f"{side}_eye_center"], points[f"{side}_eye_pupil"] = (x, 80), (x + 1, 80)
        points |= _ring(f"{side}_eyebrow_", (x, 62), (18, 5), brow)
        sign = -1 if side == "left" else 1
        points[f"nose_{side}"] = (100 + sign * 16, 122)
        for i in range(1, 4):
            points[f"nose_contour_{side}{i}"] = (100 + sign * (4 + 4 * (2 - abs(i - 2))), 80 + 17 * i)
        points[f"mouth_{side}_corner"] = (100 + sign * 26, 150)
        for lip, y in (("upper", 145), ("lower", 155)):
            for i in range(1, 4):
                points[f"mouth_{lip}_lip_{side}_contour{i}"] = (100 + sign * (6 + 5 * i), y + i * 0.5)
    points |= {
        "nose_tip": (100, 118), "nose_contour_lower_middle": (100, 131),
        "mouth_upper_lip_top": (100, 143), "mouth_upper_lip_bottom": (100, 148),
        "mouth_lower_lip_top": (100, 152), "mouth_lower_lip_bottom": (100, 160),
    }  # fmt: skip
    assert len(points) == 83
    return points


def mirrored_83(points: dict[str, tuple[float, float]], *, width: float) -> dict[str, tuple[float, float]]:
    """The same face in the mirror: x -> width - x and every left and right in a name exchanged."""
    names = set(points)
    result = {}
    for name, (x, y) in points.items():
        mirror = "_".join(_swap(word) for word in name.split("_"))
        assert mirror in names, mirror
        result[mirror] = (width - x, y)
    return result


def _swap(word: str) -> str:
    for side, other in _MIRROR.items():
        if word.startswith(side):
            return other + word[len(side) :]
    return word


def detect_answer(faces: int = 1, *, with_details: int = 5) -> dict[str, Any]:
    """A Detect answer: ``faces`` faces, points and attributes for the first ``with_details`` only."""
    return {
        "request_id": "1,2-3",
        "time_used": 300,
        "image_id": "x",
        "face_num": faces,
        "faces": [face_answer(i, details=i < with_details) for i in range(faces)],
    }


def face_answer(number: int, *, details: bool = True) -> dict[str, Any]:
    """Face ``number`` lies 200 pixels further right than the one before."""
    shift = 200 * number
    face: dict[str, Any] = {
        "face_token": f"token{number}",
        "face_rectangle": {"left": 30 + shift, "top": 50, "width": 140, "height": 140},
    }
    if details:
        face["landmark"] = {name: {"x": x + shift, "y": y} for name, (x, y) in synthetic_83().items()}
        face["attributes"] = {
            "gender": {"value": "Female"},
            "age": {"value": 20 + number},
            "ethnicity": {"value": "ASIAN"},
        }
    return face
