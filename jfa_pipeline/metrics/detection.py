"""Detection: matching, precision and recall, average precision (T44)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jfa_pipeline.core.boxes import areas, iou_matrix

Matching = Literal["voc", "coco"]
Interpolation = Literal["all_point", "eleven_point", "coco_101"]

RECALL_STEPS_VOC: Final = np.linspace(0.0, 1.0, 11)
RECALL_STEPS_COCO: Final = np.linspace(0.0, 1.0, 101)
_ROUNDING: Final = 1e-12


class Outcome(IntEnum):
    """What became of a detection."""

    FALSE_POSITIVE = 0
    TRUE_POSITIVE = 1
    IGNORED = 2


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """One image's detections against its true boxes, in the detections' own order.

    outcome: (N,) Outcome; truth: (N,) row of the matched true box or -1.
    """

    outcome: NDArray[np.int64]
    truth: NDArray[np.int64]


def match(
    truth: ArrayLike,
    detections: ArrayLike,
    scores: ArrayLike,
    *,
    ignore: ArrayLike | None = None,
    iou_min: float = 0.5,
    matching: Matching = "voc",
) -> Matches:
    """Give each detection of one image its outcome; a match needs IoU > ``iou_min``, strictly (T44).

    truth: (M, 4), detections: (N, 4) continuous xyxy boxes, scores: (N,), ignore: (M,) True for regions that
    count neither way. "voc": a detection is judged by the true box it overlaps most, so a second one on the
    same face is false. "coco": it takes the best box still free, and an ignore region swallows what lies
    mostly inside it (overlap over the detection's own area), as pycocotools does with crowds.
    """
    true = np.asarray(truth, dtype=np.float64).reshape(-1, 4)
    found = np.asarray(detections, dtype=np.float64).reshape(-1, 4)
    order = np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")
    skip = np.zeros(len(true), bool) if ignore is None else np.asarray(ignore, dtype=bool)
    overlaps = iou_matrix(found, true)
    if matching == "coco" and skip.any():
        overlaps[:, skip] = _share_inside(found, true[skip])
    taken = np.zeros(len(true), bool)
    outcome = np.full(len(found), Outcome.FALSE_POSITIVE, dtype=np.int64)
    matched = np.full(len(found), -1, dtype=np.int64)
    for row in order:
        column = _choice(overlaps[row], taken, skip, iou_min, matching)
        if column is None:
            continue
        if skip[column]:
            outcome[row], matched[row] = Outcome.IGNORED, column
        elif not taken[column]:
            taken[column] = True
            outcome[row], matched[row] = Outcome.TRUE_POSITIVE, column
    return Matches(outcome, matched)


def _choice(
    overlap: NDArray[np.float64],
    taken: NDArray[np.bool_],
    skip: NDArray[np.bool_],
    iou_min: float,
    matching: Matching,
) -> int | None:
    """The true box a detection is judged by; None if none overlaps enough."""
    pools = [np.ones_like(taken)] if matching == "voc" else [~taken & ~skip, skip]
    for pool in pools:
        eligible = np.where(pool, overlap, -1.0)
        if eligible.size and eligible.max() > iou_min:
            return int(eligible.argmax())
    return None


def _share_inside(found: NDArray[np.float64], regions: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, R) part of each detection's area that lies inside each region."""
    top_left = np.maximum(found[:, None, :2], regions[None, :, :2])
    bottom_right = np.minimum(found[:, None, 2:], regions[None, :, 2:])
    inside = np.clip(bottom_right - top_left, 0, None).prod(axis=2)
    own = areas(found)[:, None]
    return np.asarray(np.divide(inside, own, out=np.zeros_like(inside), where=own > 0))


@dataclass(slots=True)
class DetectionScore:
    """Collects images one by one; figures are over all of them (scores ranked globally, stable)."""

    iou_min: float = 0.5
    matching: Matching = "voc"
    truth_n: int = 0
    _scores: list[float] = field(default_factory=list)
    _hits: list[bool] = field(default_factory=list)

    def add(
        self, truth: ArrayLike, detections: ArrayLike, scores: ArrayLike, *, ignore: ArrayLike | None = None
    ) -> Matches:
        """Judge one image (see ``match``) and keep its outcomes."""
        found = match(truth, detections, scores, ignore=ignore, iou_min=self.iou_min, matching=self.matching)
        boxes = np.asarray(truth, dtype=np.float64).reshape(-1, 4)
        self.truth_n += len(boxes) if ignore is None else int((~np.asarray(ignore, dtype=bool)).sum())
        counted = found.outcome != Outcome.IGNORED
        self._scores.extend(np.asarray(scores, dtype=np.float64)[counted].tolist())
        self._hits.extend((found.outcome[counted] == Outcome.TRUE_POSITIVE).tolist())
        return found

    @property
    def detections_n(self) -> int:
        """Detections that count: true and false positives, without ignored ones."""
        return len(self._hits)

    @property
    def hits_n(self) -> int:
        return sum(self._hits)

    @property
    def recall(self) -> float | None:
        """Share of the true boxes found; None without any."""
        return self.hits_n / self.truth_n if self.truth_n else None

    @property
    def precision(self) -> float | None:
        """Share of the counted detections that are true; None without any."""
        return self.hits_n / self.detections_n if self.detections_n else None

    def curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(precision, recall) over all images, each (N,), see ``precision_recall``."""
        return precision_recall(self._hits, self._scores, self.truth_n)

    def average_precision(self, interpolation: Interpolation = "all_point") -> float | None:
        """AP over all images; None if no true box counts, 0 if none was found."""
        return average_precision(self._hits, self._scores, self.truth_n, interpolation=interpolation)


def precision_recall(
    hits: Iterable[bool], scores: ArrayLike, truth_n: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(precision, recall), each (N,), after each detection in order of falling score."""
    order = np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")
    true = np.cumsum(np.array(list(hits), dtype=np.float64)[order])
    return true / np.arange(1, len(true) + 1), true / max(truth_n, 1)


def average_precision(
    hits: Iterable[bool], scores: ArrayLike, truth_n: int, *, interpolation: Interpolation = "all_point"
) -> float | None:
    """Area under the precision-recall curve with falling precision made monotone (T44, P7-25).

    all_point: exact area (VOC 2010 on); eleven_point: VOC 2007; coco_101: pycocotools. None if truth_n is 0.
    """
    if truth_n == 0:
        return None
    precision, recall = precision_recall(hits, scores, truth_n)
    if len(precision) == 0:
        return 0.0
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    if interpolation == "all_point":
        return float((np.diff(recall, prepend=0.0) * envelope).sum())
    # pycocotools compares without tolerance, so that 0.56 found may miss the step 0.56; figures must agree.
    steps = RECALL_STEPS_VOC - _ROUNDING if interpolation == "eleven_point" else RECALL_STEPS_COCO
    at = np.searchsorted(recall, steps, side="left")
    return float(np.append(envelope, 0.0)[at].mean())
