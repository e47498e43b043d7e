"""Several people's boxes and landmarks as one: medians, which one wild answer among three cannot move far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import HIDDEN, MISSING, VISIBLE

Floats = NDArray[np.float64]

ROUNDS: Final = 100
SETTLED: Final = 1e-9
"""Of the points' extent: the rounds end when no median moves by more."""
SAME: Final = 1e-12
"""Of the points' extent: points so close are one."""


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
    of distances is the same all along the line between equals. Three or more: Weiszfeld's iteration with Vardi and
    Zhang's step out of a given point (PNAS 97, 2000), sped up by Newton's. Fewer than half of the weight, wherever
    it lies, moves the result by a bounded amount. It turns, shifts and scales with the points. Raises ValueError for
    a negative weight.
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
    result[several] = _least_distance(flat[several], share[several])
    return result.reshape(*shape, 2)


def _least_distance(points: Floats, share: Floats) -> Floats:
    """(N, 2) geometric medians of (N, K, 2) points with (N, K) weights, K >= 1 of them above 0.

    If one of the given points is the median, that shows in the pull of the others on it. If none is, one step out of
    the best of them leads below all of them, and from there on the sum of distances is smooth: Newton's step where
    it leads down further than Weiszfeld's, which always leads down.
    """
    apart = points[:, None, :, :] - points[:, :, None, :]
    distance = np.linalg.norm(apart, axis=3)
    sums = np.where(share > 0, (share[:, None, :] * distance).sum(axis=2), np.inf)
    best = sums.argmin(axis=1)
    rows = np.arange(len(points))
    middle: Floats = points[rows, best]
    away, far = apart[rows, best], distance[rows, best]
    extent = np.where(share > 0, far, 0.0).max(axis=1)
    same = far <= SAME * extent[:, None]
    pull = np.where(same, 0.0, share / np.where(same, 1.0, far))
    force = (pull[:, :, None] * away).sum(axis=1)
    strength, held = np.linalg.norm(force, axis=1), np.where(same, share, 0.0).sum(axis=1)
    active = np.flatnonzero(strength > held)
    out = (1 - held[active] / strength[active])[:, None] * force[active]
    middle[active] += out / pull[active].sum(axis=1)[:, None]
    for _ in range(ROUNDS):
        if not len(active):
            break
        at, weight = points[active], share[active]
        moved = _step(at, weight, middle[active], SAME * extent[active])
        middle[active] += moved
        active = active[np.linalg.norm(moved, axis=1) > SETTLED * extent[active]]
    return middle


def _step(points: Floats, share: Floats, middle: Floats, least: Floats) -> Floats:
    """(N, 2) the better of Newton's and Weiszfeld's step. least: (N,) distances are taken to be no shorter."""
    away = points - middle[:, None]
    distance = np.maximum(np.linalg.norm(away, axis=2), least[:, None])
    pull = share / distance
    force = (pull[:, :, None] * away).sum(axis=1)
    total = pull.sum(axis=1)
    plain = force / total[:, None]
    unit = away / distance[:, :, None]
    bend = total[:, None, None] * np.eye(2) - np.einsum("nk,nki,nkj->nij", pull, unit, unit)
    area = bend[:, 0, 0] * bend[:, 1, 1] - bend[:, 0, 1] * bend[:, 1, 0]
    is_bent = area > 1e-9 * total**2
    turned = np.stack(
        [
            bend[:, 1, 1] * force[:, 0] - bend[:, 0, 1] * force[:, 1],
            bend[:, 0, 0] * force[:, 1] - bend[:, 1, 0] * force[:, 0],
        ],
        axis=1,
    )
    newton = np.where(is_bent[:, None], turned / np.where(is_bent, area, 1.0)[:, None], plain)

    def sums(step: Floats) -> Floats:
        return np.asarray((share * np.linalg.norm(away - step[:, None], axis=2)).sum(axis=1))

    return np.where((sums(newton) < sums(plain))[:, None], newton, plain)


def majority_visibility(states: Sequence[ArrayLike]) -> NDArray[np.uint8]:
    """(N,) states of N points from K people's (N,).

    A point is missing if more people removed it than placed it; of those who placed it, it is visible if more saw
    it than not. Ties keep the point, and call it hidden: nothing is lost and nothing is claimed.
    """
    given = np.stack([np.asarray(one, dtype=np.uint8) for one in states])
    visible, hidden, missing = ((given == state).sum(axis=0) for state in (VISIBLE, HIDDEN, MISSING))
    found = np.where(visible > hidden, VISIBLE, HIDDEN)
    return np.asarray(np.where(missing > visible + hidden, MISSING, found), dtype=np.uint8)
