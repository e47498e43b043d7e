"""The policy and the photograph's edges are enforced when labels are saved, with what to change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from annotator.accounts.models import User
from annotator.faces.models import Face, Revision
from tests.cast import face_labels, face_points
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db
ABSENT: dict[str, Any] = {"landmarks": None, "age": None, "gender": None, "ethnicity": None}


def refused(desk: Desks, person: User, labels: Any) -> list[dict[str, str]]:
    status, answer = desk(person).submit(desk(person).next(), labels)
    assert (status, answer["code"]) == (422, "policy"), answer
    violations: list[dict[str, str]] = answer["details"]["violations"]
    return violations


def test_it_refuses_landmarks_on_a_profile_and_says_what_to_change(
    face: Face, desk: Desks, ann1: User
) -> None:
    (violation,) = refused(desk, ann1, face_labels(flags=frozenset({"profile"})))
    assert violation["code"] == "landmarks_on_profile"
    assert violation["label"] == "landmarks"
    assert "remove the landmark points, or clear the flag" in violation["message"]


def test_it_takes_a_profile_without_landmarks_and_with_attributes(
    face: Face, desk: Desks, ann1: User
) -> None:
    status, _ = desk(ann1).submit(
        desk(ann1).next(), face_labels(landmarks=None, flags=frozenset({"profile"}))
    )
    assert status == 200


def test_it_takes_an_occluded_face_as_a_box_alone(face: Face, desk: Desks, ann1: User) -> None:
    status, _ = desk(ann1).submit(desk(ann1).next(), face_labels(**ABSENT, flags=frozenset({"occluded"})))
    assert status == 200


def test_it_asks_for_everything_that_no_flag_removes(face: Face, desk: Desks, ann1: User) -> None:
    codes = [v["code"] for v in refused(desk, ann1, face_labels(**ABSENT))]
    assert codes == ["landmarks_missing", "age_missing", "gender_missing", "ethnicity_missing"]


def test_it_refuses_classes_that_the_policy_does_not_have(face: Face, desk: Desks, ann1: User) -> None:
    codes = [v["code"] for v in refused(desk, ann1, face_labels(gender="m", flags=frozenset({"hat"})))]
    assert codes == ["unknown_flag", "gender_unknown"]


def test_it_changes_nothing_when_it_refuses(face: Face, desk: Desks, ann1: User) -> None:
    refused(desk, ann1, face_labels(**ABSENT))
    assert Revision.objects.count() == 1
    face.refresh_from_db()
    assert face.state == "waiting"


def test_it_cuts_a_box_that_reaches_over_the_edge(face: Face, desk: Desks, ann1: User) -> None:
    box = (-20, 100, 180, 300)
    status, answer = desk(ann1).submit(desk(ann1).next(), face_labels(box))
    assert status == 200
    assert tuple(Revision.objects.get(pk=answer["revision"]).labels.box) == (0, 100, 180, 300)


def test_it_refuses_a_box_that_is_mostly_outside(face: Face, desk: Desks, ann1: User) -> None:
    (violation,) = refused(desk, ann1, face_labels((-150, 100, 50, 300)))
    assert violation["code"] == "box_outside"


def test_it_refuses_landmarks_far_from_the_face(face: Face, desk: Desks, ann1: User) -> None:
    points = np.array(face_points((100, 100, 300, 340)))
    points[3:6] = (-500, 4000)
    (violation,) = refused(desk, ann1, face_labels(landmarks=points))
    assert violation["code"] == "landmarks_far"
    assert violation["message"].startswith("3 landmark points")


@pytest.mark.parametrize(
    "change",
    [
        {"box": [10, 10, 10, 40]},
        {"box": [10, 10, 40]},
        {"box": ["a", 1, 2, 3]},
        {"landmarks": [[1, 2]] * 67},
        {"landmarks": "many"},
        {"landmarks": [[1, 2, 3]] * 68},
        {"visibility": [0] * 67},
        {"age": 101},
        {"age": -1},
        {"age": "old"},
    ],
)
def test_it_refuses_labels_that_cannot_be_read(
    face: Face, desk: Desks, ann1: User, change: dict[str, Any]
) -> None:
    item = desk(ann1).next()
    body = desk(ann1).body(item, face_labels())
    body["labels"] |= change
    status, answer = desk(ann1).post(f"/work/{item['id']}/submit", body)
    assert (status, answer["code"]) == (422, "invalid")
    assert Revision.objects.count() == 1
