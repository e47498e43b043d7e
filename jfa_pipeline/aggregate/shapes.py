"""Several people's boxes and landmarks as one: medians, which one wild answer among three cannot move far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import HIDDEN, MISSING, VISIBLE

Floats = NDArray[np.float64]

ROUNDS: Final = 300
SETTLED: Final = 1e-6
"""Of the points' extent: Weiszfeld's rounds end when no median moves by more."""


def median_box(boxes: ArrayLike) -> Box:
    """Median of each edge of (K, 4) boxes: of one box the box, of two their mean.

    Of proper boxes it is proper: the k-th smallest left edge is left of the k-th smallest right edge. Raises
    ValueError without boxes.
    """
    edges = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    if not len(edges):
        raise ValueError("There is no box to combine.")
    return Box(*np.median(edges, axis=0).tolist())


def geometric_median(points: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """The point with the least sum of weighted distances to those of several people, for any number of points.

    points: (..., K, 2), NaN where a person placed none. weights: (..., K) or (K,), positive; 0 leaves a person out.
    Returns (..., 2), NaN where nobody placed any. One person: their point. Two: the weighted mean, because the sum
    of distances is the same all along the line between equals. Three or more: Weiszfeld's iteration, with Vardi and
    Zhang's step out of a point that it hits (PNAS 97, 2000). Fewer than half of the weight, wherever it lies, moves
    the result by a bounded amount. It turns, shifts and scales with the points. Raises ValueError for a negative
    weight.
    """
    given = np.asarray(points, dtype=np.float64)
    shape, people = given.shape[:-2], given.shape[-2]
    flat = given.reshape(-1, people, 2)
    share = np.ones(people) if weights is None else np.asarray(weights, dtype=np.float64)
    share = np.broadcast_to(share, (*shape, people)).reshape(-1, people)
    if (share < 0).any():
        raise ValueError("A person's weight is 0 or more.")
    placed = np.isfinite(flat[:, :, 0]) & np.isfinite(flat[:, :, 1])
    share = np.where(placed, share, 0.0)
    flat = np.where(placed[:, :, None], flat, 0.0)
    total = share.sum(axis=1)
    result = np.full((len(flat), 2), np.nan)
    some = total > 0
    result[some] = (share[some, :, None] * flat[some]).sum(axis=1) / total[some, None]
    several = np.flatnonzero((share > 0).sum(axis=1) >= 3)
    result[several] = _weiszfeld(flat[several], share[several], result[several])
    return result.reshape(*shape, 2)


def _weiszfeld(points: Floats, share: Floats, start: Floats) -> Floats:
    """(N, 2) medians of (N, K, 2) points with (N, K) weights, from (N, 2) starting points."""
    middle = start.copy()
    used = share > 0
    extent = np.where(used, np.abs(points - start[:, None]).max(axis=2), 0.0).max(axis=1, initial=0.0)
    active = np.flatnonzero(extent > 0)
    for _ in range(ROUNDS):
        if not len(active):
            break
        at, weight, size = points[active], share[active], extent[active]
        away = at - middle[active, None]
        distance = np.linalg.norm(away, axis=2)
        hit = distance <= 1e-12 * size[:, None]
        pull = np.where(hit, 0.0, weight / np.where(hit, 1.0, distance))
        strength = pull.sum(axis=1)
        step = (pull[:, :, None] * away).sum(axis=1)
        force = np.linalg.norm(step, axis=1)
        held = np.where(hit, weight, 0.0).sum(axis=1)
        free = np.clip(1 - np.divide(held, force, out=np.ones_like(held), where=force > 0), 0.0, 1.0)
        free = np.where(force > 0, free, 0.0)
        moved = free[:, None] * step / np.where(strength > 0, strength, 1.0)[:, None]
        middle[active] += moved
        active = active[np.linalg.norm(moved, axis=1) > SETTLED * size]
    return middle


def majority_visibility(states: Sequence[ArrayLike]) -> NDArray[np.uint8]:
    """(N,) states of N points from K people's (N,).

    A point is missing if more people removed it than placed it; of those who placed it, it is visible if more saw
    it than not. Ties keep the point, and call it hidden: nothing is lost and nothing is claimed.
    """
    given = np.stack([np.asarray(one, dtype=np.uint8) for one in states])
    visible, hidden, missing = ((given == state).sum(axis=0) for state in (VISIBLE, HIDDEN, MISSING))
    found = np.where(visible > hidden, VISIBLE, HIDDEN)
    return np.asarray(np.where(missing > visible + hidden, MISSING, found), dtype=np.uint8)
