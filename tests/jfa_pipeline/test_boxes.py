"""Boxes: intersection over union by hand-checkable numbers (P7-01, P7-02) and its properties (P7-32)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jfa_pipeline.core.boxes import Box, areas, iou, iou_matrix

TEN = Box(0, 0, 10, 10)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Box(5, 0, 15, 10), 1 / 3),
        (Box(0, 0, 10, 5), 0.5),
        (Box(2, 2, 8, 8), 0.36),
        (Box(0, 0, 10, 7), 0.7),
        (Box(0, 0, 10, 7.1), 0.71),
        (Box(20, 20, 30, 30), 0.0),
        (Box(10, 0, 20, 10), 0.0),
    ],
)
def test_it_gives_the_hand_checked_overlaps(other: Box, expected: float) -> None:
    assert iou(TEN, other) == pytest.approx(expected, abs=1e-12)


def test_it_does_not_count_exact_thresholds_as_above_them() -> None:
    assert not iou(TEN, Box(0, 0, 10, 5)) > 0.5
    assert not iou(TEN, Box(0, 0, 10, 7)) > 0.7
    assert iou(TEN, Box(0, 0, 10, 7.1)) > 0.7


def test_it_computes_in_double_precision_whatever_it_is_given() -> None:
    single = iou_matrix(np.array([TEN], np.float32), np.array([(0, 0, 10, 7)], np.float32))
    assert single.dtype == np.float64
    assert single[0, 0] == 0.7


def test_it_separates_a_shift_of_17_percent_from_one_of_18() -> None:
    box = Box(0, 0, 100, 100)
    assert iou(box, Box(17, 0, 117, 100)) == pytest.approx(83 / 117)
    assert iou(box, Box(18, 0, 118, 100)) == pytest.approx(82 / 118)
    assert iou(box, Box(10, 10, 110, 110)) == pytest.approx(0.81 / 1.19)
    assert iou(box, Box(10, 0, 110, 100)) == pytest.approx(0.9 / 1.1)


def test_it_compares_every_box_with_every_other() -> None:
    found = iou_matrix([TEN, (0, 0, 5, 10)], [TEN, (5, 0, 10, 10), (50, 50, 60, 60)])
    assert found == pytest.approx(np.array([[1, 0.5, 0], [0.5, 0, 0]]))


def test_it_takes_empty_sets_of_boxes() -> None:
    assert iou_matrix([], [TEN]).shape == (0, 1)
    assert iou_matrix([TEN], []).shape == (1, 0)


def test_it_gives_0_for_boxes_without_area() -> None:
    assert iou(Box(1, 1, 1, 1), Box(1, 1, 1, 1)) == 0
    assert areas(np.array([[5.0, 5, 1, 1]])) == 0


def test_it_measures_and_clips_a_box() -> None:
    box = Box(-2, 3, 8, 33)
    assert (box.width, box.height, box.min_side, box.centre) == (10, 30, 10, (3, 18))
    assert box.clipped(5, 20) == Box(0, 3, 5, 20)
    assert box.is_proper()
    assert not Box(0, 0, 0, 5).is_proper()
    assert not Box(0, 0, float("nan"), 5).is_proper()


coordinate = st.floats(-1000, 1000, allow_nan=False)
box = st.tuples(coordinate, coordinate, coordinate, coordinate).map(
    lambda v: Box(min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]), max(v[1], v[3]))
)


@given(box, box)
def test_it_is_symmetric_and_stays_between_0_and_1(a: Box, b: Box) -> None:
    assert iou(a, b) == iou(b, a)
    assert 0 <= iou(a, b) <= 1 + 1e-12
