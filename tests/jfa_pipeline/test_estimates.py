"""Means and shares with their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from jfa_pipeline.metrics.estimates import NOTHING, estimated_mean, estimated_share, t_975


@pytest.mark.parametrize(
    ("freedom", "expected"),
    [
        (1, 12.7062),
        (2, 4.3027),
        (3, 3.1824),
        (4, 2.7764),
        (5, 2.5706),
        (10, 2.2281),
        (30, 2.0423),
        (1000, 1.9623),
    ],
)
def test_it_knows_students_table(freedom: int, expected: float) -> None:
    assert t_975(freedom) == pytest.approx(expected, abs=0.004)


def test_it_takes_the_mean_with_students_interval() -> None:
    found = estimated_mean([1, 2, 3, np.nan])
    assert (found.value, found.n) == (2, 3)
    assert found.half_width == pytest.approx(4.3027 / 3**0.5, abs=1e-3)


def test_it_counts_clusters_and_not_what_is_in_them() -> None:
    assert estimated_mean([1, 1, 1, 5], clusters=["a", "a", "a", "b"]).n == 2
    once, often = (
        estimated_mean([1.0, 5, 3, 4]),
        estimated_mean([1.0, 5, 3, 4] * 3, clusters=[0, 1, 2, 3] * 3),
    )
    assert often.value == once.value
    assert often.half_width == pytest.approx(once.half_width)


def test_it_gives_no_interval_of_one_value() -> None:
    found = estimated_mean([4.0])
    assert (found.value, found.low, found.high, found.n) == (4, None, None, 1)
    assert estimated_mean([]) == NOTHING
    assert estimated_share(0, 0) == NOTHING
    assert estimated_share(3, 4).value == 0.75
