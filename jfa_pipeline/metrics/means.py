"""Means and differences of means with 95 % intervals, from counts, means and variances alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jfa_pipeline.metrics.intervals import NORMAL_975, Interval

FEWEST: Final = 2
"""A sample smaller than this has no variance and so no interval."""


@dataclass(frozen=True, slots=True)
class Sample:
    """n values with their mean and sample variance (divided by n - 1); variance None for n < 2, mean for n = 0."""

    n: int
    mean: float | None
    variance: float | None


def t_975(degrees: float) -> float:
    """The 97.5 % point of Student's t (from 5 degrees of freedom on the Cornish-Fisher expansion, within 0.3 %).

    Raises ValueError for less than one degree.
    """
    if not degrees >= 1:
        raise ValueError(f"Student's t needs at least one degree of freedom, got {degrees}.")
    if degrees < len(SMALL_T) + 1:
        return SMALL_T[int(degrees) - 1]
    z = NORMAL_975
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / degrees**power for power, term in enumerate(terms, start=1))


SMALL_T: Final = (12.7062, 4.3027, 3.1824, 2.7764)
"""For one to four degrees of freedom, where the expansion is poor; between two of them the wider one."""


def mean_interval(sample: Sample) -> Interval | None:
    """95 % interval of the mean by Student's t; None for fewer than two values."""
    if sample.n < FEWEST or sample.mean is None or sample.variance is None:
        return None
    half = t_975(sample.n - 1) * math.sqrt(sample.variance / sample.n)
    return sample.mean - half, sample.mean + half


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of means with its 95 % interval."""

    mean: float
    low: float
    high: float


def stratified_difference(strata: Sequence[tuple[Sample, Sample]]) -> Difference | None:
    """Mean of the first minus mean of the second of each pair, weighted by the size of the first.

    Pairs are compared within themselves only, so that what differs between pairs (one model is better than
    another) is not taken for a difference within them. Welch's interval (degrees of freedom by Satterthwaite).
    Pairs with fewer than two values on a side are left out; None if none remains.
    """
    usable = [
        (first, second, first.mean - second.mean, first.variance, second.variance)
        for first, second in strata
        if min(first.n, second.n) >= FEWEST
        and first.mean is not None
        and second.mean is not None
        and first.variance is not None
        and second.variance is not None
    ]
    total = sum(first.n for first, *_ in usable)
    if not total:
        return None
    mean = sum(first.n / total * difference for first, _, difference, *_ in usable)
    parts = [
        ((first.n / total) ** 2 * variance / sample.n, sample.n - 1)
        for first, second, _, first_variance, second_variance in usable
        for sample, variance in ((first, first_variance), (second, second_variance))
    ]
    squared = sum(part for part, _ in parts)
    if squared == 0:
        return Difference(mean, mean, mean)
    degrees = squared**2 / sum(part**2 / degrees for part, degrees in parts)
    half = t_975(max(1.0, degrees)) * math.sqrt(squared)
    return Difference(mean, mean - half, mean + half)
