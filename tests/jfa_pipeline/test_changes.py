"""What changed between two versions of a face's labels, with numbers that can be checked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jfa_pipeline.aggregate.changes import Change, describe_changes
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import HIDDEN, MISSING, FaceLabels

POINTS = np.stack([np.arange(68.0), np.full(68, 10.0)], axis=1)
BASE = FaceLabels(Box(0, 0, 100, 100), landmarks=POINTS, age=30, gender="female")


def texts(after: FaceLabels, before: FaceLabels = BASE) -> dict[str, str]:
    return {change.part: change.text for change in describe_changes(before, after)}


def test_it_finds_nothing_in_equal_labels() -> None:
    assert describe_changes(BASE, replace(BASE)) == []


def test_it_gives_the_overlap_of_a_changed_box() -> None:
    assert texts(replace(BASE, box=Box(0, 0, 100, 50))) == {"box": "box changed, IoU 0.50"}


def test_it_counts_moved_points_and_gives_their_mean_distance() -> None:
    points = POINTS.copy()
    points[:34, 1] += 2  # half of the points by 2 px of a 100 px box: 1 % on average
    assert texts(replace(BASE, landmarks=points)) == {
        "landmarks": "34 points moved, 1.0 % of the box side on average"
    }


def test_it_names_removed_hidden_and_added_points() -> None:
    states = np.zeros(68, dtype=np.uint8)
    states[0], states[1:3] = MISSING, HIDDEN
    after = replace(BASE, visibility=states)
    assert texts(after) == {"landmarks": "1 point removed, 2 points marked hidden"}
    back = replace(BASE, visibility=np.zeros(68, dtype=np.uint8))
    assert texts(back, after) == {"landmarks": "1 point added, 2 points no longer hidden"}


def test_it_says_that_all_points_went_or_came() -> None:
    without = replace(BASE, landmarks=None, visibility=None)
    assert texts(without) == {"landmarks": "all points removed"}
    assert texts(BASE, without) == {"landmarks": "all points added"}


def test_it_names_attributes_and_flags() -> None:
    after = replace(BASE, age=34.5, gender=None, ethnicity="white", flags=frozenset({"blurred"}))
    assert describe_changes(BASE, after) == [
        Change("age", "age 30 → 34.5"),
        Change("gender", "gender female → none"),
        Change("ethnicity", "ethnicity none → white"),
        Change("flags", "blurred set"),
    ]
