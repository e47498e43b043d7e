"""Dawid and Skene's consensus over votes."""

from __future__ import annotations

import numpy as np
import pytest

from jfa_pipeline.aggregate.dawid_skene import dawid_skene

CLASSES = ("asian", "black", "white")


def crowd(seed: int, *, items: int = 400) -> tuple[list[tuple[int, str, str]], list[str]]:
    """Three of five people an item; two are good, one fair, one guesses, one says white whenever it is asian."""
    random = np.random.default_rng(seed)
    truth = random.choice(CLASSES, items, p=(0.3, 0.2, 0.5)).tolist()
    right = {"ann": 0.95, "bob": 0.9, "cy": 0.75, "dice": 0.0, "mix": 0.95}
    votes = []
    for item, true in enumerate(truth):
        for person in random.choice(list(right), 3, replace=False):
            said = true if random.random() < right[str(person)] else str(random.choice(CLASSES))
            votes.append((item, str(person), "white" if (person, true) == ("mix", "asian") else said))
    return votes, truth


def test_it_makes_fewer_errors_than_the_majority_and_sees_who_errs_how() -> None:
    votes, truth = crowd(1)
    found = dawid_skene(votes, CLASSES)
    wrong = np.mean([found.classes(CLASSES)[n] != true for n, true in enumerate(truth)])
    majority = []
    for n, true in enumerate(truth):
        said = [word for item, _, word in votes if item == n]
        majority.append(max(CLASSES, key=said.count) != true)
    assert wrong < 0.8 * np.mean(majority)
    of = dict(zip(found.people, found.errors, strict=True))
    assert of["ann"][2, 2] > 0.9
    assert of["mix"][0, 2] > 0.8, "asian called white"
    assert of["dice"].max() < 0.55
    assert found.errors.sum(axis=2) == pytest.approx(1)
    assert found.posterior.sum(axis=1) == pytest.approx(1)


def test_gold_items_turn_the_majority_round() -> None:
    """Two people always swap both classes; only gold can tell that the third is right."""
    random = np.random.default_rng(2)
    truth = random.choice(["f", "m"], 60).tolist()
    swap = {"f": "m", "m": "f"}
    votes = [
        (n, who, swap[t] if who != "ann" else t) for n, t in enumerate(truth) for who in ("ann", "bob", "cy")
    ]
    assert dawid_skene(votes, ("f", "m")).classes(("f", "m"))[30] == swap[truth[30]]
    gold = {n: truth[n] for n in range(20)}
    found = dawid_skene(votes, ("f", "m"), known=gold, smoothing=1.0).classes(("f", "m"))
    assert [found[n] for n in range(60)] == truth


def test_smoothing_keeps_a_person_with_one_vote_from_looking_infallible() -> None:
    votes = [(n, who, "m") for n in range(9) for who in ("ann", "bob")] + [(9, "ann", "f"), (9, "new", "m")]
    sure = dawid_skene(votes, ("f", "m"), smoothing=1.0)
    of = dict(zip(sure.people, sure.errors, strict=True))
    assert of["new"].max() < 0.96


def test_it_does_not_depend_on_the_order_of_votes() -> None:
    votes, _ = crowd(3, items=60)
    first, second = dawid_skene(votes, CLASSES), dawid_skene(votes[::-1], CLASSES)
    assert first.classes(CLASSES) == second.classes(CLASSES)


def test_one_person_is_believed_and_no_votes_give_nothing() -> None:
    assert dawid_skene([(1, "ann", "f"), (2, "ann", "m")], ("f", "m")).classes(("f", "m")) == {1: "f", 2: "m"}
    empty = dawid_skene([], ("f", "m"), known={1: "f"})
    assert (empty.items, empty.people) == ([], [])


def test_it_refuses_unknown_classes() -> None:
    with pytest.raises(ValueError, match="Unknown classes: x"):
        dawid_skene([(1, "ann", "x")], ("f", "m"))
    with pytest.raises(ValueError, match="Unknown classes: y"):
        dawid_skene([(1, "ann", "f")], ("f", "m"), known={1: "y"})
