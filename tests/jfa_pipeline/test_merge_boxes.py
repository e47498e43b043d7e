"""J03: a second detector's box replaces, adds, or goes to a person."""

from __future__ import annotations

from jfa_pipeline.steps.merge import Merge, merge_boxes

HUNDRED = (0, 0, 100, 100)


def test_it_replaces_a_box_at_a_shift_of_17_percent_but_not_of_18() -> None:
    assert merge_boxes([HUNDRED], [(17, 0, 117, 100)]).replaced == {0: 0}
    found = merge_boxes([HUNDRED], [(18, 0, 118, 100)])
    assert found.replaced == {}
    assert [(row, column) for row, column, _ in found.unclear] == [(0, 0)]


def test_it_sends_an_overlap_of_exactly_07_or_03_to_a_person() -> None:
    found = merge_boxes([HUNDRED], [(0, 0, 100, 70), (0, 0, 100, 30)])
    assert found.unclear == ((0, 0, 0.7), (0, 1, 0.3))


def test_it_adds_what_overlaps_less_than_03() -> None:
    assert merge_boxes([HUNDRED], [(0, 0, 100, 29), (500, 0, 600, 100)]).added == (0, 1)


def test_it_adds_everything_where_the_first_detector_saw_nothing() -> None:
    assert merge_boxes([], [HUNDRED]) == Merge(added=(0,))
    assert merge_boxes([HUNDRED], []) == Merge()


def test_it_lets_the_better_of_two_boxes_replace() -> None:
    assert merge_boxes([HUNDRED], [(10, 0, 110, 100), (2, 0, 102, 100), (8, 0, 108, 100)]).replaced == {0: 1}


def test_it_compares_with_the_face_that_overlaps_most() -> None:
    beside = (60, 0, 160, 100)
    found = merge_boxes([HUNDRED, beside], [(58, 0, 158, 100)])
    assert found == Merge(replaced={1: 0})
