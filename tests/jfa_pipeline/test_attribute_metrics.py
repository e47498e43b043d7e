"""Age error, class accuracy and their coverage (P7-27, P7-28)."""

from __future__ import annotations

import pytest

from jfa_pipeline.metrics.attributes import accuracy, age_mae, confusion


def test_it_gives_the_hand_checked_age_error() -> None:
    found = age_mae([(30, 28), (41, 45), (22, 22)])
    assert (found.value, found.n, found.coverage) == (2.0, 3, 1.0)


def test_it_leaves_undetected_faces_out_and_prints_the_coverage() -> None:
    found = age_mae([(30, 28), (None, 45), (22, None)])
    assert (found.value, found.n, found.labelled_n, found.coverage) == (2.0, 1, 2, 0.5)


def test_it_counts_right_classes() -> None:
    found = accuracy([("male", "male"), ("male", "female"), (None, "male"), ("female", None)])
    assert (found.value, found.n, found.labelled_n) == (0.5, 2, 3)


def test_it_has_no_figure_without_faces() -> None:
    assert (age_mae([]).value, age_mae([]).coverage, accuracy([(None, "male")]).value) == (None, None, None)


def test_it_counts_each_confusion() -> None:
    pairs = [("male", "male"), ("male", "female"), ("male", "female"), (None, "male")]
    assert confusion(pairs) == {("male", "male"): 1, ("male", "female"): 2}


def test_it_averages_the_two_halves_of_morph() -> None:
    assert sum((3.15, 2.94)) / 2 == pytest.approx(3.045)
