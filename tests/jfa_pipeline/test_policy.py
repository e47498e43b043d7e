"""The labelling policy: rules on save (J07), the size rule (A23), its JSON form."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy, PolicyInvalid

POINTS = np.zeros((68, 2), np.float32)
FULL = FaceLabels(box=Box(0, 0, 50, 50), landmarks=POINTS, age=30, gender="male", ethnicity="white")


def codes(labels: FaceLabels, policy: Policy | None = None) -> list[str]:
    return [v.code for v in (policy or Policy()).violations(labels)]


def with_(**changes: object) -> FaceLabels:
    base = {"box": FULL.box, "landmarks": POINTS, "age": 30.0, "gender": "male", "ethnicity": "white"}
    return FaceLabels(**{**base, **changes})  # type: ignore[arg-type]  # keyword names are those of FaceLabels


def test_it_lets_complete_labels_pass() -> None:
    assert codes(FULL) == []


def test_it_names_every_label_that_is_still_missing() -> None:
    assert codes(FaceLabels(box=FULL.box)) == [
        "landmarks_missing",
        "age_missing",
        "gender_missing",
        "ethnicity_missing",
    ]


def test_it_wants_no_landmarks_on_a_profile_but_keeps_the_attributes() -> None:
    profile = frozenset({"profile"})
    assert codes(with_(flags=profile)) == ["landmarks_on_profile"]
    assert codes(with_(flags=profile, landmarks=None)) == []


@pytest.mark.parametrize("flag", ["occluded", "blurred", "not_a_face"])
def test_it_wants_only_the_box_of_an_unrecognisable_face(flag: str) -> None:
    flags = frozenset({flag})
    bare = FaceLabels(box=FULL.box, flags=flags)
    assert codes(bare) == []
    assert codes(with_(flags=flags)) == [
        f"{label}_on_{flag}" for label in ("landmarks", "age", "gender", "ethnicity")
    ]


def test_it_says_what_to_change() -> None:
    message = Policy().violations(with_(flags=frozenset({"profile"})))[0].message
    assert "remove the landmark points, or clear the flag" in message


def test_it_takes_cannot_tell_but_no_unknown_class() -> None:
    assert codes(with_(gender="unsure", ethnicity="unsure")) == []
    assert codes(with_(gender="x", ethnicity="martian")) == ["gender_unknown", "ethnicity_unknown"]


def test_it_refuses_a_flag_it_does_not_know() -> None:
    assert codes(with_(flags=frozenset({"odd"}))) == ["unknown_flag"]


def test_it_offers_only_faces_with_a_side_longer_than_30_pixels() -> None:
    policy = Policy()
    assert not policy.is_offered(FaceLabels(box=Box(0, 0, 30, 90)))
    assert policy.is_offered(FaceLabels(box=Box(0, 0, 30.01, 90)))


def test_it_comes_back_from_json_unchanged() -> None:
    policy = Policy(checks=1, ethnicities=("a", "b"), required=("age",))
    assert Policy.from_json(json.loads(json.dumps(policy.to_json()))) == policy


def test_it_reads_a_policy_stored_before_the_loop_as_it_was_meant() -> None:
    old = Policy().to_json()
    for key in ("test_share", "blind_share", "order", "random_share"):
        del old[key]
    policy = Policy.from_json(old)
    assert (policy.test_share, policy.blind_share, policy.order) == (0, 0, "arrival")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"genders": ()}, "genders"),
        ({"ethnicities": ("asian", "unsure")}, "ethnicities"),
        ({"checks": 11}, "checks"),
        ({"box_iou_min": 1.5}, "box_iou_min"),
        ({"landmark_nme_max": 0}, "landmark_nme_max"),
        ({"flags": {"blurred": ["age"]}}, "not_a_face"),
        ({"flags": {"not_a_face": ["hair"]}}, "hair"),
        ({"required": ["hair"]}, "hair"),
        ({"min_side_px": -1}, "min_side_px"),
        ({"lease_minutes": 0}, "lease_minutes"),
        ({"min_side_px": 10**400}, "min_side_px"),
        ({"min_side_px": float("nan")}, "min_side_px"),
        ({"min_side_px": "30"}, "min_side_px"),
        ({"lease_minutes": 2.5}, "lease_minutes"),
        ({"checks": True}, "checks"),
        ({"genders": "female"}, "genders"),
        ({"genders": [1]}, "genders"),
        ({"ethnicities": None}, "ethnicities"),
        ({"ethnicities": ["x" * 41]}, "ethnicities"),
        ({"cannot_tell": {}}, "cannot_tell"),
        ({"flags": ["not_a_face"]}, "flags"),
        ({"flags": {"not_a_face": "age"}}, "flags"),
        ({"colour": "red"}, "colour"),
        ({"test_share": 0.6}, "test_share"),
        ({"test_share": -0.1}, "test_share"),
        ({"blind_share": 1.1}, "blind_share"),
        ({"blind_share": "some"}, "blind_share"),
        ({"random_share": 0.0}, "random_share"),
        ({"random_share": True}, "random_share"),
        ({"order": "newest"}, "order"),
        ({"order": None}, "order"),
    ],
)
def test_it_refuses_a_policy_that_could_not_be_enforced(change: dict[str, object], words: str) -> None:
    with pytest.raises(PolicyInvalid, match=words):
        Policy.from_json(change)
