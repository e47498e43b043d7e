"""Several people's classes for one face: what they agree on and how each of them errs (A21, Part 6, 9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.keys import Key

ItemKey = TypeVar("ItemKey", bound=Key)
"""What names an item."""
PersonKey = TypeVar("PersonKey", bound=Key)
"""What names a person."""

ROUNDS: Final = 2000
SETTLED: Final = 1e-9
SMALLEST: Final = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Consensus(Generic[ItemKey, PersonKey]):
    """items, people: in order of first appearance. posterior: (items, classes). errors: (people, true, said)."""

    items: list[ItemKey]
    people: list[PersonKey]
    posterior: NDArray[np.float64]
    errors: NDArray[np.float64]

    def classes(self, names: Sequence[str]) -> dict[ItemKey, str]:
        """The most probable class of each item."""
        return {
            item: names[int(at)] for item, at in zip(self.items, self.posterior.argmax(axis=1), strict=True)
        }


def dawid_skene(
    votes: Iterable[tuple[ItemKey, PersonKey, str]],
    classes: Sequence[str],
    *,
    known: Mapping[ItemKey, str] | None = None,
    smoothing: float = 0.0,
) -> Consensus[ItemKey, PersonKey]:
    """Consensus of (item, person, class) votes by Dawid and Skene's EM (Applied Statistics 28, 1979).

    It starts from the vote shares, so a person who always says the opposite is understood as long as the others
    outvote them. known: the true class of gold items, which anchors everybody's errors; an item without votes is
    ignored. smoothing: imagined votes added to each person: that many right ones and a tenth of it for each way of
    being wrong, so that few votes do not make anyone look infallible; 0 is maximum likelihood. Work and memory
    grow with the votes, not with items times people. Raises ValueError for an unknown class.
    """
    every = list(votes)
    place = {name: number for number, name in enumerate(classes)}
    gold: Mapping[ItemKey, str] = {} if known is None else known
    if unknown := ({said for _, _, said in every} | set(gold.values())) - set(place):
        raise ValueError(f"Unknown classes: {', '.join(sorted(unknown))}.")
    item_of: dict[ItemKey, int] = {}
    person_of: dict[PersonKey, int] = {}
    i = np.array([item_of.setdefault(item, len(item_of)) for item, _, _ in every], dtype=np.intp)
    j = np.array([person_of.setdefault(person, len(person_of)) for _, person, _ in every], dtype=np.intp)
    said = np.array([place[word] for _, _, word in every], dtype=np.intp)
    k = len(classes)
    if not every:
        return Consensus([], [], np.empty((0, k)), np.empty((0, k, k)))
    fixed = np.array([item_of[item] for item in gold if item in item_of], dtype=np.intp)
    truth = np.eye(k)[[place[word] for item, word in gold.items() if item in item_of]]
    imagined = smoothing * (0.1 + 0.9 * np.eye(k))
    counts = np.bincount(i * k + said, minlength=len(item_of) * k).reshape(-1, k)
    posterior = counts / counts.sum(axis=1, keepdims=True)
    posterior[fixed] = truth
    errors = np.zeros((len(person_of), k, k))
    for _ in range(ROUNDS):
        prior = posterior.mean(axis=0)
        errors = _errors(posterior, i, j, said, len(person_of)) + imagined
        totals = errors.sum(axis=2, keepdims=True)
        errors = np.divide(errors, totals, out=np.full_like(errors, 1 / k), where=totals > 0)
        of_vote = np.log(np.maximum(errors, SMALLEST))[j, :, said]
        evidence = np.stack([np.bincount(i, of_vote[:, t], minlength=len(item_of)) for t in range(k)], axis=1)
        evidence += np.log(np.maximum(prior, SMALLEST))
        raised = np.exp(evidence - evidence.max(axis=1, keepdims=True))
        updated = raised / raised.sum(axis=1, keepdims=True)
        updated[fixed] = truth
        moved = float(np.abs(updated - posterior).max(initial=0.0))
        posterior = updated
        if moved < SETTLED:
            break
    return Consensus(list(item_of), list(person_of), posterior, errors)


def _errors(
    posterior: NDArray[np.float64],
    i: NDArray[np.intp],
    j: NDArray[np.intp],
    said: NDArray[np.intp],
    people: int,
) -> NDArray[np.float64]:
    """(people, true, said) expected counts."""
    k = posterior.shape[1]
    cell = j * k + said
    by_true = [np.bincount(cell, posterior[i, t], minlength=people * k).reshape(people, k) for t in range(k)]
    return np.stack(by_true, axis=1)
