"""95 % intervals: Wilson's by hand, the bootstrap by its coverage."""

from __future__ import annotations

import numpy as np
import pytest

from jfa_pipeline.metrics.intervals import bootstrap_interval, wilson_interval


def test_it_gives_wilsons_interval_for_known_counts() -> None:
    assert wilson_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson_interval(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson_interval(23, 23) == pytest.approx((0.8569, 1.0), abs=1e-4)


def test_it_gives_no_interval_of_nothing() -> None:
    assert wilson_interval(0, 0) is None
    assert bootstrap_interval([]) is None


@pytest.mark.parametrize(("successes", "n"), [(3, 2), (-1, 2)])
def test_it_refuses_impossible_counts(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson_interval(successes, n)


def test_it_gives_the_same_interval_for_the_same_seed() -> None:
    values = np.random.default_rng(0).normal(5, 1, 60)
    assert bootstrap_interval(values, seed=4) == bootstrap_interval(values, seed=4)
    assert bootstrap_interval(values, seed=4) != bootstrap_interval(values, seed=5)


def test_it_covers_the_true_mean_about_19_times_in_20() -> None:
    random = np.random.default_rng(11)
    covered = 0
    for _ in range(200):
        low, high = bootstrap_interval(random.normal(0, 1, 40), resamples=300) or (1, 0)
        covered += low <= 0 <= high
    assert 0.88 <= covered / 200 <= 0.99


def test_it_widens_when_rows_of_a_group_are_alike() -> None:
    values = np.repeat(np.random.default_rng(2).normal(0, 1, 20), 10)
    rows = bootstrap_interval(values) or (0, 0)
    grouped = bootstrap_interval(values, groups=np.repeat(np.arange(20), 10).tolist()) or (0, 0)
    assert grouped[1] - grouped[0] > 2 * (rows[1] - rows[0])


def test_it_takes_any_statistic() -> None:
    low, high = bootstrap_interval([1, 2, 3, 4, 100], statistic=lambda v: float(np.median(v))) or (0, 0)
    assert 1 <= low <= 3 <= high <= 100
