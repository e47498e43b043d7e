"""A new model's boxes on an image that already has faces: which of them are those faces, which are new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from jfa_pipeline.core.boxes import Box, iou_matrix

SAME_IOU: Final = 0.5
"""From this IoU on a new box is about the face that is there already."""


@dataclass(frozen=True, slots=True)
class Rematch:
    """pairs: new box -> face. fresh: new boxes that are about no face, neither a standing nor a rejected one."""

    pairs: dict[int, int]
    fresh: list[int]


def rematch_boxes(
    new: Sequence[Box], standing: Sequence[Box], rejected: Sequence[Box], *, same_iou: float = SAME_IOU
) -> Rematch:
    """Give each standing face at most one new box, best overlap first; boxes in pixels of the same image.

    A new box that overlaps a face which already got a better one, or a face that people rejected, is dropped: no
    face is there twice, and a rejected one does not come back. Ties go to the earlier new box.
    """
    if not new:
        return Rematch({}, [])
    overlap = iou_matrix(new, standing)
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    rows, columns = np.nonzero(overlap >= same_iou)
    order = np.lexsort((columns, rows, -overlap[rows, columns]))
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in pairs and column not in taken:
            pairs[row] = column
            taken.add(column)
    known = [*standing, *rejected]
    nearest = iou_matrix(new, known).max(axis=1) if known else np.zeros(len(new))
    fresh = [row for row in range(len(new)) if row not in pairs and nearest[row] < same_iou]
    return Rematch(pairs, fresh)
