"""How well one person labels, measured on gold faces: errors, habits, speed, and what they let pass (issue 6)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jfa_pipeline.core.boxes import iou
from jfa_pipeline.core.ibug68 import POINTS, REGIONS, roll_degrees
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.metrics.attributes import confusion
from jfa_pipeline.metrics.estimates import Estimate, estimated_mean, estimated_share

Floats = NDArray[np.float64]

WHOLE_FACE: Final = "all"
ATTRIBUTES: Final = ("gender", "ethnicity")


@dataclass(frozen=True, slots=True)
class GoldAnswer:
    """What a person said about a gold face, and the trusted labels. active_seconds: None if not measured."""

    given: FaceLabels
    truth: FaceLabels
    active_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Offset:
    """A person's mean displacement in a region, in box sides: x to the image-right of the upright face, y down.

    length: of the mean vector. is_systematic: both together differ from zero beyond chance (Hotelling's test, 1 %).
    """

    x: Estimate
    y: Estimate
    length: float
    is_systematic: bool


@dataclass(frozen=True, slots=True)
class Skill:
    """A person's record on gold. Each figure has its n and a 95 % interval.

    box_iou: mean. nme_box: mean point distance over the square root of the true box's area, per region and "all".
    offsets: per region. age_bias_years: mean of given minus true; age_mae_years: mean absolute error;
    age_sd_years: standard deviation of the errors around the bias. accuracy: share right of "gender", "ethnicity"
    and "flags" (the whole set). confusion: counts of (given, true) words. waved_through: share of the checks with
    a planted wrong label that the person let pass. sweep_recall: share of the known missed faces that they found.
    seconds_median: active seconds per face; faces_per_hour: faces per active hour.
    """

    faces_n: int
    box_iou: Estimate
    nme_box: dict[str, Estimate]
    offsets: dict[str, Offset]
    age_bias_years: Estimate
    age_mae_years: Estimate
    age_sd_years: float | None
    accuracy: dict[str, Estimate]
    confusion: dict[str, dict[tuple[str, str], int]]
    waved_through: Estimate
    sweep_recall: Estimate
    seconds_median: float | None
    faces_per_hour: float | None


def skill(
    answers: Iterable[GoldAnswer],
    *,
    planted_checks: Sequence[bool] = (),
    swept_faces: Sequence[bool] = (),
) -> Skill:
    """A person's skill from their answers on gold faces.

    Words count where both give one; "cannot tell" is a word, and wrong where the gold can. planted_checks: for each
    check that showed a planted wrong label, whether the person let it pass. swept_faces: for each known missed face
    in a gold sweep, whether the person found it.
    """
    every = list(answers)
    ages = np.array(
        [a.given.age - a.truth.age for a in every if a.given.age is not None and a.truth.age is not None],
        dtype=np.float64,
    )
    seconds = [a.active_seconds for a in every if a.active_seconds is not None and a.active_seconds > 0]
    words = {name: [(getattr(a.given, name), getattr(a.truth, name)) for a in every] for name in ATTRIBUTES}
    known = {name: [pair for pair in pairs if None not in pair] for name, pairs in words.items()}
    accuracy = {
        name: estimated_share(sum(said == true for said, true in pairs), len(pairs))
        for name, pairs in known.items()
    }
    accuracy["flags"] = estimated_share(sum(a.given.flags == a.truth.flags for a in every), len(every))
    placed = [a for a in every if a.given.landmarks is not None and a.truth.landmarks is not None]
    displaced = _displaced(placed)
    return Skill(
        faces_n=len(every),
        box_iou=estimated_mean([iou(a.given.box, a.truth.box) for a in every]),
        nme_box=_errors_by_region(placed),
        offsets={name: _offset(displaced[:, at]) for at, name in enumerate(REGIONS)},
        age_bias_years=estimated_mean(ages),
        age_mae_years=estimated_mean(np.abs(ages)),
        age_sd_years=float(ages.std(ddof=1)) if len(ages) > 1 else None,
        accuracy=accuracy,
        confusion={name: confusion(pairs) for name, pairs in words.items()},
        waved_through=estimated_share(sum(planted_checks), len(planted_checks)),
        sweep_recall=estimated_share(sum(swept_faces), len(swept_faces)),
        seconds_median=statistics.median(seconds) if seconds else None,
        faces_per_hour=3600 * len(seconds) / math.fsum(seconds) if seconds else None,
    )


def skill_trend(answers: Sequence[GoldAnswer], *, window: int = 25) -> list[Skill]:
    """A person's skill in one window of gold answers after another, oldest first; they end with the newest answer.

    The answers that are left over at the beginning belong to no window. Raises ValueError for a window below 1.
    """
    if window < 1:
        raise ValueError("A window holds at least one answer.")
    first = len(answers) % window
    return [skill(answers[start : start + window]) for start in range(first, len(answers), window)]


def face_axes(landmarks: ArrayLike) -> Floats:
    """(2, 2) rows: the face's own right and down as unit vectors of the image, from the line between the eyes.

    The image's axes where no eye point is placed on a side.
    """
    points = np.asarray(landmarks, dtype=np.float64)
    eyes = np.isfinite(points[36:48, 0])
    if not (eyes[:6].any() and eyes[6:].any()):
        return np.eye(2)
    whole = points.copy()
    for side in (slice(36, 42), slice(42, 48)):
        part = points[side]
        whole[side] = part[np.isfinite(part[:, 0])].mean(axis=0)
    roll = math.radians(roll_degrees(whole))
    return np.array([[math.cos(roll), math.sin(roll)], [-math.sin(roll), math.cos(roll)]])


def displacements_box(given: FaceLabels, truth: FaceLabels) -> Floats:
    """(5, 2) mean given - true point of each region, in true box sides along the true face's axes.

    NaN for a region without a point that both placed.
    """
    if given.landmarks is None or truth.landmarks is None:
        return np.full((len(REGIONS), 2), np.nan)
    found: Floats = _displaced([GoldAnswer(given, truth)])[0]
    return found


def _displaced(placed: Sequence[GoldAnswer]) -> Floats:
    """(N, 5, 2) as ``displacements_box``, of answers that carry points on both sides."""
    axes = np.array([face_axes(a.truth.landmarks) for a in placed if a.truth.landmarks is not None])
    turned = np.einsum("npi,nji->npj", _moved(placed), axes.reshape(-1, 2, 2))
    return np.stack([_means(turned[:, list(points)]) for points in REGIONS.values()], axis=1)


def _errors_by_region(placed: Sequence[GoldAnswer]) -> dict[str, Estimate]:
    """As ``nme_by_region`` and ``nme`` of metrics.landmarks, over the box side, of answers that carry points on both
    sides."""
    errors = np.linalg.norm(_moved(placed), axis=2)[..., None]
    parts = {**{name: list(points) for name, points in REGIONS.items()}, WHOLE_FACE: list(range(POINTS))}
    return {name: estimated_mean(_means(errors[:, points])[:, 0]) for name, points in parts.items()}


def _moved(placed: Sequence[GoldAnswer]) -> Floats:
    """(N, 68, 2) given - true points in true box sides; NaN where either has none."""
    moved = np.full((len(placed), POINTS, 2), np.nan)
    for row, answer in enumerate(placed):
        given, truth = answer.given.landmarks, answer.truth.landmarks
        if given is not None and truth is not None:
            side = math.sqrt(answer.truth.box.width * answer.truth.box.height)
            moved[row] = (given.astype(np.float64) - truth) / side
    return moved


def _means(values: Floats) -> Floats:
    """(N, D) means over the points of (N, P, D) that are not NaN; NaN for a row without any."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    means: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return means


def _offset(displaced: Floats) -> Offset:
    """Mean of (N, 2) displacements, NaN where there is none."""
    rows = displaced[np.isfinite(displaced[:, 0])]
    x, y = estimated_mean(rows[:, 0]), estimated_mean(rows[:, 1])
    if x.value is None or y.value is None:
        return Offset(x, y, 0.0, is_systematic=False)
    return Offset(x, y, math.hypot(x.value, y.value), is_systematic=_differs_from_zero(rows))


def _differs_from_zero(rows: Floats) -> bool:
    """Hotelling's T² of the mean of (N, 2) rows at 1 %: with two dimensions the F tail has a closed form."""
    n = len(rows)
    if n < 4:
        return False
    spread = np.cov(rows.T)
    mean = rows.mean(axis=0)
    if np.linalg.matrix_rank(spread) < 2:
        return bool(np.abs(mean).max() > 0)
    squared = n * float(mean @ np.linalg.solve(spread, mean))
    ratio = (n - 2) / (2 * (n - 1)) * squared
    return float((1 + 2 * ratio / (n - 2)) ** (-(n - 2) / 2)) < 0.01
