"""A person's record on gold faces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import REGIONS
from jfa_pipeline.core.labels import MISSING, FaceLabels
from jfa_pipeline.metrics.skill import GoldAnswer, displacements_box, face_axes, skill, skill_trend


def gold_face(seed: int) -> FaceLabels:
    points = np.random.default_rng(seed).uniform(0, 100, (68, 2))
    points[36:42], points[42:48] = (30, 40), (70, 40)
    return FaceLabels(Box(0, 0, 100, 100), points.astype(np.float32), None, 30.0 + seed, "male", "white")


def answered(
    truth: FaceLabels, jaw: tuple[float, float] = (0, 0), years: float = 0, **changes: str
) -> FaceLabels:
    assert truth.landmarks is not None
    assert truth.age is not None
    points = truth.landmarks.copy()
    points[:17] += jaw
    return replace(truth, landmarks=points, age=truth.age + years, **changes)


GOLD = [gold_face(n) for n in range(20)]


def test_it_finds_a_habit_in_years_and_its_interval() -> None:
    shifts = [3, 5, 4, 4]
    found = skill(GoldAnswer(answered(t, years=s), t) for t, s in zip(GOLD[:4], shifts, strict=True))
    assert (found.age_bias_years.value, found.age_mae_years.value, found.age_bias_years.n) == (4, 4, 4)
    sd = (2 / 3) ** 0.5
    assert found.age_sd_years == pytest.approx(sd)
    assert found.age_bias_years.half_width == pytest.approx(3.1824 * sd / 2, abs=2e-3)


def test_it_finds_a_shifted_jaw_and_no_other_habit() -> None:
    random = np.random.default_rng(1)
    found = skill(
        GoldAnswer(answered(t, jaw=(float(random.normal(4, 1)), float(random.normal(-3, 1)))), t)
        for t in GOLD
    )
    jaw = found.offsets["jaw"]
    assert (jaw.x.value, jaw.y.value) == pytest.approx((0.04, -0.03), abs=0.006)
    assert jaw.length == pytest.approx(0.05, abs=0.007)
    assert [name for name in REGIONS if found.offsets[name].is_systematic] == ["jaw"]
    assert found.nme_box["jaw"].value == pytest.approx(0.05, abs=0.007)
    assert found.nme_box["lips"].value == 0
    assert found.nme_box["all"].value == pytest.approx((found.nme_box["jaw"].value or 0) * 17 / 68)


def test_noise_is_rarely_called_a_habit() -> None:
    random = np.random.default_rng(2)
    called = 0
    for _ in range(100):
        answers = [
            GoldAnswer(answered(t, jaw=(float(random.normal(0, 3)), float(random.normal(0, 3)))), t)
            for t in GOLD
        ]
        called += skill(answers).offsets["jaw"].is_systematic
    assert called <= 5


def test_it_measures_along_the_faces_own_axes() -> None:
    upright = gold_face(0)
    assert face_axes(upright.landmarks if upright.landmarks is not None else []) == pytest.approx(np.eye(2))
    points = np.array(upright.landmarks)
    points[36:42], points[42:48] = (50, 20), (50, 60)
    lying = replace(upright, landmarks=points)
    moved = displacements_box(answered(lying, jaw=(-3, 5)), lying)
    assert moved[0] == pytest.approx((0.05, 0.03), abs=1e-6)


def test_it_leaves_removed_points_and_missing_labels_out() -> None:
    states = np.zeros(68, np.uint8)
    states[:17] = MISSING
    truth = replace(GOLD[0], visibility=states, gender=None)
    found = skill(
        [GoldAnswer(answered(GOLD[0], jaw=(9, 9)), truth), GoldAnswer(FaceLabels(truth.box), truth)]
    )
    assert (found.nme_box["jaw"].n, found.offsets["jaw"].x.n) == (0, 0)
    assert (found.nme_box["all"].value, found.nme_box["all"].n) == (0, 1)
    assert found.accuracy["gender"].n == 0
    assert (found.age_bias_years.n, found.box_iou.value) == (1, 1)


def test_it_counts_words_checks_and_sweeps() -> None:
    answers = [GoldAnswer(answered(t, gender="female" if n < 5 else "male"), t) for n, t in enumerate(GOLD)]
    found = skill(answers, planted_checks=[True] * 3 + [False] * 7, swept_faces=[True] * 9 + [False])
    assert (found.accuracy["gender"].value, found.accuracy["flags"].value) == (0.75, 1)
    assert found.confusion["gender"] == {("female", "male"): 5, ("male", "male"): 15}
    assert (found.waved_through.value, found.waved_through.n) == (0.3, 10)
    assert found.sweep_recall.value == 0.9


def test_it_measures_speed_where_time_was_measured() -> None:
    seconds = [10, 20, 60, None, 0]
    found = skill(GoldAnswer(t, t, s) for t, s in zip(GOLD[:5], seconds, strict=True))
    assert (found.seconds_median, found.faces_per_hour) == (20, 120)
    nobody = skill([])
    assert (nobody.faces_n, nobody.seconds_median, nobody.faces_per_hour, nobody.age_sd_years) == (
        0,
        None,
        None,
        None,
    )


def test_it_shows_how_a_person_changes() -> None:
    answers = [GoldAnswer(answered(t, years=n // 5), t) for n, t in enumerate(GOLD)]
    assert [each.age_bias_years.value for each in skill_trend(answers, window=5)] == [0, 1, 2, 3]
    assert [each.faces_n for each in skill_trend(answers[2:], window=5)] == [5, 5, 5]
    assert skill_trend(answers[2:], window=5)[-1].age_bias_years.value == 3
    with pytest.raises(ValueError, match="at least one"):
        skill_trend(answers, window=0)
