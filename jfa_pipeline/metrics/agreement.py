"""How far people agree about faces, in the terms of faces: overall, for each pair of people, for each group.

Only answers that were given without seeing one another say anything about agreement: a check that starts from another
person's labels agrees with them because it began there. The caller chooses which revisions to pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.ibug68 import POINTS, REGIONS
from jfa_pipeline.core.keys import Key, key_order
from jfa_pipeline.core.labels import MISSING, FaceLabels
from jfa_pipeline.metrics.estimates import Estimate, estimated_mean, estimated_share
from jfa_pipeline.metrics.reliability import cohens_kappa, krippendorff_alpha

REGION_NME_BOX_MAX: Final[dict[str, float]] = {
    "jaw": 0.07,
    "brows": 0.06,
    "nose": 0.045,
    "eyes": 0.03,
    "lips": 0.04,
}
"""How far apart two careful people may be in each region, in box sides. The jaw slides along its own line and has no
corners, eyelids have. Over all 68 points this comes to the 0.05 of a new policy."""

WHOLE_FACE: Final = "all"
_AT_ONCE: Final = 20_000
"""Pairs whose points are in memory at a time (some 60 MB)."""


def region_tolerances(landmark_nme_max: float) -> dict[str, float]:
    """The tolerance of each region under a policy whose tolerance for the whole face is ``landmark_nme_max``.

    In box sides; in proportion to REGION_NME_BOX_MAX, so that the mean over the 68 points is the policy's number.
    """
    mean = sum(REGION_NME_BOX_MAX[name] * len(points) for name, points in REGIONS.items()) / POINTS
    return {name: limit * landmark_nme_max / mean for name, limit in REGION_NME_BOX_MAX.items()}


@dataclass(frozen=True, slots=True)
class Tolerances:
    """When two people agree: IoU at least, NME per region at most (box sides), ages at most so many years apart."""

    box_iou_min: float = 0.7
    region_nme_box_max: Mapping[str, float] = field(default_factory=lambda: dict(REGION_NME_BOX_MAX))
    age_years_max: float = 8.0


@dataclass(frozen=True, slots=True)
class Labelling:
    """What one person said about one face."""

    face: Key
    person: Key
    labels: FaceLabels


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """Agreement on some faces. Means and shares are over pairs of people on one face, their ``n`` counts faces.

    box_iou: mean; box_within: share of pairs within tolerance. nme_box: mean point distance over the square root of
    the mean of both box areas, for each region and "all"; region_within: share of pairs within the region's tolerance.
    placed_alike: share of points that both placed or both removed. age_difference_years: mean absolute difference;
    age_shift_years: of a pair of people, mean of the second's minus the first's age, else None; age_sd_years:
    standard deviation between people on one face, pooled. alpha: Krippendorff's, of "age" (interval), "gender",
    "ethnicity" and each "flag:NAME" (nominal). kappa: Cohen's of the same words, for a pair of people only.
    """

    faces_n: int
    pairs_n: int
    box_iou: Estimate
    box_within: Estimate
    nme_box: dict[str, Estimate]
    region_within: dict[str, Estimate]
    placed_alike: Estimate
    age_difference_years: Estimate
    age_within: Estimate
    age_shift_years: Estimate | None
    age_sd_years: float | None
    alpha: dict[str, Estimate]
    kappa: dict[str, Estimate]


class Agreements:
    """The labellings of some faces, measured once and reported in several ways. A person's last word on a face counts.

    flags: names of the flags to report. The policy's word for "cannot tell" is a class like the others: whether a
    person can tell is something to agree about.
    """

    def __init__(
        self,
        labellings: Iterable[Labelling],
        *,
        flags: Sequence[str] = (),
        tolerances: Tolerances | None = None,
    ) -> None:
        last = {(given.face, given.person): given for given in labellings}
        by_face: dict[Key, list[Labelling]] = {}
        for given in last.values():
            by_face.setdefault(given.face, []).append(given)
        self._tolerances = tolerances or Tolerances()
        self._given: list[Labelling] = []
        starts, first, second = [], [], []
        for face in sorted(by_face, key=key_order):
            several = sorted(by_face[face], key=lambda each: key_order(each.person))
            if len(several) < 2:
                continue
            start = len(self._given)
            self._given += several
            for a in range(start, len(self._given)):
                for b in range(a + 1, len(self._given)):
                    starts.append(start)
                    first.append(a)
                    second.append(b)
        self._face = np.array(starts, dtype=np.intp)
        self._first, self._second = np.array(first, dtype=np.intp), np.array(second, dtype=np.intp)
        self._words: dict[str, list[str | None]] = {
            "gender": [each.labels.gender for each in self._given],
            "ethnicity": [each.labels.ethnicity for each in self._given],
        } | {
            f"flag:{flag}": ["yes" if flag in each.labels.flags else "no" for each in self._given]
            for flag in flags
        }
        self._ages = np.array(
            [np.nan if each.labels.age is None else each.labels.age for each in self._given], dtype=np.float64
        )
        self._boxes = np.array([each.labels.box for each in self._given], dtype=np.float64).reshape(-1, 4)
        self._iou = _paired_iou(self._boxes[self._first], self._boxes[self._second])
        self._nme, self._alike = self._landmark_distances()

    def overall(self) -> AgreementReport:
        """All faces that at least two people labelled."""
        return self._report(np.ones(len(self._face), dtype=np.bool_))

    def by_pair(self) -> dict[tuple[Key, Key], AgreementReport]:
        """For every two people with a face in common, in order of their keys."""
        rows: dict[tuple[Key, Key], list[int]] = {}
        for row, (a, b) in enumerate(zip(self._first, self._second, strict=True)):
            rows.setdefault((self._given[a].person, self._given[b].person), []).append(row)
        found = {}
        for people in sorted(rows, key=lambda pair: (key_order(pair[0]), key_order(pair[1]))):
            chosen = np.zeros(len(self._face), dtype=np.bool_)
            chosen[rows[people]] = True
            found[people] = self._report(chosen, is_pair=True)
        return found

    def by_group(self, group_of: Mapping[Key, str]) -> dict[str, AgreementReport]:
        """For the faces of each group, e.g. by age band; a face without a group is left out."""
        groups = np.array([group_of.get(self._given[at].face, "") for at in self._first], dtype=np.str_)
        return {str(name): self._report(groups == name) for name in np.unique(groups) if name}

    def _landmark_distances(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(P, 6) NME per pair, the regions and then the whole face, and (P,) shares of points placed alike."""
        names = [*REGIONS.values(), range(POINTS)]
        nme, alike = np.full((len(self._first), len(names)), np.nan), np.full(len(self._first), np.nan)
        areas = (self._boxes[:, 2:] - self._boxes[:, :2]).prod(axis=1)
        scale = np.sqrt((areas[self._first] + areas[self._second]) / 2)
        for start in range(0, len(self._first), _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            a, b = (self._points(at[rows]) for at in (self._first, self._second))
            gone_a, gone_b = np.isnan(a[:, :, 0]), np.isnan(b[:, :, 0])
            has_both = ~(gone_a.all(axis=1) | gone_b.all(axis=1))
            alike[rows] = np.where(has_both, (gone_a == gone_b).mean(axis=1), np.nan)
            distance = np.linalg.norm(a - b, axis=2) / scale[rows, None]
            for column, points in enumerate(names):
                part = distance[:, list(points)]
                placed = np.isfinite(part)
                sums = np.where(placed, part, 0).sum(axis=1)
                counts = placed.sum(axis=1)
                np.divide(sums, counts, out=nme[rows, column], where=counts > 0)
        return nme, alike

    def _points(self, at: NDArray[np.intp]) -> NDArray[np.float64]:
        """(n, 68, 2) points, NaN where removed or where the labelling has no landmarks."""
        points = np.full((len(at), POINTS, 2), np.nan)
        for row, index in enumerate(at):
            labels = self._given[index].labels
            if labels.landmarks is not None and labels.visibility is not None:
                points[row] = labels.landmarks
                points[row, labels.visibility == MISSING] = np.nan
        return points

    def _report(self, chosen: NDArray[np.bool_], *, is_pair: bool = False) -> AgreementReport:
        faces = self._face[chosen]
        first, second = self._first[chosen], self._second[chosen]
        at = np.unique(np.concatenate([first, second]))
        units = self._unit_of(first, second, faces, at)
        nme = dict(zip([*REGIONS, WHOLE_FACE], self._nme[chosen].T, strict=True))
        limits = self._tolerances.region_nme_box_max
        shift = self._ages[second] - self._ages[first]
        ages: list[str | float | None] = [None if np.isnan(age) else float(age) for age in self._ages[at]]
        alpha = {"age": krippendorff_alpha(units, ages, level="interval")}
        kappa: dict[str, Estimate] = {}
        for name, words in self._words.items():
            alpha[name] = krippendorff_alpha(units, [words[i] for i in at])
            if is_pair:
                kappa[name] = cohens_kappa([words[i] for i in first], [words[i] for i in second])
        return AgreementReport(
            faces_n=len(np.unique(faces)),
            pairs_n=len(faces),
            box_iou=estimated_mean(self._iou[chosen], faces),
            box_within=_share(self._iou[chosen] >= self._tolerances.box_iou_min, faces),
            nme_box={name: estimated_mean(column, faces) for name, column in nme.items()},
            region_within={
                name: _share(nme[name] <= limits[name], faces, np.isfinite(nme[name])) for name in REGIONS
            },
            placed_alike=estimated_mean(self._alike[chosen], faces),
            age_difference_years=estimated_mean(np.abs(shift), faces),
            age_within=_share(np.abs(shift) <= self._tolerances.age_years_max, faces, np.isfinite(shift)),
            age_shift_years=estimated_mean(shift, faces) if is_pair else None,
            age_sd_years=_pooled_sd(self._ages[at], np.array(units)),
            alpha=alpha,
            kappa=kappa,
        )

    def _unit_of(
        self, first: NDArray[np.intp], second: NDArray[np.intp], faces: NDArray[np.intp], at: NDArray[np.intp]
    ) -> list[Key]:
        """The face of each labelling in ``at``."""
        face_of = dict(zip(first.tolist(), faces.tolist(), strict=True))
        face_of |= dict(zip(second.tolist(), faces.tolist(), strict=True))
        return [face_of[i] for i in at.tolist()]


def _share(
    within: NDArray[np.bool_], faces: NDArray[np.intp], known: NDArray[np.bool_] | None = None
) -> Estimate:
    """Share of pairs within tolerance: Wilson's interval where every face has one pair, else that of the mean."""
    used = np.ones(len(within), dtype=np.bool_) if known is None else known
    if len(np.unique(faces[used])) == used.sum():
        return estimated_share(int(within[used].sum()), int(used.sum()))
    found = estimated_mean(within[used], faces[used])
    if found.low is None or found.high is None:
        return found
    return Estimate(found.value, max(found.low, 0.0), min(found.high, 1.0), found.n)


def _pooled_sd(ages: NDArray[np.float64], units: NDArray[np.intp]) -> float | None:
    """Standard deviation of ages within faces; None without a face that has two ages."""
    known = np.isfinite(ages)
    if not known.any():
        return None
    _, unit = np.unique(units[known], return_inverse=True)
    counts = np.bincount(unit)
    means = np.bincount(unit, ages[known]) / counts
    freedom = int((counts - 1).sum())
    squares = float(((ages[known] - means[unit]) ** 2).sum())
    return (squares / freedom) ** 0.5 if freedom else None


def _paired_iou(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """(P,) intersection over union of (P, 4) boxes with (P, 4) boxes, row by row."""
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    overlap = np.clip(sides, 0, None).prod(axis=1)
    union = (a[:, 2:] - a[:, :2]).prod(axis=1) + (b[:, 2:] - b[:, :2]).prod(axis=1) - overlap
    return np.asarray(overlap / union)
