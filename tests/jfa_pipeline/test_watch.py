"""Who is warned and who is paused, how soon, and how rarely without cause."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.skill import GoldAnswer
from jfa_pipeline.metrics.watch import CHECKS, SWEEPS, Verdict, WatchRule, evidence, failures_of, watch

POINTS = np.random.default_rng(3).uniform(0, 100, (68, 2)).astype(np.float32)
FACE = FaceLabels(Box(0, 0, 100, 100), POINTS, None, 30.0, "male", "white")
ONE_RESPECT = WatchRule(acceptable={"landmarks": 0.1})


def test_its_evidence_can_be_checked_by_hand() -> None:
    """Rates betted on: 0.1 + 0.9 times 0.25, 0.5, 0.9. The first answer enters with weight 1/2, 1/2 stays aside."""
    rates = np.array([0.325, 0.55, 0.91])
    failed = 0.5 * rates / 0.1
    assert evidence([True], 0.1)[0] == pytest.approx(failed.mean() + 0.5)
    again = (failed + 1 / 6) * (1 - rates) / 0.9
    assert evidence([True, False], 0.1)[1] == pytest.approx(again.mean() + 1 / 3)


def test_a_fair_bet_never_gains_on_average() -> None:
    """Expectation over all 2**8 outcomes at the acceptable rate is 1; below that rate it is less."""
    outcomes = [[bool(code >> bit & 1) for bit in range(8)] for code in range(256)]
    for rate, expected in ((0.1, 1.0), (0.03, None)):
        mean = sum(rate ** sum(o) * (1 - rate) ** (8 - sum(o)) * evidence(o, 0.1)[-1] for o in outcomes)
        assert mean == pytest.approx(1.0) if expected else mean < 1


def test_people_who_are_just_acceptable_are_rarely_stopped_in_a_whole_career() -> None:
    random = np.random.default_rng(1)
    reports = [watch({"landmarks": (random.random(400) < 0.1).tolist()}, ONE_RESPECT) for _ in range(400)]
    warned = sum(report.verdict != Verdict.FINE for report in reports)
    paused = sum(report.verdict == Verdict.PAUSE for report in reports)
    assert warned <= 0.05 * 400 + 2 * (0.05 * 0.95 * 400) ** 0.5
    assert paused <= 2, "one in a thousand is stated"


@pytest.mark.parametrize(("rate", "answers"), [(1.0, 10), (0.8, 20), (0.5, 50)])
def test_bad_people_are_paused_soon(rate: float, answers: int) -> None:
    random = np.random.default_rng(2)
    after = [
        watch({"landmarks": (random.random(100) < rate).tolist()}).watched[0].paused_after for _ in range(50)
    ]
    assert all(number is not None and 10 <= number <= answers for number in after)


def test_somebody_who_becomes_bad_after_a_good_year_is_found() -> None:
    random = np.random.default_rng(3)
    career = [*(random.random(300) < 0.03), *(random.random(100) < 0.6)]
    found = watch({"landmarks": [bool(each) for each in career]}).watched[0]
    assert found.paused_after is not None
    assert 300 < found.paused_after < 340
    assert found.warned_after is not None
    assert 300 < found.warned_after <= found.paused_after


def test_nobody_is_judged_by_few_answers() -> None:
    assert watch({"landmarks": [True] * 9}).verdict == Verdict.FINE
    assert watch({"landmarks": [True] * 10}).verdict == Verdict.PAUSE
    assert watch({"landmarks": [True] * 9}, replace(ONE_RESPECT, answers_min=5)).verdict == Verdict.PAUSE


def test_it_says_why_in_a_sentence() -> None:
    found = watch({CHECKS: [True] * 14 + [False], "age": [False] * 15})
    assert found.verdict == Verdict.PAUSE
    assert found.reasons == ("14 of 15 gold answers failed in planted checks; 35 % is acceptable.",)
    assert watch({}).verdict == Verdict.FINE


def test_it_tells_passing_from_failing_in_each_respect() -> None:
    wrong = FaceLabels(
        Box(40, 0, 140, 100), POINTS + 10, None, 43.0, "female", "asian", frozenset({"blurred"})
    )
    answers = [GoldAnswer(FACE, FACE), GoldAnswer(wrong, FACE), GoldAnswer(FaceLabels(FACE.box), FACE)]
    found = failures_of(answers, Policy(), planted_checks=[True, False], swept_faces=[True, False])
    assert found == {
        "box": [False, True, False],
        "landmarks": [False, True, True],
        "age": [False, True, True],
        "gender": [False, True, True],
        "ethnicity": [False, True, True],
        "flags": [False, True, False],
        CHECKS: [True, False],
        SWEEPS: [False, True],
    }


def test_it_does_not_judge_what_the_gold_does_not_carry() -> None:
    bare = FaceLabels(FACE.box)
    found = failures_of(
        [GoldAnswer(FACE, bare)], Policy(), WatchRule(acceptable={"landmarks": 0.1, "box": 0.1})
    )
    assert found == {"landmarks": [], "box": [False]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"acceptable": {}}, "acceptable"),
        ({"acceptable": {"age": 0.0}}, "acceptable"),
        ({"pause_false_alarms": 0.2}, "false alarms"),
        ({"answers_min": 0}, "answers_min"),
    ],
)
def test_it_refuses_a_rule_that_makes_no_sense(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WatchRule(**change)  # type: ignore[arg-type]  # wrong values are the test
