"""The forecast of the day on which the work is done."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from jfa_pipeline.statistics.forecast import CONFIDENCE, LONGEST_DAYS, Forecast, finish_forecast

TODAY = date(2026, 6, 1)  # a Monday


def history(counts: list[int]) -> dict[date, int]:
    """Counts of the days before TODAY, the newest last."""
    return {TODAY - timedelta(days=len(counts) - place): count for place, count in enumerate(counts)}


def test_it_needs_remaining_over_pace_days_where_every_day_is_alike() -> None:
    found = finish_forecast(done_by_day=history([100] * 28), remaining=950, today=TODAY)
    tenth = TODAY + timedelta(days=10)
    assert found == Forecast("estimated", 950, 100.0, 28, 28, tenth, tenth, tenth)


def test_it_waits_for_monday_where_nobody_works_at_weekends() -> None:
    friday = date(2026, 6, 5)
    worked = {
        friday - timedelta(days=back): 10
        for back in range(1, 29)
        if (friday - timedelta(days=back)).weekday() < 5
    }
    found = finish_forecast(done_by_day=worked, remaining=10, today=friday)
    assert found.middle == date(2026, 6, 8)


@pytest.mark.parametrize("counts", [[], [0] * 28, [50, 50, 50, 50]])
def test_it_does_not_guess_from_a_few_days(counts: list[int]) -> None:
    found = finish_forecast(done_by_day=history(counts), remaining=10, today=TODAY)
    assert (found.state, found.low, found.middle, found.high) == ("too_few_days", None, None, None)


def test_it_leaves_today_and_days_long_ago_out() -> None:
    done = {**history([10] * 28), TODAY: 100_000, TODAY - timedelta(days=40): 100_000}
    assert finish_forecast(done_by_day=done, remaining=1, today=TODAY).pace == 10


def test_it_counts_days_without_work_since_the_work_began() -> None:
    found = finish_forecast(
        done_by_day=history([0, 0, 20, 0, 20, 20, 20, 0, 20, 20]), remaining=1, today=TODAY
    )
    assert (found.days, found.active_days, found.pace) == (8, 6, 15.0)


def test_it_is_finished_when_nothing_is_left() -> None:
    assert finish_forecast(done_by_day={}, remaining=0, today=TODAY).state == "finished"


def test_it_names_no_day_that_is_years_away() -> None:
    slow = finish_forecast(done_by_day=history([1] * 28), remaining=LONGEST_DAYS + 1, today=TODAY)
    assert (slow.state, slow.low, slow.high) == ("estimated", None, None)
    last = finish_forecast(done_by_day=history([1] * 28), remaining=LONGEST_DAYS, today=TODAY)
    assert last.high == TODAY + timedelta(days=LONGEST_DAYS)


def test_it_says_the_same_again() -> None:
    done = history([3, 0, 12, 9, 4, 8, 1, 0, 15, 6])
    assert finish_forecast(done_by_day=done, remaining=90, today=TODAY) == finish_forecast(
        done_by_day=done, remaining=90, today=TODAY
    )


def test_it_is_less_sure_after_fewer_days() -> None:
    counts = [3, 9, 12, 30, 4, 8, 1] * 4
    width = {}
    for days in (8, 28):
        found = finish_forecast(done_by_day=history(counts[:days]), remaining=200, today=TODAY)
        assert found.low is not None
        assert found.high is not None
        width[days] = found.high - found.low
    assert width[8] > width[28]


def test_it_refuses_negative_numbers() -> None:
    with pytest.raises(ValueError, match="negative"):
        finish_forecast(done_by_day={}, remaining=-1, today=TODAY)


def test_its_interval_holds_the_day_as_often_as_it_says() -> None:
    """Uneven days (negative binomial), hardly any work at weekends: 300 histories and what became of them."""
    rng = np.random.default_rng(7)

    def drawn(day: date) -> int:
        mean = 20.0 if day.weekday() >= 5 else 200.0
        return int(rng.poisson(mean * rng.gamma(2.0, 0.5)))

    held = 0
    for _ in range(300):
        done = {day: drawn(day) for day in (TODAY - timedelta(days=back) for back in range(1, 29))}
        found = finish_forecast(done_by_day=done, remaining=3000, today=TODAY)
        left, day = 3000, TODAY
        while left > 0:
            day += timedelta(days=1)
            left -= drawn(day)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= day <= found.high
    assert CONFIDENCE - 0.05 <= held / 300 <= 0.99, held / 300
