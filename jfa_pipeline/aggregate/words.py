"""One word for each face from the words that several people gave, by the rule that the policy names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from jfa_pipeline.aggregate.dawid_skene import dawid_skene
from jfa_pipeline.aggregate.majority import majority
from jfa_pipeline.core.keys import Key

ItemKey = TypeVar("ItemKey", bound=Key)
"""What names an item."""
PersonKey = TypeVar("PersonKey", bound=Key)
"""What names a person."""

SMOOTHING: Final = 1.0
"""Imagined right votes of each person, so that few votes make nobody look infallible."""


@dataclass(frozen=True, slots=True)
class CombinedWords(Generic[ItemKey]):
    """words: of each item with at least two people that could be decided. tied: items that a majority leaves open."""

    words: dict[ItemKey, str]
    tied: frozenset[ItemKey]


def combine_words(
    votes: Iterable[tuple[ItemKey, PersonKey, str]],
    classes: Sequence[str],
    *,
    by: str,
    known: Mapping[ItemKey, str] | None = None,
) -> CombinedWords[ItemKey]:
    """Combine (item, person, word) votes; someone's second vote on an item replaces the first.

    by: "majority", where a tie goes to a person (A21), or "dawid_skene", where each counts as they proved right.
    known: true words of gold items, from which Dawid and Skene learn people's errors. A word that is not among
    ``classes`` (a policy that changed) is one more class. The order of the votes changes nothing. Raises ValueError
    for another rule.
    """
    if by not in ("majority", "dawid_skene"):
        raise ValueError(f"Unknown rule {by!r}: majority or dawid_skene.")
    of_item: dict[ItemKey, dict[PersonKey, str]] = defaultdict(dict)
    for item, person, word in votes:
        of_item[item][person] = word
    several = [item for item, given in of_item.items() if len(given) > 1]
    if by == "majority":
        found = {item: majority(of_item[item].values()) for item in several}
        return CombinedWords(
            {item: vote.winner for item, vote in found.items() if vote.winner is not None},
            frozenset(item for item, vote in found.items() if vote.is_tie),
        )
    true = {item: word for item, word in (known or {}).items() if item in of_item}
    used = {item: of_item[item] for item in {*several, *true}}
    names = sorted({*classes, *true.values(), *(w for given in used.values() for w in given.values())})
    rows = sorted(
        ((item, person, word) for item, given in used.items() for person, word in given.items()), key=repr
    )
    decided = dawid_skene(rows, names, known=true, smoothing=SMOOTHING).classes(names)
    return CombinedWords({item: decided[item] for item in several}, frozenset())
