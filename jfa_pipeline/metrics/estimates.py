"""A figure with its 95 % interval and the number of things it is about, for means and shares."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jfa_pipeline.metrics.intervals import NORMAL_975, wilson_interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """value: None for nothing to average. low, high: 95 % bounds, None where ``n`` is too small for any.

    n: what was counted, e.g. faces.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def half_width(self) -> float | None:
        """Half the width of the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


NOTHING = Estimate(None, None, None, 0)


def t_975(freedom: int) -> float:
    """97.5 % point of Student's t: exact for 1 and 2 degrees of freedom, else by Cornish and Fisher's expansion.

    Off by at most 0.004, at 3 degrees. Raises ValueError below 1.
    """
    if freedom < 1:
        raise ValueError("Student's t needs at least one degree of freedom.")
    if freedom == 1:
        return math.tan(0.475 * math.pi)
    if freedom == 2:
        return 0.95 * math.sqrt(2 / (1 - 0.95**2))
    z = NORMAL_975
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / freedom**power for power, term in enumerate(terms, start=1))


def estimated_mean(values: ArrayLike, clusters: ArrayLike | None = None) -> Estimate:
    """Mean of (N,) values with Student's interval; NaN is a missing value.

    clusters: (N,) keys of what the values belong to, e.g. the face that several pairs of people labelled: values of
    one cluster are alike, so the interval is about clusters and ``n`` counts them. No interval below two.
    """
    every = np.asarray(values, dtype=np.float64)
    known = np.isfinite(every)
    every = every[known]
    if not every.size:
        return NOTHING
    if clusters is None:
        sums, sizes = every, np.ones(every.size)
    else:
        _, place = np.unique(np.asarray(clusters)[known], return_inverse=True)
        sums, sizes = (np.bincount(place, what).astype(np.float64) for what in (every, np.ones(every.size)))
    mean, count = float(sums.sum() / sizes.sum()), len(sums)
    if count < 2:
        return Estimate(mean, None, None, count)
    residual = sums - mean * sizes
    error = math.sqrt(count / (count - 1) * float((residual**2).sum())) / float(sizes.sum())
    return around(mean, error, count)


def estimated_share(successes: int, n: int) -> Estimate:
    """Share with Wilson's interval. Raises ValueError for impossible counts."""
    interval = wilson_interval(successes, n)
    if interval is None:
        return NOTHING
    return Estimate(successes / n, *interval, n)


def jackknifed(value: float, left_out: NDArray[np.float64], counts: NDArray[np.float64]) -> Estimate:
    """A statistic with the interval of the jackknife.

    left_out: (K,) the statistic without one thing of kind k; counts: (K,) how many such things there are. No
    interval below three things, or where leaving one out leaves nothing to compute. Bounds above 1 are cut, as
    this is for coefficients of agreement.
    """
    n = round(float(counts.sum()))
    used = left_out[counts > 0]
    if n < 3 or not np.isfinite(used).all():
        return Estimate(value, None, None, n)
    weights = counts[counts > 0]
    middle = float((weights * used).sum()) / n
    error = math.sqrt((n - 1) / n * float((weights * (used - middle) ** 2).sum()))
    found = around(value, error, n)
    return Estimate(value, found.low, None if found.high is None else min(found.high, 1.0), n)


def around(value: float, error: float, n: int) -> Estimate:
    """Student's interval of ``n`` independent things around a value with a standard error."""
    half = t_975(n - 1) * error
    return Estimate(value, value - half, value + half, n)
