"""300-W ``.pts`` files: 68 points, coordinates counted from 1 (spec landmarks.md).

1-based index = continuous + 0.5: the first pixel's centre is 1 there and 0.5 in the continuous frame.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import numpy as np

from jfa_pipeline.core.ibug68 import POINTS, Landmarks
from jfa_pipeline.core.labels import LabelsInvalid

_INDEX_OF_CONTINUOUS: Final = 0.5
_LAYOUT: Final = re.compile(r"version:\s*\d+\s+n_points:\s*(\d+)\s*\{([^}]*)\}\s*", re.ASCII)


class PtsInvalid(ValueError):
    """A file that is no 68-point .pts file; the message names it."""


def read_pts(path: Path) -> Landmarks:
    """(68, 2) float32 landmarks in the continuous frame. Raises PtsInvalid."""
    found = _LAYOUT.fullmatch(path.read_text(encoding="ascii", errors="replace").lstrip("\ufeff \r\n\t"))
    if found is None:
        raise PtsInvalid(f"{path.name} is not laid out as a .pts file (version, n_points, points in braces).")
    try:
        numbers = np.array(found[2].split(), dtype=np.float64)
    except ValueError as error:
        raise PtsInvalid(f"{path.name}: {error}.") from error
    if int(found[1]) != POINTS or numbers.shape != (2 * POINTS,):
        raise PtsInvalid(
            f"{path.name} has {len(numbers) // 2} points and promises {found[1]}; 68 are needed."
        )
    return (numbers.reshape(POINTS, 2) - _INDEX_OF_CONTINUOUS).astype(np.float32)


def write_pts(path: Path, landmarks: Landmarks) -> None:
    """Write (68, 2) landmarks of the continuous frame. Raises LabelsInvalid if one is not finite: .pts has no gaps."""
    points = np.asarray(landmarks, dtype=np.float64)
    if points.shape != (POINTS, 2) or not np.isfinite(points).all():
        raise LabelsInvalid("A .pts file needs all 68 points; this face has some missing.")
    lines = [f"{x!r} {y!r}" for x, y in (points + _INDEX_OF_CONTINUOUS).tolist()]
    path.write_text("version: 1\nn_points: 68\n{\n" + "\n".join(lines) + "\n}\n", encoding="ascii")
