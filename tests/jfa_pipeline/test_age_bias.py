"""Ages freed of people's biases, anchored on gold faces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jfa_pipeline.aggregate.age_bias import BIAS_SD_PRIOR, fit_age_biases

Votes = list[tuple[int, str, float]]
BIASES = {"ann": -3.0, "bob": 0.0, "cy": 5.0}


def planted(
    seed: int, *, items: int = 300, gold: int = 60, sd: float = 3.0
) -> tuple[Votes, dict[int, float], list[float]]:
    """Everybody on every item; gold items have keys below zero. Returns votes, gold ages, true ages."""
    random = np.random.default_rng(seed)
    ages = random.uniform(15, 70, items).tolist()
    trusted = {-1 - n: float(age) for n, age in enumerate(random.uniform(15, 70, gold))}
    votes = [
        (item, person, age + bias + random.normal(0, sd))
        for item, age in [*enumerate(ages), *trusted.items()]
        for person, bias in BIASES.items()
    ]
    return votes, trusted, ages


def test_it_moves_each_age_by_its_givers_bias() -> None:
    """Without noise: gold says that ann guesses 3 too young and cy 5 too old."""
    votes, gold, ages = planted(1, sd=0.0)
    found = fit_age_biases(votes, gold)
    assert found.bias == pytest.approx(BIASES, abs=0.01)
    assert [found.age[n] for n in range(300)] == pytest.approx(ages, abs=0.01)


def test_it_recovers_biases_and_the_offset_that_all_share() -> None:
    votes, gold, _ = planted(2)
    older = [(item, person, years + 4) for item, person, years in votes]
    assert fit_age_biases(older, gold).bias == pytest.approx({n: b + 4 for n, b in BIASES.items()}, abs=0.6)
    assert sum(fit_age_biases(older).bias.values()) == pytest.approx(0, abs=1e-6)


def test_it_says_how_sure_it_is() -> None:
    votes, gold, ages = planted(3)
    found = fit_age_biases(votes, gold)
    assert found.gold_n == 60
    # three people on each gold face share one offset: 3 / sqrt(180), and their own differences
    assert found.bias_error["bob"] == pytest.approx(3 * (1 / 180 + 2 / 3 / 360) ** 0.5, rel=0.1)
    z = np.array([(found.age[n] - age) / found.age_error[n] for n, age in enumerate(ages)])
    assert z.std() == pytest.approx(1, abs=0.12)
    assert all(found.age_error[item] == 0 and found.age[item] == age for item, age in gold.items())


def test_it_knows_that_without_gold_the_common_offset_is_unseen() -> None:
    votes, gold, _ = planted(3)
    with_gold, without = fit_age_biases(votes, gold), fit_age_biases(votes)
    assert without.bias_error["ann"] > 5 * with_gold.bias_error["ann"]


def test_it_listens_less_to_people_who_guess_wildly() -> None:
    random = np.random.default_rng(99)
    votes, gold, ages = planted(4)
    wild = [(item, "dice", float(random.uniform(0, 100))) for item, person, _ in votes if person == "ann"]
    found = fit_age_biases([*votes, *wild], gold)
    assert found.spread["dice"] > 20
    assert found.spread["ann"] == pytest.approx(3, abs=0.5)
    error = np.mean([abs(found.age[n] - age) for n, age in enumerate(ages)])
    plain = [np.mean([years for item, _, years in [*votes, *wild] if item == n]) for n in range(len(ages))]
    assert error < 0.5 * np.mean(np.abs(np.array(plain) - ages))


def test_it_shrinks_the_bias_of_a_person_with_one_vote() -> None:
    votes, gold, _ = planted(5)
    found = fit_age_biases([*votes, (-1, "new", gold[-1] + 10)], gold)
    assert 1 < found.bias["new"] < 8
    assert found.bias_error["new"] > 1.5


def test_it_works_for_one_person_and_one_face() -> None:
    found = fit_age_biases([("face", "ann", 30.0)])
    assert found.age["face"] == pytest.approx(30)
    assert found.bias["ann"] == pytest.approx(0)
    assert found.age_error["face"] > BIAS_SD_PRIOR
    anchored = fit_age_biases([("gold", "ann", 34.0), ("face", "ann", 30.0)], {"gold": 30.0})
    assert 26 < anchored.age["face"] < 30


def test_its_weights_do_not_collapse_on_one_person() -> None:
    """Two people a face: maximum likelihood gives one of them no spread and all the weight; this must not."""
    random = np.random.default_rng(6)
    votes = [
        (item, person, float(age + random.normal(0, 4)))
        for item, age in enumerate(random.uniform(10, 70, 200))
        for person in ("ann", "bob")
    ]
    found = fit_age_biases(votes)
    assert found.spread["ann"] == pytest.approx(4, abs=1.5)
    assert found.spread["bob"] == pytest.approx(4, abs=1.5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 50))
def test_it_gives_the_same_figures_in_any_order(seed: int) -> None:
    votes, gold, _ = planted(seed, items=12, gold=4)
    shuffled = sorted(votes, key=lambda vote: hash((seed, vote)))
    assert fit_age_biases(shuffled, gold) == fit_age_biases(votes, gold)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 100), st.floats(-5, 5))
def test_it_moves_with_the_ages(seed: int, shift: float) -> None:
    """Everybody and the gold so many years older: the same biases, ages so much older."""
    votes, gold, _ = planted(seed, items=10, gold=5)
    first = fit_age_biases(votes, gold)
    second = fit_age_biases(
        [(item, person, years + shift) for item, person, years in votes],
        {item: age + shift for item, age in gold.items()},
    )
    assert second.bias == pytest.approx(first.bias, abs=1e-4)
    assert second.age[0] == pytest.approx(first.age[0] + shift, abs=1e-3)


def test_it_counts_a_second_vote_instead_of_the_first_and_cuts_impossible_ages() -> None:
    assert fit_age_biases([(1, "ann", 90.0), (1, "ann", 20.0)]).age[1] == pytest.approx(20)
    gold = dict.fromkeys(range(10, 30), 50.0)
    votes = [(n, "ann", 55.0) for n in gold] + [(1, "ann", 1.0)]
    assert fit_age_biases(votes, gold).age[1] == 0


@pytest.mark.parametrize(("votes", "message"), [([], "no ages"), ([(1, "ann", float("nan"))], "finite")])
def test_it_refuses_what_it_cannot_fit(votes: Votes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit_age_biases(votes)
