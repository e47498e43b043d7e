"""People who always guess younger or older: their bias and spread, and means freed of them (Part 6, 9).

The released age is the plain mean (``age.summarise_ages``); the means made here stand beside it in a second column.
Everything follows from the ages in the revisions and the ages of gold faces, so it can be computed again at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.keys import Key, key_order

ItemKey = TypeVar("ItemKey", bound=Key)
"""What names an item."""
PersonKey = TypeVar("PersonKey", bound=Key)
"""What names a person."""
Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

ROUNDS: Final = 500
SETTLED: Final = 1e-7
"""Years; the fit ends when no bias and no spread moves by more."""
SPREAD_MIN: Final = 0.5
"""Years; keeps one person with lucky answers from outweighing everybody."""
SPREAD_PRIOR: Final = 4.0
"""Years; everybody's spread where the ages cannot tell."""
SPREAD_PRIOR_VOTES: Final = 5.0
"""A person's spread is the median of all until they gave more ages than this; then their own counts for more."""
BIAS_SD_PRIOR: Final = 3.0
"""Years between people's biases before any age is seen, weighing as much as BIAS_PRIOR_PEOPLE people."""
BIAS_PRIOR_PEOPLE: Final = 2.0
BIAS_SD_MIN: Final = 0.1


@dataclass(frozen=True, slots=True)
class AgeModel(Generic[ItemKey, PersonKey]):
    """Years. age: per item, gold items their trusted age; age_error: its standard error, 0 for gold.

    bias, spread: per person, how much older they guess on average and their standard deviation around that;
    bias_error: standard error of the bias. bias_sd: standard deviation of people's biases. gold_n: gold items that
    anchor the fit; with none, the biases sum to zero and what all people share cannot be seen.
    """

    age: dict[ItemKey, float]
    age_error: dict[ItemKey, float]
    bias: dict[PersonKey, float]
    bias_error: dict[PersonKey, float]
    spread: dict[PersonKey, float]
    bias_sd: float
    gold_n: int


@dataclass(frozen=True, slots=True)
class _Votes:
    """Sorted by item, then person. i, j, years: (V,). is_gold: (items,). gold: (items,) its age, else 0."""

    i: Indices
    j: Indices
    years: Floats
    is_gold: NDArray[np.bool_]
    gold: Floats
    people: int
    pairs: tuple[tuple[Indices, Indices], ...]

    @property
    def on_gold(self) -> NDArray[np.bool_]:
        """(V,) whether a vote is about a gold item."""
        return self.is_gold[self.i]


def fit_age_biases(
    votes: Iterable[tuple[ItemKey, PersonKey, float]], gold: Mapping[ItemKey, float] | None = None
) -> AgeModel[ItemKey, PersonKey]:
    """Fit y = age(item) + bias(person) + N(0, spread(person)²) to (item, person, years) votes.

    Ages of items are free, those of ``gold`` items are given; biases are drawn from N(0, bias_sd²), which pulls the
    bias of a person with few votes toward zero. For given variances all biases are solved exactly, with the items
    eliminated; the variances follow from the residuals, corrected for the freedom that the fit used up (without that
    correction one person ends up with all the weight), until nothing moves. Ages outside 0 to 100 are cut.

    The order of the votes changes nothing. Someone's second vote on an item replaces the first. Work grows with the
    votes times the votes per item. Raises ValueError without votes, or for an age that is not finite.
    """
    known: Mapping[ItemKey, float] = {} if gold is None else gold
    last = {(item, person): float(years) for item, person, years in votes}
    if not last:
        raise ValueError("There are no ages to fit.")
    if not np.isfinite([*last.values(), *known.values()]).all():
        raise ValueError("Every age has to be a finite number of years.")
    items = list(dict.fromkeys(item for item, _ in last))
    people = sorted({person for _, person in last}, key=key_order)
    items.sort(key=key_order)
    item_of = {item: n for n, item in enumerate(items)}
    person_of = {person: n for n, person in enumerate(people)}
    i = np.array([item_of[item] for item, _ in last], dtype=np.intp)
    j = np.array([person_of[person] for _, person in last], dtype=np.intp)
    order = np.lexsort((j, i))
    given = _Votes(
        i[order],
        j[order],
        np.array(list(last.values()))[order],
        np.array([item in known for item in items]),
        np.array([known.get(item, 0.0) for item in items], dtype=np.float64),
        len(people),
        _pairs(i[order]),
    )
    return _named(items, people, given, *_fitted(given))


def _fitted(votes: _Votes) -> tuple[Floats, Floats, Floats, float]:
    """(people,) biases, (people, people) their covariance, (people,) variances, standard deviation of the biases."""
    bias, variance = np.zeros(votes.people), np.ones(votes.people)
    prior = BIAS_SD_PRIOR**2
    covariance = np.eye(votes.people)
    for _ in range(ROUNDS):
        weight = 1 / variance[votes.j]
        total = _sums(votes.i, weight)
        precision, pull = _normal_equations(votes, weight, total)
        covariance = np.asarray(np.linalg.inv(precision + np.eye(votes.people) / prior), dtype=np.float64)
        updated = covariance @ pull
        age = _ages(votes, weight, total, updated)
        residual = votes.years - age[votes.i] - updated[votes.j]
        free = np.where(votes.on_gold, 1.0, 1 - weight / total[votes.i])
        freedom = np.bincount(votes.j, free, minlength=votes.people) - np.diag(precision @ covariance)
        squares = np.bincount(votes.j, residual**2, minlength=votes.people)
        freedom = np.maximum(freedom, 0.0)
        measured = freedom >= 1
        usual = float(np.median(squares[measured] / freedom[measured])) if measured.any() else SPREAD_PRIOR**2
        drawn = (squares + SPREAD_PRIOR_VOTES * usual) / (freedom + SPREAD_PRIOR_VOTES)
        drawn = np.maximum(drawn, SPREAD_MIN**2)
        between = float((updated**2 + np.diag(covariance)).sum())
        prior = (between + BIAS_PRIOR_PEOPLE * BIAS_SD_PRIOR**2) / (votes.people + BIAS_PRIOR_PEOPLE)
        prior = max(prior, BIAS_SD_MIN**2)
        moved = max(np.abs(updated - bias).max(), np.abs(np.sqrt(drawn) - np.sqrt(variance)).max())
        bias, variance = updated, drawn
        if moved < SETTLED:
            break
    return bias, covariance, variance, float(np.sqrt(prior))


def _normal_equations(votes: _Votes, weight: Floats, total: Floats) -> tuple[Floats, Floats]:
    """(people, people) precision of the biases that the votes give, and (people,) its right-hand side."""
    free = ~votes.on_gold
    baseline = _sums(votes.i, weight * votes.years) / total
    baseline = np.where(votes.is_gold, votes.gold, baseline)
    pull = _sums(votes.j, weight * (votes.years - baseline[votes.i]), votes.people)
    lost = np.where(free, weight**2 / total[votes.i], 0.0)
    precision: Floats = np.diag(_sums(votes.j, weight - lost, votes.people))
    for a, b in votes.pairs:
        shared = np.where(free[a], weight[a] * weight[b] / total[votes.i[a]], 0.0)
        at = votes.j[a] * votes.people + votes.j[b]
        crossed = np.bincount(at, shared, minlength=votes.people**2).reshape(votes.people, votes.people)
        precision = precision - crossed - crossed.T
    return precision, pull


def _sums(at: Indices, values: Floats, size: int = 0) -> Floats:
    """Sum of the values at each place."""
    return np.bincount(at, values, minlength=size).astype(np.float64)


def _ages(votes: _Votes, weight: Floats, total: Floats, bias: Floats) -> Floats:
    """(items,) weighted means of the ages freed of their givers' biases; gold items their own."""
    freed = _sums(votes.i, weight * (votes.years - bias[votes.j])) / total
    return np.where(votes.is_gold, votes.gold, freed)


def _named(
    items: list[ItemKey],
    people: list[PersonKey],
    votes: _Votes,
    bias: Floats,
    covariance: Floats,
    variance: Floats,
    bias_sd: float,
) -> AgeModel[ItemKey, PersonKey]:
    """The fit with the names of items and people. An age's error has the error of the biases in it."""
    weight = 1 / variance[votes.j]
    total = _sums(votes.i, weight)
    age = np.clip(_ages(votes, weight, total, bias), 0.0, 100.0)
    share = weight / total[votes.i]
    squared = 1 / total + np.bincount(votes.i, share**2 * np.diag(covariance)[votes.j])
    for a, b in votes.pairs:
        crossed = 2 * share[a] * share[b] * covariance[votes.j[a], votes.j[b]]
        squared += np.bincount(votes.i[a], crossed, minlength=len(items))
    error = np.where(votes.is_gold, 0.0, np.sqrt(squared))
    return AgeModel(
        age=dict(zip(items, age.tolist(), strict=True)),
        age_error=dict(zip(items, error.tolist(), strict=True)),
        bias=dict(zip(people, bias.tolist(), strict=True)),
        bias_error=dict(zip(people, np.sqrt(np.diag(covariance)).tolist(), strict=True)),
        spread=dict(zip(people, np.sqrt(variance).tolist(), strict=True)),
        bias_sd=bias_sd,
        gold_n=int(votes.is_gold.sum()),
    )


def _pairs(i: Indices) -> tuple[tuple[Indices, Indices], ...]:
    """Every two votes on one item, as index arrays by their distance in the sorted votes."""
    found = []
    for distance in range(1, len(i)):
        first = np.flatnonzero(i[:-distance] == i[distance:])
        if not len(first):
            break
        found.append((first, first + distance))
    return tuple(found)
