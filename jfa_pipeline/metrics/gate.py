"""The promotion gate: is a challenger better than the champion overall, and for no group worse?

Both are judged on the same faces, so everything is a paired difference, resampled over subjects (images where
no subject is known). Intervals hold together for all tasks, and for all groups and tasks, with 95 %; so a
challenger that is worse nowhere is called worse somewhere in at most 2.5 % of tests, however many groups
there are. docs/howto/promotion.md has the whole criterion, docs/decisions/0013 the reasons.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.metrics.judged import GROUPS, TASKS, Judged
from jfa_pipeline.metrics.paired_bootstrap import (
    RankedDetections,
    Simultaneous,
    average_precisions,
    drawn_counts,
    simultaneous_intervals,
)

Verdict = Literal["better", "not_worse", "worse", "not_enough_evidence"]
Decision = Literal["promote", "keep"]

RESAMPLES: Final = 1000
LEVEL: Final = 0.95
LEAST_FACES: Final = 30
"""With as few the gate calls a group worse, eight times in ten, only if it loses nearly every second of its right
answers (docs/howto/promotion.md has the power for more); with fewer it would see nothing but a collapse."""

LEAST_CLUSTERS: Final = 10
POWER_80: Final = 0.8416
"""Standard errors above the critical value at which four tests in five tell."""


MARGINS: Final = {"detection": 0.1, "landmarks": 0.02, "age": 3.0, "gender": 0.1, "ethnicity": 0.1}
"""A loss that a test must be able to exclude before it may say "not worse": one face in ten, 2 % of the
distance between the eyes' outer corners, three years."""

HIGHER_IS_BETTER: Final = {
    "detection": True,
    "landmarks": False,
    "age": False,
    "gender": True,
    "ethnicity": True,
}
MEASURES: Final = {
    "detection": "ap50",
    "landmarks": "nme_interocular",
    "age": "age_mae",
    "gender": "gender_acc",
    "ethnicity": "ethnicity_acc",
}
GROUP_MEASURES: Final = {**MEASURES, "detection": "recall"}

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


class NotComparable(ValueError):
    """Two candidates that were not judged on the same faces."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One task on all faces (group and value empty) or on one group's.

    difference: positive where the challenger is better, whichever way the measure goes. low, high: its
    interval, None where there are too few faces for one. needed: where the evidence is not enough, about how
    many faces would be, four times in five.
    """

    task: str
    measure: str
    group: str
    value: str
    n: int
    challenger: float
    champion: float
    difference: float
    low: float | None
    high: float | None
    verdict: Verdict
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """overall: one cell a task with labels. groups: one a group and task. balance: mean of the overall
    differences, each in its standard errors. critical: half-widths of both families' intervals in these."""

    overall: tuple[Cell, ...]
    groups: tuple[Cell, ...]
    balance: float
    faces: int
    clusters: int
    seed: int
    resamples: int
    critical: dict[str, float] = field(default_factory=dict)

    @property
    def decision(self) -> Decision:
        """promote: better in some task, worse in none, better on balance, and worse for no group in any task;
        better and worse: beyond the interval."""
        return "promote" if not self.obstacles() else "keep"

    def obstacles(self) -> list[tuple[str, Cell | None]]:
        """Why not to promote, as (code, the cell it is about); empty: promote."""
        judged = [cell for cell in self.overall if cell.low is not None]
        if not judged:
            return [("no_test_faces" if not self.faces else "too_few_test_faces", None)]
        found: list[tuple[str, Cell | None]] = [
            ("worse_overall", cell) for cell in judged if cell.verdict == "worse"
        ]
        if not any(cell.verdict == "better" for cell in judged):
            found.append(("not_better_overall", None))
        elif self.balance <= 0:
            found.append(("not_better_on_balance", None))
        found += [("worse_for_group", cell) for cell in self.groups if cell.verdict == "worse"]
        return found

    def method(self) -> dict[str, Any]:
        """How it was computed, for the report."""
        return {
            "resamples": self.resamples,
            "level": LEVEL,
            "seed": self.seed,
            "clusters": self.clusters,
            "least_faces": LEAST_FACES,
            "least_clusters": LEAST_CLUSTERS,
            "margins": dict(MARGINS),
            "critical": self.critical,
            "balance": self.balance,
        }


def compare(challenger: Judged, champion: Judged, *, resamples: int = RESAMPLES, seed: int = 0) -> Comparison:
    """Compare two candidates that were judged on the same faces. Raises NotComparable for others.

    Paired bootstrap over clusters: 1,000 resamples of 5,000 faces take about a second.
    """
    _check_same(challenger, champion)
    pair = _Pair(challenger, champion)
    overall = [_Rows(task, "", "", _labelled(champion, task)) for task in TASKS]
    groups = [
        _Rows(task, group, str(value), _labelled(champion, task) & (champion.groups[group] == value))
        for group in GROUPS
        for value in np.unique(champion.groups[group])
        if value
        for task in TASKS
    ]
    overall, groups = ([rows for rows in family if rows.n] for family in (overall, groups))
    told_overall, told_groups = (
        [rows for rows in family if _is_enough(rows, champion)] for family in (overall, groups)
    )
    drawn = pair.resampled([*told_overall, *told_groups], resamples, seed)
    first, second = drawn[:, : len(told_overall)], drawn[:, len(told_overall) :]
    of_tasks = _intervals(pair, told_overall, first)
    of_groups = _intervals(pair, told_groups, second)
    return Comparison(
        overall=_cells(pair, overall, told_overall, of_tasks),
        groups=_cells(pair, groups, told_groups, of_groups),
        balance=_balance(of_tasks),
        faces=len(champion.face_ids),
        clusters=champion.clusters,
        seed=seed,
        resamples=resamples,
        critical={"overall": of_tasks.critical, "groups": of_groups.critical},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The faces of one cell."""

    task: str
    group: str
    value: str
    rows: Bools

    @property
    def n(self) -> int:
        return int(self.rows.sum())

    @property
    def is_ap(self) -> bool:
        return self.task == "detection" and not self.group


class _Pair:
    """Both candidates' sums by cluster, and their detections by rank."""

    def __init__(self, challenger: Judged, champion: Judged) -> None:
        self.both = (challenger, champion)
        self.clusters = champion.clusters
        faces = np.bincount(champion.face_clusters, minlength=self.clusters).astype(np.float64)
        self.ranked = [
            RankedDetections.of(judged.scores, judged.hits, judged.detection_clusters, faces)
            for judged in self.both
        ]

    def figures(self, rows: _Rows) -> tuple[float, float]:
        """(challenger, champion) on these faces, in the measure's own units."""
        if rows.is_ap:
            once = np.ones((1, self.clusters))
            return tuple(float(average_precisions(ranked, once)[0]) for ranked in self.ranked)  # type: ignore[return-value]  # two candidates
        a, b = (float(judged.values[rows.task][rows.rows].mean()) for judged in self.both)
        return a, b

    def difference(self, rows: _Rows) -> float:
        a, b = self.figures(rows)
        return a - b if HIGHER_IS_BETTER[rows.task] else b - a

    def resampled(self, cells: Sequence[_Rows], resamples: int, seed: int) -> Floats:
        """(R, K) differences, positive where the challenger is better."""
        found = np.full((resamples, len(cells)), np.nan)
        if not cells:
            return found
        means = [k for k, rows in enumerate(cells) if not rows.is_ap]
        sums, counts = self._by_cluster([cells[k] for k in means])
        start = 0
        for block in drawn_counts(self.clusters, resamples, seed):
            rows = slice(start, start := start + len(block))
            drawn = block @ counts
            found[rows, means] = np.divide(
                block @ sums, drawn, out=np.full_like(drawn, np.nan), where=drawn > 0
            )
            for k, cell in enumerate(cells):
                if cell.is_ap:
                    a, b = (average_precisions(ranked, block) for ranked in self.ranked)
                    found[rows, k] = a - b
        return found

    def _by_cluster(self, cells: Sequence[_Rows]) -> tuple[Floats, Floats]:
        """(C, K) sums of the differences and numbers of faces."""
        sums = np.zeros((self.clusters, len(cells)))
        counts = np.zeros_like(sums)
        challenger, champion = self.both
        for k, rows in enumerate(cells):
            at = champion.face_clusters[rows.rows]
            better = (challenger.values[rows.task] - champion.values[rows.task])[rows.rows]
            sign = 1.0 if HIGHER_IS_BETTER[rows.task] else -1.0
            sums[:, k] = np.bincount(at, weights=sign * better, minlength=self.clusters)
            counts[:, k] = np.bincount(at, minlength=self.clusters)
        return sums, counts


def _intervals(pair: _Pair, family: Sequence[_Rows], resampled: Floats) -> Simultaneous:
    observed = np.array([pair.difference(rows) for rows in family])
    # What never varied could still be otherwise at the next face: by a whole one, or by the difference itself.
    shares = np.array([HIGHER_IS_BETTER[rows.task] for rows in family], dtype=bool)
    floor = np.where(shares, 1.0, np.abs(observed)) / np.array([rows.n for rows in family])
    return simultaneous_intervals(observed, resampled, level=LEVEL, sd_floor=floor)


def _balance(tasks: Simultaneous) -> float:
    varied = tasks.sd > 0
    return float((tasks.observed[varied] / tasks.sd[varied]).mean()) if varied.any() else 0.0


def _cells(
    pair: _Pair, family: Sequence[_Rows], told: Sequence[_Rows], intervals: Simultaneous
) -> tuple[Cell, ...]:
    place = {id(rows): k for k, rows in enumerate(told)}
    return tuple(_cell(pair, rows, place.get(id(rows)), intervals) for rows in family)


def _cell(pair: _Pair, rows: _Rows, place: int | None, intervals: Simultaneous) -> Cell:
    challenger, champion = pair.figures(rows)
    difference = challenger - champion if HIGHER_IS_BETTER[rows.task] else champion - challenger
    low = high = None
    verdict: Verdict = "not_enough_evidence"
    needed: int | None = LEAST_FACES if rows.n < LEAST_FACES else rows.n + 1
    if place is not None:
        margin, sd = MARGINS[rows.task], float(intervals.sd[place])
        low, high = float(intervals.low[place]), float(intervals.high[place])
        verdict = verdict_of(low, high, margin)
        excluded = (intervals.critical + POWER_80) * sd / margin
        needed = max(rows.n + 1, math.ceil(rows.n * excluded**2))
    return Cell(
        task=rows.task,
        measure=(GROUP_MEASURES if rows.group else MEASURES)[rows.task],
        group=rows.group,
        value=rows.value,
        n=rows.n,
        challenger=challenger,
        champion=champion,
        difference=difference,
        low=low,
        high=high,
        verdict=verdict,
        needed=needed if verdict == "not_enough_evidence" else None,
    )


def verdict_of(low: float, high: float, margin: float) -> Verdict:
    """What an interval of the challenger's advantage shows.

    "not_worse" needs a test that excludes a loss of ``margin``; one that shows neither way is not enough.
    """
    if high < 0:
        return "worse"
    if low > 0:
        return "better"
    return "not_worse" if low > -margin else "not_enough_evidence"


def _labelled(judged: Judged, task: str) -> Bools:
    return np.isfinite(judged.values[task])


def _is_enough(rows: _Rows, judged: Judged) -> bool:
    """Whether there are enough faces, of enough subjects, for a bootstrap to mean anything."""
    return rows.n >= LEAST_FACES and len(np.unique(judged.face_clusters[rows.rows])) >= LEAST_CLUSTERS


def _check_same(challenger: Judged, champion: Judged) -> None:
    same_faces = np.array_equal(challenger.face_ids, champion.face_ids)
    if not same_faces or not np.array_equal(challenger.face_clusters, champion.face_clusters):
        raise NotComparable("The two candidates were not judged on the same faces in the same order.")
    for task in TASKS:
        if not np.array_equal(_labelled(challenger, task), _labelled(champion, task)):
            raise NotComparable(f"The two candidates were judged on different {task} labels.")
