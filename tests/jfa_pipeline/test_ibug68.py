"""The 68-point scheme: flip (T34, P7-30), regions, normaliser, roll."""

from __future__ import annotations

import numpy as np
import pytest

from jfa_pipeline.core.ibug68 import CURVES, FLIP, POINTS, REGIONS, flip_landmarks, interocular, roll_degrees

FIXED = {8, 27, 28, 29, 30, 33, 51, 57, 62, 66}
PAIRS = {0: 16, 7: 9, 17: 26, 21: 22, 31: 35, 32: 34, 36: 45, 37: 44, 38: 43, 39: 42, 40: 47, 41: 46}
LIP_PAIRS = {48: 54, 49: 53, 50: 52, 55: 59, 56: 58, 60: 64, 61: 63, 65: 67}


def test_it_swaps_the_points_of_the_two_face_halves() -> None:
    for left, right in (PAIRS | LIP_PAIRS).items():
        assert FLIP[left] == right
        assert FLIP[right] == left


def test_it_keeps_the_points_on_the_midline() -> None:
    assert {int(i) for i in range(POINTS) if FLIP[i] == i} == FIXED


def test_it_changes_nothing_when_flipped_twice() -> None:
    assert FLIP[FLIP].tolist() == list(range(POINTS))
    points = np.random.default_rng(1).uniform(0, 100, (68, 2)).astype(np.float32)
    assert np.allclose(flip_landmarks(flip_landmarks(points, 100), 100), points, atol=1e-4)


def test_it_mirrors_in_the_continuous_frame() -> None:
    points = np.zeros((68, 2), np.float32)
    points[36] = (10.5, 7)
    assert flip_landmarks(points, 40)[45].tolist() == [29.5, 7]


def test_it_divides_the_points_into_five_regions_without_overlap() -> None:
    every = [i for region in REGIONS.values() for i in region]
    assert sorted(every) == list(range(POINTS))
    assert sorted(i for _, curve, _ in CURVES for i in curve) == list(range(POINTS))


def test_it_measures_between_the_outer_eye_corners() -> None:
    points = np.zeros((68, 2))
    points[36], points[45] = (10, 10), (40, 50)
    assert interocular(points) == 50


@pytest.mark.parametrize(
    ("right_eye", "degrees"), [((20, 10), 0), ((20, 20), 45), ((10, 20), 90), ((20, 0), -45)]
)
def test_it_gives_the_roll_clockwise_positive(right_eye: tuple[int, int], degrees: float) -> None:
    points = np.zeros((68, 2))
    points[36:42], points[42:48] = (10, 10), right_eye
    assert roll_degrees(points) == pytest.approx(degrees)
