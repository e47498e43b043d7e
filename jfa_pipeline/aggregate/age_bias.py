"""People who always guess younger or older: their bias and spread, and means freed of them (Part 6, 9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

ROUNDS: Final = 200
SETTLED: Final = 1e-8
SPREAD_MIN: Final = 0.5
"""Years; keeps one person with few or lucky answers from outweighing everybody."""


@dataclass(frozen=True, slots=True)
class AgeModel:
    """age: years per item. bias, spread: years per person; the biases sum to zero."""

    age: dict[str, float]
    bias: dict[str, float]
    spread: dict[str, float]


def fit_age_biases(votes: Iterable[tuple[str, str, float]]) -> AgeModel:
    """Fit y = age(item) + bias(person) + N(0, spread(person)) to (item, person, years) votes.

    Alternates precision-weighted means until nothing moves. Only differences between people can be seen, so the
    biases are made to sum to zero. Raises ValueError without votes.
    """
    every = list(votes)
    if not every:
        raise ValueError("There are no ages to fit.")
    items = list(dict.fromkeys(item for item, _, _ in every))
    people = list(dict.fromkeys(person for _, person, _ in every))
    item_of, person_of = ({name: n for n, name in enumerate(names)} for names in (items, people))
    i = np.array([item_of[item] for item, _, _ in every])
    j = np.array([person_of[person] for _, person, _ in every])
    years = np.array([value for _, _, value in every], dtype=np.float64)
    bias, spread = np.zeros(len(people)), np.ones(len(people))
    per_person = np.bincount(j, minlength=len(people))
    for _ in range(ROUNDS):
        weight = 1 / spread[j] ** 2
        age = np.bincount(i, weight * (years - bias[j])) / np.bincount(i, weight)
        updated = np.bincount(j, years - age[i], minlength=len(people)) / per_person
        updated -= updated.mean()
        residual = years - age[i] - updated[j]
        spread = np.maximum(np.sqrt(np.bincount(j, residual**2) / per_person), SPREAD_MIN)
        moved = float(np.abs(updated - bias).max())
        bias = updated
        if moved < SETTLED:
            break
    weight = 1 / spread[j] ** 2
    age = np.bincount(i, weight * (years - bias[j])) / np.bincount(i, weight)
    return AgeModel(
        dict(zip(items, age.tolist(), strict=True)),
        dict(zip(people, bias.tolist(), strict=True)),
        dict(zip(people, spread.tolist(), strict=True)),
    )
