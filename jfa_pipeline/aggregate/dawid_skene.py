"""Several people's classes for one face: what they agree on and how each of them errs (A21, Part 6, 9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

ROUNDS: Final = 100
SETTLED: Final = 1e-9
SMALLEST: Final = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Consensus:
    """items, people: in order of first appearance. posterior: (items, classes). errors: (people, true, said)."""

    items: list[str]
    people: list[str]
    posterior: NDArray[np.float64]
    errors: NDArray[np.float64]

    def classes(self, names: Sequence[str]) -> dict[str, str]:
        """The most probable class of each item."""
        return {item: names[int(row.argmax())] for item, row in zip(self.items, self.posterior, strict=True)}


def dawid_skene(votes: Iterable[tuple[str, str, str]], classes: Sequence[str]) -> Consensus:
    """Maximum-likelihood consensus of (item, person, class) votes by Dawid and Skene's EM.

    It starts from the vote shares, so a person who always says the opposite is understood as long as the others
    outvote them. Raises ValueError for an unknown class.
    """
    every = list(votes)
    items = list(dict.fromkeys(item for item, _, _ in every))
    people = list(dict.fromkeys(person for _, person, _ in every))
    place = {name: number for number, name in enumerate(classes)}
    if unknown := {said for _, _, said in every} - set(place):
        raise ValueError(f"Unknown classes: {', '.join(sorted(unknown))}.")
    item_of, person_of = ({name: n for n, name in enumerate(names)} for names in (items, people))
    given = np.zeros((len(items), len(people), len(classes)))
    for item, person, said in every:
        given[item_of[item], person_of[person], place[said]] += 1
    counts = given.sum(axis=1)
    posterior = counts / counts.sum(axis=1, keepdims=True)
    for _ in range(ROUNDS):
        prior = posterior.mean(axis=0)
        seen = np.einsum("it,ips->pts", posterior, given)
        totals = seen.sum(axis=2, keepdims=True)
        errors = np.divide(seen, totals, out=np.full_like(seen, 1 / len(classes)), where=totals > 0)
        evidence = np.log(np.maximum(prior, SMALLEST)) + np.einsum(
            "ips,pts->it", given, np.log(np.maximum(errors, SMALLEST))
        )
        raised = np.exp(evidence - evidence.max(axis=1, keepdims=True))
        updated = raised / raised.sum(axis=1, keepdims=True)
        moved = float(np.abs(updated - posterior).max())
        posterior = updated
        if moved < SETTLED:
            break
    return Consensus(items, people, posterior, errors)
