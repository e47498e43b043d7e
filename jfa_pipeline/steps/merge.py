"""Step 2 of the construction (J03): what a second detector's boxes do to the first one's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from jfa_pipeline.core.boxes import iou_matrix

REPLACE_ABOVE: Final = 0.7
ADD_BELOW: Final = 0.3


@dataclass(frozen=True, slots=True)
class Merge:
    """What to do, in rows of the two detectors' boxes.

    replaced: first row -> second row whose box takes its place, all other labels staying. added: second rows
    that are new faces. unclear: (first row, second row, IoU) pairs that go to a person.
    """

    replaced: dict[int, int] = field(default_factory=dict)
    added: tuple[int, ...] = ()
    unclear: tuple[tuple[int, int, float], ...] = ()


def merge_boxes(first: ArrayLike, second: ArrayLike) -> Merge:
    """Compare each box of the second detector with the first detector's box it overlaps most (J03).

    first: (N, 4), second: (M, 4) continuous xyxy boxes of one image. IoU > 0.7 replaces that box (of several
    such boxes the one with the highest IoU does), IoU < 0.3 adds a face, anything from 0.3 to 0.7, both ends
    included, goes to a person. The first box of equal overlaps is the one compared with.
    """
    overlaps = iou_matrix(first, second)
    replaced: dict[int, int] = {}
    added: list[int] = []
    unclear: list[tuple[int, int, float]] = []
    for column in range(overlaps.shape[1]):
        row = int(np.argmax(overlaps[:, column])) if overlaps.shape[0] else -1
        overlap = float(overlaps[row, column]) if row >= 0 else 0.0
        if overlap > REPLACE_ABOVE:
            rival = replaced.get(row)
            if rival is None or overlap > overlaps[row, rival]:
                replaced[row] = column
        elif overlap < ADD_BELOW:
            added.append(column)
        else:
            unclear.append((row, column, overlap))
    return Merge(replaced=replaced, added=tuple(added), unclear=tuple(unclear))
