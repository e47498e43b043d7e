"""The word that most people gave for a face (A21: a tie goes to the queue)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Majority:
    """winner: None for a tie and for no answers. counts: answers of each word, most first."""

    winner: str | None
    counts: dict[str, int]

    @property
    def is_tie(self) -> bool:
        """Whether several words have the most answers, so that a person has to decide."""
        return self.winner is None and bool(self.counts)


def majority(words: Iterable[str | None]) -> Majority:
    """The word with the most answers; None is no answer. Each person's word counts the same."""
    counts = Counter(word for word in words if word is not None)
    ordered = dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
    most = [word for word, count in ordered.items() if count == max(ordered.values())]
    return Majority(most[0] if len(most) == 1 else None, ordered)


def flags_by_majority(given: Iterable[frozenset[str]]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Flags that more people set than not, and those that exactly half of them set, which somebody has to decide."""
    sets = list(given)
    counts: Mapping[str, int] = Counter(flag for flags in sets for flag in flags)
    chosen = frozenset(flag for flag, count in counts.items() if 2 * count > len(sets))
    return chosen, tuple(sorted(flag for flag, count in counts.items() if 2 * count == len(sets)))
