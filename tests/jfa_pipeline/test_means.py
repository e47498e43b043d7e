"""Intervals of means and of differences of means from counts, means and variances."""

from __future__ import annotations

import numpy as np
import pytest

from jfa_pipeline.metrics.means import Sample, mean_interval, stratified_difference, t_975

NOTHING = Sample(n=0, mean=None, variance=None)


def sample(values: list[float]) -> Sample:
    return Sample(n=len(values), mean=float(np.mean(values)), variance=float(np.var(values, ddof=1)))


@pytest.mark.parametrize(
    ("degrees", "tabled"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)],
)
def test_it_knows_the_table_of_students_t(degrees: int, tabled: float) -> None:
    assert t_975(degrees) == pytest.approx(tabled, rel=3e-3)


def test_it_gives_the_interval_of_a_mean() -> None:
    """1, 2, 3, 4, 5: mean 3, variance 2.5, t(4) = 2.776: half width 2.776 * sqrt(0.5) = 1.963."""
    low, high = mean_interval(sample([1, 2, 3, 4, 5])) or (0, 0)
    assert (low, high) == (pytest.approx(1.037, abs=2e-3), pytest.approx(4.963, abs=2e-3))


def test_it_gives_no_interval_for_one_value() -> None:
    assert mean_interval(Sample(n=1, mean=3.0, variance=None)) is None
    assert mean_interval(NOTHING) is None


def test_it_subtracts_means_with_welchs_interval() -> None:
    """Both n = 5 and variance 2.5: Welch gives 8 degrees of freedom, t = 2.306, half 2.306 * 1 = 2.306."""
    found = stratified_difference([(sample([11, 12, 13, 14, 15]), sample([1, 2, 3, 4, 5]))])
    assert found is not None
    assert (found.mean, found.low, found.high) == (
        10,
        pytest.approx(7.694, abs=5e-3),
        pytest.approx(12.306, abs=5e-3),
    )


def test_it_compares_within_each_pair_only() -> None:
    """A poor model with most blind faces must not look like anchoring: within each model blind is 1 more."""
    found = stratified_difference(
        [(sample([51, 51.5, 50.5]), sample([50, 50.5, 49.5])), (sample([2, 2.5]), sample([1, 1.5]))]
    )
    assert found is not None
    assert found.mean == pytest.approx(1.0)
    assert found.low < 1.0 < found.high


def test_it_leaves_out_pairs_that_are_too_small() -> None:
    one = Sample(n=1, mean=4.0, variance=None)
    assert stratified_difference([(one, sample([1, 2]))]) is None
    assert stratified_difference([(NOTHING, NOTHING)]) is None
    assert stratified_difference([]) is None
