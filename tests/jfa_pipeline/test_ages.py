"""Apparent age: mean, sample standard deviation and number of the ages given."""

from __future__ import annotations

import pytest

from jfa_pipeline.aggregate.age import AgeSummary, summarise_ages


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
