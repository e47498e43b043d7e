"""Which boxes of a new model are faces that are there already, and which are new."""

from __future__ import annotations

import pytest

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.steps.rematch import Rematch, rematch_boxes

A = Box(0, 0, 100, 100)
B = Box(200, 0, 300, 100)


def shifted(box: Box, by: float) -> Box:
    return Box(box.x1 + by, box.y1, box.x2 + by, box.y2)


def test_it_pairs_boxes_with_faces_and_leaves_the_others() -> None:
    found = rematch_boxes([shifted(B, 10), shifted(A, 20), Box(0, 200, 50, 250)], [A, B], [])
    assert found == Rematch({0: 1, 1: 0}, [2])


@pytest.mark.parametrize(("by", "is_same"), [(25, True), (50, False), (33, True), (34, False)])
def test_the_limit_is_an_iou_of_one_half(by: float, is_same: bool) -> None:
    """A square of side 100 shifted by a third of it overlaps by 2/3, of a union of 4/3."""
    found = rematch_boxes([shifted(A, by)], [A], [])
    assert found == (Rematch({0: 0}, []) if is_same else Rematch({}, [0]))


def test_the_best_overlap_wins_and_the_other_box_is_dropped() -> None:
    assert rematch_boxes([shifted(A, 20), shifted(A, 5)], [A], []) == Rematch({1: 0}, [])


def test_a_rejected_face_does_not_come_back() -> None:
    assert rematch_boxes([shifted(A, 5), shifted(B, 5)], [B], [A]) == Rematch({1: 0}, [])


def test_a_standing_face_goes_before_a_rejected_one_below_it() -> None:
    assert rematch_boxes([A], [shifted(A, 20)], [A]) == Rematch({0: 0}, [])


def test_ties_go_to_the_earlier_box() -> None:
    assert rematch_boxes([A, A], [A], []) == Rematch({0: 0}, [])


def test_it_takes_empty_lists() -> None:
    assert rematch_boxes([], [A], [B]) == Rematch({}, [])
    assert rematch_boxes([A], [], []) == Rematch({}, [0])
