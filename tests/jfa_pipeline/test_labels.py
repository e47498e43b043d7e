"""Labels of one face: what is refused, how they travel as JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import HIDDEN, MISSING, VISIBLE, FaceLabels, LabelsInvalid

POINTS = np.stack([np.arange(68.0), np.arange(68.0) * 2], axis=1)


def test_it_takes_a_face_with_a_box_only() -> None:
    labels = FaceLabels(box=Box(1, 2, 3, 4))
    assert (labels.landmarks, labels.visibility, labels.age, labels.gender, labels.ethnicity) == (None,) * 5


def test_it_takes_points_as_visible_unless_told_otherwise() -> None:
    labels = FaceLabels(box=Box(0, 0, 9, 9), landmarks=POINTS)
    assert labels.visibility is not None
    assert set(labels.visibility.tolist()) == {VISIBLE}
    assert labels.landmarks is not None
    assert labels.landmarks.dtype == np.float32


def test_it_blanks_the_coordinates_of_missing_points() -> None:
    states = np.zeros(68, np.uint8)
    states[5] = MISSING
    labels = FaceLabels(box=Box(0, 0, 9, 9), landmarks=POINTS, visibility=states)
    assert labels.landmarks is not None
    assert np.isnan(labels.landmarks[5]).all()
    assert np.isfinite(labels.landmarks[6]).all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"box": Box(5, 0, 1, 9)}, "x1 < x2"),
        ({"box": Box(0, 0, float("inf"), 9)}, "finite"),
        ({"landmarks": POINTS[:5]}, "68 points"),
        ({"landmarks": np.full((68, 2), np.nan)}, "finite coordinates"),
        ({"visibility": np.zeros(68, np.uint8)}, "without landmarks"),
        ({"landmarks": POINTS, "visibility": np.full(68, 3, np.uint8)}, "between 0 and 2"),
        ({"age": 101.0}, "0 to 100"),
        ({"age": float("nan")}, "0 to 100"),
    ],
)
def test_it_refuses_what_no_policy_could_allow(changes: dict[str, object], words: str) -> None:
    with pytest.raises(LabelsInvalid, match=words):
        FaceLabels(**{"box": Box(0, 0, 9, 9), **changes})  # type: ignore[arg-type]  # wrong values are the point


def test_it_comes_back_from_json_unchanged() -> None:
    states = np.zeros(68, np.uint8)
    states[3], states[4] = HIDDEN, MISSING
    labels = FaceLabels(
        box=Box(0.5, 1.25, 9, 9), landmarks=POINTS, visibility=states, age=31.5, gender="male",
        ethnicity="unsure", flags=frozenset({"profile", "blurred"}),
    )  # fmt: skip
    data = json.loads(json.dumps(labels.to_json()))
    assert data["landmarks"][4] is None
    assert data["flags"] == ["blurred", "profile"]
    back = FaceLabels.from_json(data)
    assert back.to_json() == labels.to_json()
    assert back.visibility is not None
    assert back.visibility.tolist() == states.tolist()


@pytest.mark.parametrize(
    "data", [{}, {"box": [1, 2, 3]}, {"box": ["a", 0, 1, 1]}, {"box": [0, 0, 1, 1], "age": "x"}]
)
def test_it_says_so_when_json_cannot_be_read(data: dict[str, object]) -> None:
    with pytest.raises(LabelsInvalid, match="cannot be read"):
        FaceLabels.from_json(data)


def test_it_hides_the_age_and_nothing_else_from_other_people() -> None:
    labels = FaceLabels(box=Box(0, 0, 9, 9), age=40, gender="female")
    assert labels.without_age().age is None
    assert labels.without_age().gender == "female"
