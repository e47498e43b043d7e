"""Resampling two candidates together: the same drawn images judge both, so what is common to them cancels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NUMBERS_AT_ONCE: Final = 4_000_000
"""Numbers in an array at a time (32 MB), whatever the size of the test."""

_NUMBERS_IN_CACHE: Final = 100_000
"""Numbers in an array that is gone over several times: twice as fast as 32 MB of them."""


def drawn_counts(clusters: int, resamples: int, seed: int) -> Iterator[Floats]:
    """How often each of C clusters is drawn in each resample, as blocks of (r, C) that sum to C a row.

    The same seed gives the same draws.
    """
    random = np.random.default_rng(seed)
    rows = max(1, _NUMBERS_AT_ONCE // max(clusters, 1))
    done = 0
    while done < resamples:
        block = min(rows, resamples - done)
        drawn = random.integers(0, clusters, (block, clusters))
        flat = (drawn + np.arange(block)[:, None] * clusters).ravel()
        yield np.bincount(flat, minlength=block * clusters).reshape(block, clusters).astype(np.float64)
        done += block


class RankedDetections(NamedTuple):
    """Detections by falling score. hits: (D,) 1 or 0. clusters: (D,). faces: (C,) true faces a cluster."""

    hits: Floats
    clusters: NDArray[np.int64]
    faces: Floats

    @classmethod
    def of(
        cls,
        scores: Floats,
        hits: NDArray[np.bool_],
        clusters: NDArray[np.int64],
        faces: Floats,
    ) -> RankedDetections:
        """Sorted by score, in the order given where scores are equal."""
        order = np.argsort(-scores, kind="stable")
        return cls(hits[order].astype(np.float64), clusters[order], faces)


def average_precisions(ranked: RankedDetections, counts: Floats) -> Floats:
    """(r,) AP of each resample: all-point area, each detection as often as its cluster was drawn (T44).

    counts: (r, C). NaN for a resample without a true face.
    """
    rows = max(1, _NUMBERS_IN_CACHE // max(len(ranked.hits), 1))
    parts = [_areas(ranked, counts[start : start + rows]) for start in range(0, len(counts), rows)]
    truth = counts @ ranked.faces
    return np.divide(np.concatenate(parts), truth, out=np.full_like(truth, np.nan), where=truth > 0)


def _areas(ranked: RankedDetections, counts: Floats) -> Floats:
    """(r,) area under each precision-recall curve, times the number of true faces."""
    weights = counts[:, ranked.clusters]
    hits = np.cumsum(weights * ranked.hits, axis=1)
    every = np.cumsum(weights, axis=1)
    precision = np.divide(hits, every, out=np.zeros_like(hits), where=every > 0)
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((weights * ranked.hits * envelope).sum(axis=1))


class Simultaneous(NamedTuple):
    """observed, low, high: (K,) statistics and bounds that hold together. critical: half of each width in its
    standard errors ``sd``, (K,)."""

    observed: Floats
    low: Floats
    high: Floats
    critical: float
    sd: Floats


def simultaneous_intervals(
    observed: Floats, resampled: Floats, *, level: float, sd_floor: Floats
) -> Simultaneous:
    """Intervals of K statistics that hold all at once with probability ``level`` (maximum of |t|, bootstrapped).

    observed: (K,). resampled: (R, K); a NaN counts as no deviation. sd_floor: (K,) least standard error, so
    that a statistic that never varied is not taken for certain. Statistics that go together cost less than
    Bonferroni's correction would.
    """
    deviation = np.nan_to_num(resampled - observed, nan=0.0)
    sd = np.maximum(np.sqrt((deviation**2).mean(axis=0)), sd_floor)
    size = np.divide(np.abs(deviation), sd, out=np.zeros_like(deviation), where=sd > 0)
    critical = float(np.quantile(size.max(axis=1), level)) if observed.size else 0.0
    return Simultaneous(observed, observed - critical * sd, observed + critical * sd, critical, sd)
