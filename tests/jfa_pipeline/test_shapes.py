"""Medians of boxes and points, visibility by majority."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jfa_pipeline.aggregate.shapes import geometric_median, majority_visibility, median_box
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import HIDDEN, MISSING, VISIBLE

numbers = st.floats(-100, 100)
points = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=7)


def total_distance(at: np.ndarray, given: np.ndarray) -> float:
    return float(np.linalg.norm(given - at, axis=1).sum())


def test_it_takes_the_median_of_each_edge() -> None:
    assert median_box([(0, 0, 10, 10), (1, 2, 11, 12), (90, 90, 300, 300)]) == Box(1, 2, 11, 12)
    assert median_box([(0, 0, 10, 10), (2, 2, 12, 12)]) == Box(1, 1, 11, 11)
    assert median_box([(3, 4, 5, 6)]) == Box(3, 4, 5, 6)
    with pytest.raises(ValueError, match="no box"):
        median_box([])


@settings(deadline=None)  # machines that run tests are busy
@given(st.lists(st.tuples(numbers, numbers, st.floats(0.1, 50), st.floats(0.1, 50)), min_size=1, max_size=6))
def test_the_median_of_proper_boxes_is_proper(given_boxes: list[tuple[float, float, float, float]]) -> None:
    assert median_box([(x, y, x + w, y + h) for x, y, w, h in given_boxes]).is_proper()


def test_it_finds_fermats_point() -> None:
    """Of an equilateral triangle the centre; of a triangle with an angle of 120 degrees or more that corner."""
    triangle = [(0, 0), (1, 0), (0.5, math.sqrt(3) / 2)]
    assert geometric_median(triangle) == pytest.approx((0.5, math.sqrt(3) / 6), abs=1e-5)
    assert geometric_median([(-10, 0.5), (0, 0), (10, 0.5)]) == pytest.approx((0, 0), abs=1e-3)
    assert geometric_median([(1, 1), (1, 1), (9, 9)]) == pytest.approx((1, 1), abs=1e-3)
    square_and_middle = [(0, 0), (2, 0), (2, 2), (0, 2), (1, 1)]
    assert geometric_median(square_and_middle) == pytest.approx((1, 1), abs=1e-6)


def test_one_wild_point_among_three_moves_it_little_wherever_it_lies() -> None:
    close = [(0.0, 0.0), (1.0, 0.0)]
    for far in (10.0, 1e4, 1e7):
        assert np.linalg.norm(geometric_median([*close, (far, far)]) - (0.5, 0)) < 1.01
    assert np.linalg.norm(np.mean([*close, (1e4, 1e4)], axis=0)) > 4000


def test_of_one_person_it_is_the_point_and_of_two_the_weighted_mean() -> None:
    assert geometric_median([(3, 4)]).tolist() == [3, 4]
    assert geometric_median([(0, 0), (4, 8)]).tolist() == [2, 4]
    assert geometric_median([(0, 0), (4, 8)], [3, 1]).tolist() == [1, 2]
    assert geometric_median([(0, 0), (4, 8), (9, 9)], [0, 1, 0]).tolist() == [4, 8]


def test_it_leaves_out_points_that_somebody_removed() -> None:
    gone = (math.nan, math.nan)
    found = geometric_median([[(0, 0), (2, 2), gone], [gone, gone, gone]])
    assert found[0].tolist() == [1, 1]
    assert np.isnan(found[1]).all()


@settings(deadline=None)  # machines that run tests are busy
@given(points)
def test_no_other_place_is_nearer_to_everybody(given_points: list[tuple[float, float]]) -> None:
    every = np.array(given_points)
    found = geometric_median(every)
    best = total_distance(found, every)
    around = [*every, every.mean(axis=0), *(found + step for step in ((1, 0), (-1, 0), (0, 1), (0, -1)))]
    assert best <= min(total_distance(np.asarray(place), every) for place in around) + 1e-3


@settings(deadline=None)  # machines that run tests are busy
@given(points, st.floats(0, 6), st.floats(0.1, 10), numbers)
def test_it_turns_scales_and_moves_with_the_points(
    given_points: list[tuple[float, float]], angle: float, scale: float, shift: float
) -> None:
    every = np.array(given_points)
    turn = scale * np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    moved = every @ turn + shift
    found, expected = geometric_median(moved), geometric_median(every) @ turn + shift
    assert total_distance(found, moved) == pytest.approx(total_distance(expected, moved), abs=1e-2)


def test_it_refuses_negative_weights() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        geometric_median([(0, 0)], [-1])


def test_visibility_goes_by_majority_and_ties_keep_the_point_hidden() -> None:
    v, h, m = VISIBLE, HIDDEN, MISSING
    people = [(v, v, m, m, v), (v, h, m, v, m), (h, m, v, m, h)]
    assert majority_visibility(people).tolist() == [v, h, m, m, h]
    assert majority_visibility([(v, v, h), (h, m, m)]).tolist() == [h, v, h]
