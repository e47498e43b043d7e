"""Agreement beyond chance: Krippendorff's alpha for any number of people, Cohen's kappa for two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.keys import Key
from jfa_pipeline.metrics.estimates import NOTHING, Estimate, jackknifed

Level = Literal["nominal", "interval"]
LEVELS: Final = ("nominal", "interval")


def krippendorff_alpha(
    units: Sequence[Key], values: Sequence[str | float | None], *, level: Level = "nominal"
) -> Estimate:
    """Krippendorff's alpha of answers about units, with the jackknife over units; ``n`` counts the units used.

    units: (V,) what each answer is about. values: (V,) words for "nominal", numbers for "interval", where distances
    are squared; None and NaN are missing answers. A unit with fewer than two answers says nothing and is left out.
    The value is None where no unit has two answers or all answers are the same: chance then explains everything.
    1 is perfect agreement, 0 what chance gives, below 0 systematic disagreement. Source: Krippendorff, Computing
    Krippendorff's Alpha-Reliability (2011). Raises ValueError for an unknown level or different lengths.
    """
    if level not in LEVELS:
        raise ValueError(f"Unknown level {level!r}; known: {', '.join(LEVELS)}.")
    if len(units) != len(values):
        raise ValueError(f"Give one unit for each value, got {len(units)} and {len(values)}.")
    known = [i for i, value in enumerate(values) if value is not None and value == value]
    if not known:
        return NOTHING
    _, unit = np.unique(np.array([units[i] for i in known]), return_inverse=True)
    paired = np.bincount(unit)[unit] >= 2
    _, unit = np.unique(unit[paired], return_inverse=True)
    kept = [values[i] for i, used in zip(known, paired, strict=True) if used]
    if not kept:
        return NOTHING
    if level == "nominal":
        observed, sizes, expected = _nominal(unit, kept)
    else:
        observed, sizes, expected = _interval(unit, np.array(kept, dtype=np.float64))
    answers = float(sizes.sum())

    def alpha(
        apart: float | NDArray[np.float64], n: float | NDArray[np.float64], chance: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        ratio = np.full_like(chance, np.nan)
        np.divide((n - 1) * apart, chance, out=ratio, where=chance > 1e-9 * answers)
        return np.asarray(1 - ratio)

    total = float(observed.sum())
    value = float(alpha(total, answers, expected[-1:])[0])
    if np.isnan(value):
        return Estimate(None, None, None, len(sizes))
    left_out = alpha(total - observed, answers - sizes, expected[:-1])
    return jackknifed(value, left_out, np.ones(len(sizes)))


def _nominal(unit: NDArray[np.intp], values: Sequence[object]) -> tuple[NDArray[np.float64], ...]:
    """Per unit: its disagreement and size. (U + 1,): disagreement by chance without each unit, then with all."""
    _, said = np.unique(np.array(values, dtype=np.str_), return_inverse=True)
    classes = int(said.max()) + 1
    counts = np.bincount(unit * classes + said, minlength=(int(unit.max()) + 1) * classes)
    counts = counts.reshape(-1, classes).astype(np.float64)
    sizes = counts.sum(axis=1)
    observed = (counts * (sizes[:, None] - counts)).sum(axis=1) / (sizes - 1)
    every = np.vstack([counts.sum(axis=0) - counts, counts.sum(axis=0)])
    return observed, sizes, every.sum(axis=1) ** 2 - (every**2).sum(axis=1)


def _interval(unit: NDArray[np.intp], values: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """The same three for squared distances of numbers."""
    centred = values - values.mean()
    sizes = np.bincount(unit).astype(np.float64)
    sums, squares = np.bincount(unit, centred), np.bincount(unit, centred**2)
    within = np.bincount(unit, (centred - (sums / sizes)[unit]) ** 2)
    n, first, second = (np.append(column.sum() - column, column.sum()) for column in (sizes, sums, squares))
    return 2 * sizes * within / (sizes - 1), sizes, 2 * (n * second - first**2)


def cohens_kappa(first: Sequence[str | None], second: Sequence[str | None]) -> Estimate:
    """Cohen's kappa of two people's words for the same things, with the jackknife over things.

    first, second: (N,) words; a thing that one of them did not answer is left out. None where both always gave one
    and the same word. Source: Cohen, Educational and Psychological Measurement 20 (1960). Raises ValueError for
    different lengths.
    """
    if len(first) != len(second):
        raise ValueError(f"Give one word of each person for each thing, got {len(first)} and {len(second)}.")
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    if not pairs:
        return NOTHING
    names, place = np.unique(np.array(pairs), return_inverse=True)
    rows, columns = place.reshape(-1, 2).T
    size = len(names)
    table = np.bincount(rows * size + columns, minlength=size * size).reshape(size, size).astype(np.float64)
    value = float(_kappas(table[None])[0])
    if np.isnan(value):
        return Estimate(None, None, None, len(pairs))
    at = np.argwhere(table > 0)
    without = np.repeat(table[None], len(at), axis=0)
    without[np.arange(len(at)), at[:, 0], at[:, 1]] -= 1
    return jackknifed(value, _kappas(without), table[at[:, 0], at[:, 1]])


def _kappas(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """(K,) coefficients of (K, C, C) tables of counts; NaN where chance alone gives full agreement."""
    n = tables.sum(axis=(1, 2))
    n[n == 0] = np.nan
    agreed = np.trace(tables, axis1=1, axis2=2) / n
    chance = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1) / n**2
    room = 1 - chance
    return np.asarray(np.divide(agreed - chance, room, out=np.full_like(room, np.nan), where=room > 1e-12))
