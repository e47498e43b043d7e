"""One small crowd of the benchmark of planted annotators."""

from __future__ import annotations

import json

import pytest

from benchmarks.planted_annotators import Outcome, Size, line, one, summary
from benchmarks.planted_crowd import HONEST
from jfa_pipeline.metrics.watch import Verdict

SMALL = Size(faces=120, gold_faces=150, planted_checks=30, swept_faces=20)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return one(1, SMALL)


def test_it_estimates_the_planted_biases(outcome: Outcome) -> None:
    assert max(outcome.age_bias_errors.values()) <= 0.5
    assert outcome.jaw_shift_error <= 0.01


def test_it_pauses_the_random_and_the_careless_and_nobody_else(outcome: Outcome) -> None:
    assert outcome.verdicts["random"] == outcome.verdicts["careless"] == Verdict.PAUSE
    assert outcome.careless_paused_by_checks
    assert all(outcome.verdicts[person] != Verdict.PAUSE for person in HONEST)


@pytest.mark.parametrize("task", ["age", "landmarks", "box"])
def test_its_aggregated_labels_beat_the_plain_mean(outcome: Outcome, task: str) -> None:
    assert outcome.errors[task]["aggregated"] <= 0.8 * outcome.errors[task]["plain"]


def test_it_prints_what_it_measured(outcome: Outcome) -> None:
    found = json.loads(json.dumps(summary([outcome], SMALL)))
    assert (found["seeds"], found["random_paused"], found["careless_paused"], found["honest_paused"]) == (
        1,
        1,
        1,
        0,
    )
    assert "random pause" in line(1, outcome)
