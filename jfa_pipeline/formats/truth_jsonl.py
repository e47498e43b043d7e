"""Human labels of benchmark photographs: ``truth.jsonl``, one face a line.

{"file", "source", "scheme", "points", "box"}: points and box in 0-based pixels of the stored image, a null
point was not labelled, box = [x1, y1, x2, y2] or null. Points get + 0.5 into the continuous frame (spec
models.md, Part 8); a box's numbers are edges already.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import POINTS
from jfa_pipeline.steps.landmarks98 import WFLW_POINTS, ibug68_from_98

IBUG68: Final = "ibug68"
WFLW98: Final = "wflw98"
_POINTS_OF: Final = {IBUG68: POINTS, WFLW98: WFLW_POINTS}


class TruthInvalid(ValueError):
    """A line of a truth file that cannot be read; the message names file and line."""


@dataclass(frozen=True, slots=True, eq=False)
class TruthFace:
    """One labelled face. points: (N, 2), NaN where not labelled, None without points; continuous frame.

    scheme None: the photograph has a box for every clear face, so that false detections can be counted.
    """

    file: str
    source: str
    scheme: str | None
    points: NDArray[np.float64] | None
    box: Box | None

    def landmarks68(self) -> NDArray[np.float64] | None:
        """(68, 2) iBUG landmarks where the scheme has them exactly (ibug68, wflw98), else None."""
        if self.points is None:
            return None
        if self.scheme == IBUG68:
            return self.points
        return ibug68_from_98(self.points) if self.scheme == WFLW98 else None

    def extent(self) -> Box | None:
        """The labelled box, or the one around the labelled points."""
        if self.box is not None or self.points is None:
            return self.box
        around = Box(*np.nanmin(self.points, axis=0), *np.nanmax(self.points, axis=0))
        return around if around.is_proper() else None


def read_truth(path: Path) -> list[TruthFace]:
    """Every face of a truth file, in order; blank lines are skipped. Raises TruthInvalid."""
    faces: list[TruthFace] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            faces.append(_face(json.loads(line)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise TruthInvalid(f"{path.name}, line {number}: {type(error).__name__}: {error}.") from error
    return faces


def _face(data: Mapping[str, Any]) -> TruthFace:
    scheme = data.get("scheme")
    points = None
    if data.get("points") is not None:
        rows = [(np.nan, np.nan) if p is None or None in p else (p[0], p[1]) for p in data["points"]]
        points = np.array(rows, dtype=np.float64).reshape(-1, 2) + 0.5
        if len(points) != _POINTS_OF.get(scheme or "", len(points)):
            raise ValueError(f"{scheme} does not have {len(points)} points")
    box = None if data.get("box") is None else Box(*(float(edge) for edge in data["box"]))
    if box is not None and not box.is_proper():
        raise ValueError(f"{tuple(box)} is no box")
    return TruthFace(
        file=str(data["file"]), source=str(data.get("source", "")), scheme=scheme, points=points, box=box
    )
