"""What changed between a pre-label and the accepted labels."""

from __future__ import annotations

import numpy as np
import pytest

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import REGIONS
from jfa_pipeline.core.labels import MISSING, FaceLabels
from jfa_pipeline.metrics.edits import edits_between

BOX = Box(0, 0, 100, 100)
POINTS = np.stack([np.linspace(1, 99, 68), np.linspace(1, 99, 68)], axis=1).astype(np.float32)


def labels(**changes: object) -> FaceLabels:
    given: dict[str, object] = {
        "box": BOX,
        "landmarks": POINTS.copy(),
        "age": 30.0,
        "gender": "female",
        "ethnicity": "white",
    }
    return FaceLabels(**{**given, **changes})  # type: ignore[arg-type]  # test shorthand


def moved(points: list[int], by: float) -> np.ndarray:
    placed = POINTS.copy()
    placed[points, 0] += by
    return placed


def test_it_finds_nothing_where_nothing_changed() -> None:
    same = edits_between(labels(), labels(), age_mean=30.0)
    assert (same.total, same.box_iou, same.nme_box_side, same.age_difference) == (0, 1.0, 0.0, 0.0)
    assert (same.gender_changed, same.ethnicity_changed) == (False, False)


def test_it_counts_points_beyond_a_hundredth_of_the_box_side() -> None:
    """One pixel on a box of 100: 0.9 px is the hand's, 1.1 px is an edit."""
    assert edits_between(labels(), labels(landmarks=moved([3, 40], 0.9))).points_moved == 0
    assert edits_between(labels(), labels(landmarks=moved([3, 40], 1.1))).points_moved == 2


def test_it_divides_by_the_square_root_of_the_accepted_box() -> None:
    """All 68 points 4 px off on a box of 50 x 200 px, whose side is 100: 0.04 everywhere."""
    found = edits_between(labels(), labels(box=Box(0, 0, 50, 200), landmarks=moved(list(range(68)), 4)))
    assert found.nme_box_side == pytest.approx(0.04)
    assert found.nme_box_side_by_region == pytest.approx(dict.fromkeys(REGIONS, 0.04))


def test_it_tells_the_region_that_was_wrong() -> None:
    """The 17 points of the jaw 10 px off: 0.1 there, 17 of 68 of it overall."""
    found = edits_between(labels(), labels(landmarks=moved(list(REGIONS["jaw"]), 10)))
    assert found.nme_box_side_by_region == pytest.approx(
        {"jaw": 0.1, "brows": 0, "nose": 0, "eyes": 0, "lips": 0}
    )
    assert found.nme_box_side == pytest.approx(0.1 * 17 / 68)
    assert found.points_moved == 17


def test_it_counts_each_side_of_the_box() -> None:
    """Right side 100 -> 120 and top 0 -> 0.5 on a side of sqrt(119.5 * 100): one side moved."""
    found = edits_between(labels(), labels(box=Box(0, 0.5, 120, 100)))
    assert found.sides_moved == 1
    assert found.box_iou == pytest.approx((100 * 99.5) / (100 * 100 + 120 * 99.5 - 100 * 99.5))


def test_it_counts_attributes_and_flags_but_never_the_age() -> None:
    found = edits_between(
        labels(ethnicity=None, flags={"blurred"}),
        labels(gender="male", ethnicity="asian", age=70.0, flags={"profile"}),
        age_mean=52.5,
    )
    assert found.attributes_changed == 4
    assert (found.gender_changed, found.ethnicity_changed) == (True, None)
    assert found.age_difference == 22.5
    assert found.total == 4


def test_it_counts_points_taken_away_and_put_there() -> None:
    had = np.zeros(68, dtype=np.uint8)
    had[[0, 1]] = MISSING
    has = np.zeros(68, dtype=np.uint8)
    has[[1, 2, 3]] = MISSING
    found = edits_between(labels(visibility=had), labels(visibility=has))
    assert found.points_moved == 3
    assert found.nme_box_side == 0


def test_it_counts_no_points_that_a_flag_took_away() -> None:
    found = edits_between(labels(), labels(landmarks=None, flags={"profile"}))
    assert (found.points_moved, found.attributes_changed, found.nme_box_side) == (0, 1, None)


def test_it_counts_everything_where_there_was_no_pre_label() -> None:
    found = edits_between(None, labels(), age_mean=30.0)
    assert (found.points_moved, found.sides_moved, found.attributes_changed) == (68, 4, 2)
    assert (found.box_iou, found.nme_box_side, found.age_difference) == (None, None, None)


def test_it_counts_every_point_where_the_pre_label_had_only_a_box() -> None:
    found = edits_between(FaceLabels(box=BOX), labels())
    assert (found.points_moved, found.sides_moved, found.attributes_changed) == (68, 0, 2)
