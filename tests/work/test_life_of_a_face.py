"""Annotate, check by others, dispute, adjudicate: what becomes of a face."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, PolicyVersion
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.work.models import ItemState, PassKind, WorkItem
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.policy import Policy
from tests.cast import face_labels, face_points
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


def policy(dataset: Dataset, **changes: Any) -> PolicyVersion:
    version = PolicyVersion.objects.create(
        dataset=dataset, version=dataset.policy_versions.count() + 1, data=Policy(**changes).to_json()
    )
    dataset.policy = version
    dataset.save()
    return version


def test_it_accepts_a_face_after_two_other_people_checked_it(
    face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    assert desk(ann1).annotate()["state"] == FaceState.CHECKING
    assert desk(ann2).accept()["state"] == FaceState.CHECKING
    assert desk(ann3).accept()["state"] == FaceState.ACCEPTED
    face.refresh_from_db()
    assert face.closed_at is not None
    assert face.accepted_policy == face.dataset.policy
    assert not WorkItem.objects.filter(state=ItemState.OPEN).exists()


def test_it_has_one_open_item_a_face_and_not_k_in_advance(face: Face, desk: Desks, ann1: User) -> None:
    desk(ann1).annotate()
    (item,) = WorkItem.objects.filter(state=ItemState.OPEN)
    assert (item.kind, item.pass_number) == (PassKind.CHECK, 1)


def test_it_offers_a_check_to_nobody_who_worked_on_the_face(
    face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    desk(ann1).annotate()
    assert desk(ann1).claim() == []
    desk(ann2).accept()
    assert desk(ann1).claim() == []
    assert desk(ann2).claim() == []


def test_it_keeps_mean_sd_and_n_of_everybodys_age(
    face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    desk(ann1).annotate(face_labels(age=20.0))
    desk(ann2).accept(age=30)
    desk(ann3).accept(age=40)
    face.refresh_from_db()
    assert (face.age_mean, face.age_sd, face.age_n) == (30.0, 10.0, 3)


def test_it_never_shows_anybodys_age(face: Face, desk: Desks, ann1: User, ann2: User) -> None:
    item = desk(ann1).next()
    assert item["face"]["labels"]["age"] is None
    assert item["face"]["prelabel"]["age"] is None
    desk(ann1).submit(item, face_labels(age=77.0625))
    check = desk(ann2).next()
    assert check["face"]["labels"]["age"] is None
    assert "77.0625" not in str(check)


def test_it_asks_each_checker_for_an_age(face: Face, desk: Desks, ann1: User, ann2: User) -> None:
    desk(ann1).annotate()
    item = desk(ann2).next()
    body = desk(ann2).body(item, None, "accept")
    body["labels"]["age"] = None
    status, answer = desk(ann2).post(f"/work/{item['id']}/submit", body)
    assert status == 422
    assert [v["code"] for v in answer["details"]["violations"]] == ["age_missing"]


def test_it_stores_a_version_for_each_check_and_leaves_an_accepted_base_current(
    face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    base = desk(ann1).annotate()["revision"]
    made = desk(ann2).accept(age=51)["revision"]
    face.refresh_from_db()
    assert face.current_id == base
    revision = Revision.objects.get(pk=made)
    assert (revision.kind, revision.author, revision.age, revision.parent_id) == ("check", ann2, 51.0, base)


def test_it_takes_a_small_correction_as_agreement_and_makes_it_current(
    face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    desk(ann1).annotate()
    moved = face_labels((102, 100, 302, 340))
    status, answer = desk(ann2).submit(desk(ann2).next(), moved)
    assert (status, answer["state"]) == (200, FaceState.CHECKING)
    face.refresh_from_db()
    assert face.current_id == answer["revision"]
    assert face.current is not None
    assert face.current.labels.box == Box(102, 100, 302, 340)


def test_it_sends_a_large_correction_to_adjudication_with_the_reason(
    face: Face, desk: Desks, ann1: User, ann2: User, adjudicator: User
) -> None:
    base = desk(ann1).annotate()["revision"]
    status, answer = desk(ann2).submit(desk(ann2).next(), face_labels(gender="male"))
    assert (status, answer["state"]) == (200, FaceState.DISPUTED)
    face.refresh_from_db()
    assert face.current_id == base
    item = desk(adjudicator).next()
    assert item["kind"] == PassKind.ADJUDICATE
    assert item["face"]["dispute_reason"] == "The gender differs: female and male."
    assert [v["author"] for v in item["face"]["versions"]] == ["A", "B"]
    assert [v["labels"]["gender"] for v in item["face"]["versions"]] == ["female", "male"]
    assert [v["labels"]["age"] for v in item["face"]["versions"]] == [None, None]


def test_it_lets_the_adjudicator_end_a_dispute(
    face: Face, desk: Desks, ann1: User, ann2: User, adjudicator: User
) -> None:
    desk(ann1).annotate(face_labels(age=20.0))
    desk(ann2).submit(desk(ann2).next(), face_labels(gender="male", age=30.0))
    status, answer = desk(adjudicator).submit(desk(adjudicator).next(), face_labels(gender="male", age=None))
    assert (status, answer["state"]) == (200, FaceState.ACCEPTED)
    face.refresh_from_db()
    assert face.current is not None
    assert (face.current.kind, face.current.gender) == (RevisionKind.ADJUDICATE, "male")
    assert (face.age_mean, face.age_n) == (25.0, 2)


def test_it_counts_the_adjudicators_age_if_given(
    face: Face, desk: Desks, ann1: User, ann2: User, adjudicator: User
) -> None:
    desk(ann1).annotate(face_labels(age=20.0))
    desk(ann2).submit(desk(ann2).next(), face_labels(gender="male", age=30.0))
    desk(adjudicator).submit(desk(adjudicator).next(), face_labels(age=40.0))
    face.refresh_from_db()
    assert (face.age_mean, face.age_n) == (30.0, 3)


def test_it_takes_a_dispute_only_with_a_comment(
    face: Face, desk: Desks, ann1: User, ann2: User, adjudicator: User
) -> None:
    desk(ann1).annotate()
    item = desk(ann2).next()
    status, answer = desk(ann2).submit(item, None, "dispute")
    assert (status, answer["code"]) == (422, "comment_missing")
    status, answer = desk(ann2).submit(item, None, "dispute", comment="Two people in one box.")
    assert (status, answer["state"]) == (200, FaceState.DISPUTED)
    assert desk(adjudicator).next()["face"]["dispute_reason"] == "Two people in one box."


def test_it_does_not_let_an_annotator_decide_a_dispute(
    face: Face, desk: Desks, ann1: User, ann2: User, ann3: User, adjudicator: User
) -> None:
    desk(ann1).annotate()
    desk(ann2).submit(desk(ann2).next(), None, "dispute", comment="no")
    item = desk(adjudicator).next()
    assert desk(ann3).claim(kinds=["adjudicate"]) == []
    status, answer = desk(ann3).submit(item, face_labels())
    assert (status, answer["code"]) == (403, "role")


def test_it_rejects_a_face_that_everybody_calls_no_face(
    face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    flagged = face_labels(
        landmarks=None, age=None, gender=None, ethnicity=None, flags=frozenset({"not_a_face"})
    )
    desk(ann1).annotate(flagged)
    for person in (ann2, ann3):
        item = desk(person).next()
        body = desk(person).body(item, flagged, "accept")
        status, answer = desk(person).post(f"/work/{item['id']}/submit", body)
        assert status == 200, answer
    face.refresh_from_db()
    assert face.state == FaceState.REJECTED
    assert face.age_n == 0


def test_it_accepts_at_once_under_a_policy_without_checks(
    dataset: Dataset, face: Face, desk: Desks, ann1: User
) -> None:
    version = policy(dataset, checks=0)
    assert desk(ann1).annotate()["state"] == FaceState.ACCEPTED
    face.refresh_from_db()
    assert face.accepted_policy == version
    assert (face.age_mean, face.age_sd, face.age_n) == (30.0, None, 1)


def test_it_accepts_on_the_next_submit_when_fewer_checks_are_asked_meanwhile(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    desk(ann1).annotate()
    item = desk(ann2).next()
    policy(dataset, checks=1)
    status, answer = desk(ann2).submit(item, None, "accept")
    assert (status, answer["state"]) == (200, FaceState.ACCEPTED)


def test_it_closes_a_face_that_a_person_made_too_small(face: Face, desk: Desks, ann1: User) -> None:
    small = (150, 150, 180, 250)
    labels = replace(
        face_labels(small, age=None, gender=None, ethnicity=None), landmarks=None, visibility=None
    )
    assert desk(ann1).annotate(labels)["state"] == FaceState.TOO_SMALL
    assert not WorkItem.objects.filter(state=ItemState.OPEN).exists()


def test_it_refuses_an_accept_whose_labels_were_changed(
    face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    desk(ann1).annotate()
    status, answer = desk(ann2).submit(desk(ann2).next(), face_labels((104, 100, 300, 340)), "accept")
    assert (status, answer["code"]) == (422, "accept_changed")


def test_it_does_not_accept_a_prelabel_as_it_is(face: Face, desk: Desks, ann1: User) -> None:
    status, answer = desk(ann1).submit(desk(ann1).next(), face_labels(), "accept")
    assert (status, answer["code"]) == (422, "verdict")


def test_it_keeps_landmarks_to_the_last_bit_through_a_check(
    face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    points = face_points((100, 100, 300, 340)) + 0.123
    first = desk(ann1).annotate(face_labels(landmarks=points))["revision"]
    second = desk(ann2).accept()["revision"]
    before, after = (Revision.objects.get(pk=pk).landmarks.tobytes() for pk in (first, second))
    assert before == after


def test_it_clears_the_doubt_of_machines_once_a_person_labelled_the_face(
    face: Face, desk: Desks, ann1: User
) -> None:
    Face.objects.filter(pk=face.pk).update(needs_person="Two detectors overlap at 0.5.")
    item = desk(ann1).next()
    assert item["face"]["needs_person"] == "Two detectors overlap at 0.5."
    desk(ann1).submit(item, face_labels())
    face.refresh_from_db()
    assert face.needs_person == ""
