"""One word for each face from several people's, by majority and by Dawid and Skene."""

from __future__ import annotations

import random

import pytest

from jfa_pipeline.aggregate.words import combine_words

CLASSES = ("female", "male", "unsure")


def test_it_takes_the_majority_and_names_ties() -> None:
    votes = [("a", 1, "male"), ("a", 2, "male"), ("a", 3, "female"), ("b", 1, "male"), ("b", 2, "female")]
    found = combine_words(votes, CLASSES, by="majority")
    assert (found.words, found.tied) == ({"a": "male"}, frozenset({"b"}))


@pytest.mark.parametrize("by", ["majority", "dawid_skene"])
def test_it_decides_nothing_for_one_person_or_twice_the_same(by: str) -> None:
    votes = [("a", 1, "male"), ("b", 1, "male"), ("b", 1, "female")]
    assert combine_words(votes, CLASSES, by=by).words == {}


def test_it_weighs_people_as_they_proved_right_on_gold() -> None:
    """Two people always say male; on gold the third one is right and they are not."""
    gold = {f"g{number}": ("female" if number % 2 else "male") for number in range(12)}
    votes = [
        vote
        for item, true in gold.items()
        for vote in ((item, 1, "male"), (item, 2, "male"), (item, 3, true))
    ]
    votes += [("a", 1, "male"), ("a", 2, "male"), ("a", 3, "female")]
    assert combine_words(votes, CLASSES, by="majority").words["a"] == "male"
    assert combine_words(votes, CLASSES, by="dawid_skene", known=gold).words["a"] == "female"


@pytest.mark.parametrize("by", ["majority", "dawid_skene"])
def test_it_does_not_depend_on_the_order_of_the_votes(by: str) -> None:
    draw = random.Random(2)  # no secret
    votes = [(item, person, draw.choice(CLASSES)) for item in range(30) for person in range(4)]
    shuffled = draw.sample(votes, len(votes))
    assert combine_words(votes, CLASSES, by=by) == combine_words(shuffled, CLASSES, by=by)


def test_it_takes_a_word_of_an_older_policy_as_a_class() -> None:
    votes = [("a", 1, "other"), ("a", 2, "other")]
    assert combine_words(votes, CLASSES, by="dawid_skene").words == {"a": "other"}


def test_it_refuses_an_unknown_rule() -> None:
    with pytest.raises(ValueError, match="majority or dawid_skene"):
        combine_words([], CLASSES, by="loudest")
