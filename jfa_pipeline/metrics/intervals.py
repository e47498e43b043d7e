"""95 % intervals: Wilson's for proportions, the seeded bootstrap for everything else."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Interval = tuple[float, float]

NORMAL_975: Final = 1.959963984540054


def wilson_interval(successes: int, n: int) -> Interval | None:
    """Wilson's 95 % score interval of a proportion; None for n = 0. Raises ValueError for impossible counts."""
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no proportion.")
    if n == 0:
        return None
    share, z2 = successes / n, NORMAL_975**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = NORMAL_975 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean())


def bootstrap_interval(
    values: ArrayLike,
    *,
    statistic: Callable[[NDArray[np.float64]], float] = _mean,
    groups: Sequence[object] | None = None,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval | None:
    """Percentile bootstrap 95 % interval of a statistic of (N,) or (N, K) values; None for N = 0.

    groups: one key a row, e.g. the photograph or the person; whole groups are drawn then, because rows of one
    group are alike. The same seed gives the same interval.
    """
    rows = np.asarray(values, dtype=np.float64)
    if len(rows) == 0:
        return None
    if groups is None:
        members = [np.array([i]) for i in range(len(rows))]
    else:
        if len(groups) != len(rows):
            raise ValueError("Give one group a row.")
        of: dict[object, list[int]] = {}
        for row, key in enumerate(groups):
            of.setdefault(key, []).append(row)
        members = [np.array(indices) for indices in of.values()]
    random = np.random.default_rng(seed)
    found = np.empty(resamples)
    for number in range(resamples):
        drawn = random.integers(0, len(members), len(members))
        found[number] = statistic(rows[np.concatenate([members[i] for i in drawn])])
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)
