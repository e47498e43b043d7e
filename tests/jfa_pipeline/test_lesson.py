"""Feedback on one answer: numbers that a hand can check."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import HIDDEN, FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.lesson import Finding, findings
from tests.cast import face_points

BOX = Box(100, 100, 300, 300)
TRUTH = FaceLabels(box=BOX, landmarks=face_points(BOX), age=30.0, gender="female", ethnicity="white")
POLICY = Policy()


def by_part(given: FaceLabels, truth: FaceLabels = TRUTH) -> dict[str, Finding]:
    return {finding.part: finding for finding in findings(given, truth, POLICY)}


def test_it_finds_nothing_wrong_in_the_truth_itself() -> None:
    found = findings(TRUTH, TRUTH, POLICY)
    assert [finding.part for finding in found] == [
        *("box", "jaw", "brows", "nose", "eyes", "lips", "age", "gender", "ethnicity", "flags")
    ]
    assert {finding.verdict for finding in found} == {"right"}


def test_it_says_how_far_and_where_to_in_box_sides() -> None:
    points = face_points(BOX)
    points[:17] += (4, 12)  # the jaw, on a box of 200 px: 2 % to the right, 6 % down
    jaw = by_part(replace(TRUTH, landmarks=points))["jaw"]
    assert jaw.verdict == "off"
    assert (jaw.right, jaw.down) == pytest.approx((0.02, 0.06), abs=1e-6)
    assert jaw.distance == pytest.approx(np.hypot(0.02, 0.06))
    assert jaw.points == 17


def test_it_turns_directions_with_the_face() -> None:
    """A face lying on its side: what is right in the image is up or down of the face."""
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]], dtype=np.float32)  # a quarter turn clockwise in image axes
    middle = np.array([200, 200], dtype=np.float32)
    lying = (face_points(BOX) - middle) @ turn + middle
    truth = replace(TRUTH, landmarks=lying)
    moved = lying.copy()
    moved[27:36] += (-8, 0)
    nose = by_part(replace(truth, landmarks=moved), truth)["nose"]
    assert nose.right == pytest.approx(0, abs=1e-6)
    assert nose.down == pytest.approx(0.04)


def test_it_is_near_up_to_what_the_policy_takes() -> None:
    def verdict(share: float) -> str:
        points = face_points(BOX)
        points[36:48] += (share * 200, 0)
        return by_part(replace(TRUTH, landmarks=points))["eyes"].verdict

    assert [verdict(share) for share in (0.024, 0.026, 0.049, 0.051)] == ["right", "near", "near", "off"]


def test_it_judges_the_box_by_overlap() -> None:
    half = by_part(replace(TRUTH, box=Box(100, 100, 300, 400)))["box"]  # 200 of 300 rows
    assert (half.verdict, half.box_iou) == ("off", pytest.approx(2 / 3))


def test_it_tells_the_years_with_their_sign() -> None:
    ages = [by_part(replace(TRUTH, age=age))["age"] for age in (36, 37, 17)]
    assert [(age.verdict, age.years) for age in ages] == [("right", 6), ("near", 7), ("off", -13)]
    assert by_part(replace(TRUTH, age=None))["age"].verdict == "off"


def test_it_takes_cannot_tell_for_half_right() -> None:
    found = by_part(replace(TRUTH, gender="unsure", ethnicity="black"))
    assert (found["gender"].verdict, found["ethnicity"].verdict) == ("near", "off")
    assert (found["ethnicity"].given, found["ethnicity"].expected) == (("black",), ("white",))


def test_it_names_points_that_should_not_be_there() -> None:
    profile = FaceLabels(box=BOX, age=30.0, gender="female", ethnicity="white", flags=frozenset({"profile"}))
    found = by_part(TRUTH, profile)
    assert (found["landmarks"].given, found["landmarks"].expected) == (("present",), ("absent",))
    assert (found["flags"].verdict, found["flags"].expected) == ("off", ("profile",))
    assert "jaw" not in found


def test_it_counts_points_that_were_to_be_hidden() -> None:
    states = np.zeros(68, dtype=np.uint8)
    states[:4] = HIDDEN
    found = by_part(TRUTH, replace(TRUTH, visibility=states))
    assert (found["hidden"].verdict, found["hidden"].points) == ("near", 4)


def test_it_asks_nothing_that_the_flags_took_away() -> None:
    occluded = FaceLabels(box=BOX, flags=frozenset({"occluded"}))
    assert set(by_part(occluded, occluded)) == {"box", "flags"}
