"""Whether a person treats some group of faces differently: the annotator-by-group report (issue 6, Part 6, 11)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.keys import Key, key_order
from jfa_pipeline.metrics.estimates import Estimate, estimated_mean, t_975
from jfa_pipeline.metrics.intervals import NORMAL_975

FACES_MIN: Final = 8
"""Fewer faces of a person in a group are shown and never marked."""


@dataclass(frozen=True, slots=True)
class GroupError:
    """One error of a person on a face of a group: years with their sign, an NME, or 1 for a wrong word and 0."""

    person: Key
    group: str
    error: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A person in a group. mean: of their errors there. own: how much further these lie from the person's errors in
    all other groups than they do for the people around them; its interval holds for all cells at once. None in it
    where the person saw no other group. is_marked: the interval leaves out zero.
    """

    person: Key
    group: str
    mean: Estimate
    own: Estimate
    is_marked: bool


@dataclass(frozen=True, slots=True)
class GroupBiasReport:
    """person, group: mean errors of each. cells: every person in every group they saw, persons first."""

    person: dict[Key, Estimate]
    group: dict[str, Estimate]
    cells: tuple[Cell, ...]

    @property
    def marked(self) -> tuple[Cell, ...]:
        """The cells to look at, largest first."""
        return tuple(
            sorted(
                (cell for cell in self.cells if cell.is_marked), key=lambda cell: -abs(cell.own.value or 0)
            )
        )


class _Contrast(NamedTuple):
    """A person's mean in a group minus their mean elsewhere; variance of it; faces of the smaller of the two sides."""

    value: float
    variance: float
    faces: int


def group_bias(errors: Iterable[GroupError]) -> GroupBiasReport:
    """Compares each person in each group with the same person elsewhere and with the other people.

    What a group does to everybody is taken off first (person and group effects fitted together by least squares, so
    that it does not matter who saw more of which group). Then ``own`` is a person's mean in a group, minus their
    mean in the other groups, minus the median of the same difference over the other people. So a habit that holds
    for all groups is no group bias, nor is a group that all find hard; with two groups, one biased person is marked
    in both, with opposite signs, because the figures cannot say in which of them they are wrong. Cells with at
    least FACES_MIN faces on both sides are marked at 5 % for the whole table (Bonferroni). Faces are taken as
    independent. Somebody without colleagues is compared with zero.
    """
    rows = [row for row in errors if row.error == row.error]
    people = sorted({row.person for row in rows}, key=key_order)
    groups = sorted({row.group for row in rows})
    p = np.array([people.index(row.person) for row in rows], dtype=np.intp)
    g = np.array([groups.index(row.group) for row in rows], dtype=np.intp)
    values = np.array([row.error for row in rows], dtype=np.float64)
    rest = values - _group_effects(p, g, values, len(people), len(groups))[g]
    contrasts = {
        (at, to): _contrast(rest[(p == at) & (g == to)], rest[(p == at) & (g != to)])
        for at in range(len(people))
        for to in range(len(groups))
    }
    tested = sum(contrast is not None and contrast.faces >= FACES_MIN for contrast in contrasts.values())
    level = 1 - 0.025 / max(tested, 1)
    cells = []
    for at, person in enumerate(people):
        for to, group in enumerate(groups):
            mean = estimated_mean(values[(p == at) & (g == to)])
            if mean.n:
                others = [contrasts[other, to] for other in range(len(people)) if other != at]
                cells.append(_cell(person, group, mean, contrasts[at, to], others, level))
    return GroupBiasReport(
        {name: estimated_mean(values[p == at]) for at, name in enumerate(people)},
        {name: estimated_mean(values[g == at]) for at, name in enumerate(groups)},
        tuple(cells),
    )


def _group_effects(
    p: NDArray[np.intp], g: NDArray[np.intp], values: NDArray[np.float64], people: int, groups: int
) -> NDArray[np.float64]:
    """(groups,) what each group does to everybody, by least squares beside people's own effects."""
    counts = np.bincount(p * groups + g, minlength=people * groups).reshape(people, groups).astype(np.float64)
    normal = np.block([[np.diag(counts.sum(axis=1)), counts], [counts.T, np.diag(counts.sum(axis=0))]])
    sums = np.concatenate([np.bincount(p, values, people), np.bincount(g, values, groups)])
    effects = np.asarray(np.linalg.lstsq(normal, sums)[0], dtype=np.float64)
    return effects[people:]


def _contrast(here: NDArray[np.float64], elsewhere: NDArray[np.float64]) -> _Contrast | None:
    """None without two faces on both sides."""
    faces = min(len(here), len(elsewhere))
    if faces < 2:
        return None
    variance = here.var(ddof=1) / len(here) + elsewhere.var(ddof=1) / len(elsewhere)
    return _Contrast(float(here.mean() - elsewhere.mean()), float(variance), faces)


def _cell(
    person: Key,
    group: str,
    mean: Estimate,
    contrast: _Contrast | None,
    others: Sequence[_Contrast | None],
    level: float,
) -> Cell:
    if contrast is None:
        return Cell(person, group, mean, Estimate(None, None, None, mean.n), is_marked=False)
    around = [other for other in others if other is not None and other.faces >= FACES_MIN]
    usual, doubt = 0.0, 0.0
    if around:
        usual = float(np.median([other.value for other in around]))
        doubt = math.pi / 2 * float(np.median([other.variance for other in around])) / len(around)
    value = contrast.value - usual
    wider = NormalDist().inv_cdf(level) / NORMAL_975
    half = wider * t_975(contrast.faces - 1) * math.sqrt(contrast.variance + doubt)
    own = Estimate(value, value - half, value + half, mean.n)
    return Cell(person, group, mean, own, contrast.faces >= FACES_MIN and abs(value) > half)
