"""The per-minute budget of calls, by a clock that only moves when someone sleeps."""

from __future__ import annotations

import pytest

from jfa_pipeline.coarse.call_budget import CallBudget
from jfa_pipeline.coarse.facepp_client import Backoff


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_it_spaces_calls_evenly_once_the_burst_is_spent() -> None:
    clock = Clock()
    budget = CallBudget(30, burst=2, clock=clock, sleep=clock.sleep)
    assert [budget.wait_for_turn() for _ in range(5)] == pytest.approx([0, 0, 2, 2, 2])


def test_it_never_allows_more_than_the_budget_in_any_minute() -> None:
    clock = Clock()
    budget = CallBudget(30, clock=clock, sleep=clock.sleep)
    times = []
    for _ in range(100):
        budget.wait_for_turn()
        times.append(clock.now)
    assert all(later - earlier >= 60 - 1e-6 for earlier, later in zip(times, times[30:], strict=False))


def test_it_fills_up_again_while_nobody_calls() -> None:
    clock = Clock()
    budget = CallBudget(60, burst=3, clock=clock, sleep=clock.sleep)
    for _ in range(3):
        budget.wait_for_turn()
    clock.now += 1000
    assert [budget.wait_for_turn() for _ in range(4)] == pytest.approx([0, 0, 0, 1])


def test_it_refuses_a_budget_without_calls() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        CallBudget(0)


def test_it_doubles_the_bound_of_the_wait_up_to_a_limit() -> None:
    backoff = Backoff(first_s=0.5, longest_s=3)
    assert [backoff.wait_s(n, 1.0) for n in (1, 2, 3, 4, 5)] == [0.5, 1, 2, 3, 3]
    assert backoff.wait_s(3, 0.25) == 0.5
