"""Apparent age: mean, sample standard deviation and number of the ages given."""

from __future__ import annotations

import pytest

from jfa_pipeline.aggregate.age import AgeSummary, summarise_ages, wants_another_age


def test_it_takes_the_plain_mean_and_the_sample_deviation() -> None:
    found = summarise_ages([28, 30, 35])
    assert found.mean == 31
    assert found.sd == pytest.approx((13) ** 0.5)
    assert found.n == 3


def test_it_knows_no_deviation_of_one_age() -> None:
    assert summarise_ages([29.5]) == AgeSummary(mean=29.5, sd=None, n=1)


def test_it_says_nothing_without_ages() -> None:
    assert summarise_ages(()) == AgeSummary(mean=None, sd=None, n=0)


@pytest.mark.parametrize("age", [-1, 100.5, float("nan")])
def test_it_refuses_an_impossible_age(age: float) -> None:
    with pytest.raises(ValueError, match="0 to 100"):
        summarise_ages([30, age])


def test_it_asks_for_ages_until_the_mean_is_sure_enough() -> None:
    def wants(*ages: float) -> bool:
        return wants_another_age(summarise_ages(ages), error_max=2.0, people_max=5, typical_sd=4.0)

    assert wants()
    assert wants(30), "one age: 4 years"
    assert wants(30, 30), "two equal ages are luck: sqrt(2 * 16 / 3) / sqrt(2) = 2.3"
    assert not wants(30, 30, 30), "sqrt(2 * 16 / 4) / sqrt(3) = 1.6"
    assert wants(20, 30, 40)
    assert not wants(20, 30, 40, 25, 35), "five people were asked"


def test_the_standard_error_mixes_in_what_is_usual() -> None:
    assert summarise_ages([28, 32]).standard_error(4) == pytest.approx(((8 + 32) / 3 / 2) ** 0.5)
    assert summarise_ages(()).standard_error(4) is None
