"""Whether two labellings of a face agree within the policy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jfa_pipeline.aggregate.agreement import compare
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import HIDDEN, MISSING, FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.agreement import region_tolerances

POLICY = Policy()
POINTS = np.random.default_rng(3).uniform(0, 100, (68, 2)).astype(np.float32)
FACE = FaceLabels(box=Box(0, 0, 100, 100), landmarks=POINTS, age=30, gender="male", ethnicity="white")


def test_it_agrees_with_itself() -> None:
    found = compare(FACE, FACE, POLICY)
    assert found.agrees
    assert (found.box_iou, found.landmark_nme_box, found.reasons) == (1, 0, ())


def test_it_never_compares_ages() -> None:
    assert compare(FACE, replace(FACE, age=90), POLICY).agrees
    assert compare(FACE, replace(FACE, age=None), POLICY).agrees


def test_it_divides_the_point_distance_by_the_box_side() -> None:
    found = compare(FACE, replace(FACE, landmarks=np.add(POINTS, (3, 4))), POLICY)
    assert found.landmark_nme_box == pytest.approx(0.05, abs=1e-6)
    found = compare(FACE, replace(FACE, landmarks=np.add(POINTS, (3.03, 4.04))), POLICY)
    assert found.differing == ("landmarks",)
    assert "0.051 box sides" in found.reasons[0]


def test_it_names_the_region_that_differs_most() -> None:
    moved = POINTS.copy()
    moved[48:68] += (20, 0)
    found = compare(FACE, replace(FACE, landmarks=moved), POLICY)
    assert found.landmark_nme_box_by_region["lips"] == pytest.approx(0.2, abs=1e-6)
    assert found.landmark_nme_box_by_region["jaw"] == 0
    assert found.landmark_nme_box == pytest.approx(0.2 * 20 / 68, abs=1e-6)
    assert "most in the lips" in found.reasons[0]


def test_it_separates_boxes_shifted_by_17_and_18_percent() -> None:
    assert compare(FACE, replace(FACE, box=Box(17, 0, 117, 100)), POLICY).agrees
    found = compare(FACE, replace(FACE, box=Box(18, 0, 118, 100)), POLICY)
    assert found.differing == ("box",)
    assert "IoU of 0.69" in found.reasons[0]


def test_it_counts_points_that_only_one_person_removed() -> None:
    states = np.zeros(68, np.uint8)
    states[:3] = MISSING
    other = replace(FACE, visibility=states)
    assert compare(FACE, other, POLICY).reasons == (
        "3 landmark points are removed in one labelling and placed in the other.",
    )
    assert compare(other, other, POLICY).landmark_nme_box == 0


def test_it_does_not_mind_whether_a_placed_point_is_hidden() -> None:
    assert compare(FACE, replace(FACE, visibility=np.full(68, HIDDEN, np.uint8)), POLICY).agrees


def test_it_notices_landmarks_that_only_one_has() -> None:
    bare = replace(FACE, landmarks=None, visibility=None)
    found = compare(FACE, bare, POLICY)
    assert found.differing == ("landmarks",)
    assert found.landmark_nme_box is None
    assert compare(bare, bare, POLICY).agrees


def test_it_compares_classes_and_flags_as_words() -> None:
    found = compare(
        FACE, replace(FACE, gender="unsure", ethnicity=None, flags=frozenset({"blurred"})), POLICY
    )
    assert found.differing == ("gender", "ethnicity", "flags")
    assert "male and unsure" in found.reasons[0]
    assert "white and none" in found.reasons[1]
    assert "blurred" in found.reasons[2]


def test_it_gives_the_same_figures_either_way_round() -> None:
    other = replace(FACE, box=Box(5, 0, 125, 90), landmarks=POINTS + 4)
    there, back = compare(FACE, other, POLICY), compare(other, FACE, POLICY)
    assert (there.box_iou, there.landmark_nme_box) == (back.box_iou, back.landmark_nme_box)
    assert there.differing == back.differing


def test_it_has_tolerances_for_single_regions_if_asked() -> None:
    moved = POINTS.copy()
    moved[36:48] += (4, 0)
    other = replace(FACE, landmarks=moved)
    assert compare(FACE, other, POLICY).agrees
    found = compare(FACE, other, POLICY, region_nme_max=region_tolerances(0.05))
    assert found.differing == ("landmarks",)
    assert found.reasons == ("Landmarks lie too far apart, in box sides: 0.040 in the eyes (allowed 0.030).",)
