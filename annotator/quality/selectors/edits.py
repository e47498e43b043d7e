"""How far people moved what a model had labelled: the distance from pre-label to accepted label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from annotator.datasets.models import Dataset
from annotator.quality.selectors.tallies import Tallies
from jfa_pipeline.core.ibug68 import POINTS
from jfa_pipeline.core.labels import MISSING

SAMPLE: Final = 1000
"""Newest accepted faces per model that the medians are taken over."""

WINDOW: Final = 5000
"""Newest accepted faces of a dataset that the samples are taken from: a model that was replaced long ago has a
count and no medians any more."""

NEWEST: Final = """
SELECT made_by, prelabel_id, current_id FROM (
    SELECT p.made_by, f.prelabel_id, f.current_id,
           row_number() OVER (PARTITION BY p.made_by ORDER BY f.closed_at DESC, f.id DESC) AS place
    FROM (
        SELECT id, prelabel_id, current_id, closed_at FROM faces_face
        WHERE dataset_id = %(dataset)s AND state = 'accepted' AND closed_at IS NOT NULL
        ORDER BY closed_at DESC LIMIT %(window)s
    ) f JOIN faces_revision p ON p.id = f.prelabel_id
) newest WHERE place <= %(sample)s
"""

# The pairs by number: joined to the query above, the planner would read every landmark of the table.
PAIRS: Final = """
SELECT p.made_by, p.x1, p.y1, p.x2, p.y2, p.landmarks, p.visibility,
       c.x1, c.y1, c.x2, c.y2, c.landmarks, c.visibility
FROM unnest(%s::bigint[], %s::bigint[]) AS pair(before, after)
JOIN faces_revision p ON p.id = pair.before
JOIN faces_revision c ON c.id = pair.after
"""


@dataclass(frozen=True, slots=True)
class EditDistance:
    """Of one model's pre-labels. Medians over its newest SAMPLE among the WINDOW newest accepted faces of the dataset;
    None where none has the label.

    median_landmark_nme: mean point distance over the square root of the mean box area, points placed in both.
    """

    made_by: str
    faces: int
    median_landmark_nme: float | None
    median_box_iou: float | None


def edit_distances(*, dataset: Dataset, counted: Tallies) -> list[EditDistance]:
    """One entry per model whose pre-labels were accepted, by name. Two queries, over at most WINDOW faces."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, {"dataset": dataset.pk, "window": WINDOW, "sample": SAMPLE})
        newest = cursor.fetchall()
        cursor.execute(PAIRS, [[row[1] for row in newest], [row[2] for row in newest]])
        pairs = cursor.fetchall()
    by_maker: dict[str, list[tuple[Any, ...]]] = {}
    for maker, *pair in pairs:
        by_maker.setdefault(maker, []).append(tuple(pair))
    return [
        EditDistance(
            made_by=maker,
            faces=count,
            median_landmark_nme=_median(landmark_nmes_box(by_maker.get(maker, []))),
            median_box_iou=_median(box_ious(by_maker.get(maker, []))),
        )
        for maker, count in sorted(counted.by_value("maker").items())
    ]


def box_ious(rows: list[tuple[Any, ...]]) -> NDArray[np.float64]:
    """(N,) overlap of each row's two boxes (columns 0-3 and 6-9, xyxy)."""
    first, second = _boxes(rows)
    top_left = np.maximum(first[:, :2], second[:, :2])
    bottom_right = np.minimum(first[:, 2:], second[:, 2:])
    overlap = np.clip(bottom_right - top_left, 0, None).prod(axis=1)
    ious: NDArray[np.float64] = overlap / (_areas(first) + _areas(second) - overlap)
    return ious


def landmark_nmes_box(rows: list[tuple[Any, ...]]) -> NDArray[np.float64]:
    """Mean point distance over sqrt(mean box area), for each row with points placed in both versions."""
    both = [row for row in rows if row[4] is not None and row[10] is not None]
    if not both:
        return np.empty(0)
    before, after = _stack(both, 4, "<f4"), _stack(both, 10, "<f4")
    placed = (_stack(both, 5, "u1") != MISSING) & (_stack(both, 11, "u1") != MISSING)
    first, second = _boxes(both)
    scales = np.sqrt((_areas(first) + _areas(second)) / 2)
    offsets = (before - after).reshape(-1, POINTS, 2).astype(np.float64)
    distances = np.where(placed, np.linalg.norm(offsets, axis=2), 0)
    comparable = placed.any(axis=1)
    means = distances[comparable].sum(axis=1) / placed[comparable].sum(axis=1)
    nmes: NDArray[np.float64] = means / scales[comparable]
    return nmes


def _boxes(rows: list[tuple[Any, ...]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    first = np.array([row[0:4] for row in rows], dtype=np.float64).reshape(-1, 4)
    second = np.array([row[6:10] for row in rows], dtype=np.float64).reshape(-1, 4)
    return first, second


def _areas(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    areas: NDArray[np.float64] = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return areas


def _stack(rows: list[tuple[Any, ...]], column: int, dtype: str) -> NDArray[Any]:
    return np.stack([np.frombuffer(row[column], dtype=dtype) for row in rows])


def _median(values: NDArray[np.float64]) -> float | None:
    return float(np.median(values)) if values.size else None
