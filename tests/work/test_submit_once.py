"""A save arrives twice, late, on a stale base, or from somebody who does not hold the item."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.work.models import Draft, Pass, WorkItem
from tests.cast import Api, face_labels
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


def lease_ran_out(item_id: int) -> None:
    WorkItem.objects.filter(pk=item_id).update(leased_until=timezone.now() - timedelta(minutes=1))


def test_it_answers_a_repeated_save_as_the_first_time_and_stores_it_once(
    face: Face, desk: Desks, ann1: User
) -> None:
    item = desk(ann1).next()
    body = desk(ann1).body(item, face_labels())
    first = desk(ann1).post(f"/work/{item['id']}/submit", body)
    second = desk(ann1).post(f"/work/{item['id']}/submit", body)
    assert first == second
    assert first[0] == 200
    assert Pass.objects.count() == 1
    assert Revision.objects.filter(kind=RevisionKind.ANNOTATE).count() == 1


def test_it_answers_a_repeat_even_after_the_face_went_on(
    face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    item = desk(ann1).next()
    body = desk(ann1).body(item, face_labels())
    first = desk(ann1).post(f"/work/{item['id']}/submit", body)
    desk(ann2).accept()
    desk(ann3).accept()
    assert desk(ann1).post(f"/work/{item['id']}/submit", body) == first


def test_it_refuses_a_submission_id_of_another_person(
    face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    item = desk(ann1).next()
    body = desk(ann1).body(item, face_labels())
    desk(ann1).post(f"/work/{item['id']}/submit", body)
    check = desk(ann2).next()
    stolen = desk(ann2).body(check, None, "accept", submission_id=body["submission_id"])
    status, answer = desk(ann2).post(f"/work/{check['id']}/submit", stolen)
    assert (status, answer["code"]) == (409, "submission_id_used")


def test_it_refuses_a_second_pass_of_the_same_person(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    assert desk(ann1).submit(item, face_labels())[0] == 200
    status, answer = desk(ann1).submit(item, face_labels())
    assert (status, answer["code"]) == (409, "already_yours")


def test_it_still_takes_a_save_whose_lease_ran_out_while_nobody_claimed_the_item(
    face: Face, desk: Desks, ann1: User
) -> None:
    item = desk(ann1).next()
    lease_ran_out(item["id"])
    status, answer = desk(ann1).submit(item, face_labels())
    assert (status, answer["kept_as"], answer["state"]) == (200, "counted", FaceState.CHECKING)


def test_it_keeps_a_late_save_as_a_side_version_when_somebody_else_claimed_the_item(
    face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    late = desk(ann1).next()
    lease_ran_out(late["id"])
    taken = desk(ann2).next()
    assert taken["id"] == late["id"]
    body = desk(ann1).body(late, face_labels(gender="male"))
    status, answer = desk(ann1).post(f"/work/{late['id']}/submit", body)
    assert (status, answer["kept_as"], answer["state"]) == (200, "side", FaceState.WAITING)
    assert "lease had run out" in answer["message"]
    side = Revision.objects.get(pk=answer["revision"])
    assert (side.kind, side.author, side.gender) == (RevisionKind.SIDE, ann1, "male")
    assert desk(ann1).post(f"/work/{late['id']}/submit", body) == (status, answer)
    face.refresh_from_db()
    assert face.current_id == face.prelabel_id
    assert desk(ann2).submit(taken, face_labels())[1]["kept_as"] == "counted"


def test_it_keeps_a_late_save_when_somebody_else_finished_the_item(
    face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    late = desk(ann1).next()
    lease_ran_out(late["id"])
    desk(ann2).annotate()
    status, answer = desk(ann1).submit(late, face_labels())
    assert (status, answer["kept_as"], answer["state"]) == (200, "side", FaceState.CHECKING)
    face.refresh_from_db()
    assert face.current is not None
    assert face.current.author == ann2


def test_it_lets_a_person_with_only_a_side_version_check_the_face(
    face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    late = desk(ann1).next()
    lease_ran_out(late["id"])
    desk(ann2).annotate()
    desk(ann1).submit(late, face_labels())
    assert desk(ann1).accept()["kept_as"] == "counted"


def test_it_keeps_a_late_save_of_an_accepted_face_and_changes_nothing(
    face: Face, desk: Desks, ann1: User, ann2: User, ann3: User, ann4: User
) -> None:
    late = desk(ann1).next()
    lease_ran_out(late["id"])
    desk(ann2).annotate()
    desk(ann3).accept()
    desk(ann4).accept()
    face.refresh_from_db()
    before = (face.current_id, face.age_mean, face.age_n)
    assert desk(ann1).submit(late, face_labels(age=99.0))[1]["kept_as"] == "side"
    face.refresh_from_db()
    assert (face.current_id, face.age_mean, face.age_n) == before
    assert face.state == FaceState.ACCEPTED


def test_it_refuses_a_save_by_somebody_to_whom_the_item_was_never_handed(
    face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    item = desk(ann1).next()
    forged = {**item, "lease": {"token": str(uuid.uuid4())}}
    status, answer = desk(ann2).submit(forged, face_labels())
    assert (status, answer["code"]) == (409, "lease_lost")
    assert not Pass.objects.exists()


def test_it_refuses_a_save_on_an_accepted_face(
    face: Face, desk: Desks, ann1: User, ann2: User, ann3: User, ann4: User
) -> None:
    item = desk(ann1).next()
    desk(ann1).submit(item, face_labels())
    desk(ann2).accept()
    desk(ann3).accept()
    forged = {**item, "lease": {"token": str(uuid.uuid4())}}
    status, answer = desk(ann4).submit(forged, face_labels())
    assert (status, answer["code"]) == (409, "closed")
    assert "reopen" in answer["message"]


def test_it_refuses_a_stale_base_with_both_versions_and_no_age(
    face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    old_base = face.current_id
    newer = desk(ann1).annotate(face_labels(age=77.0625))["revision"]
    item = desk(ann2).next()
    mine = face_labels((101, 100, 300, 340), age=41.0)
    status, answer = desk(ann2).submit(item, mine, base_revision=old_base)
    assert (status, answer["code"]) == (409, "stale_base")
    details = answer["details"]
    assert details["yours"] == mine.to_json()
    assert details["theirs"]["revision"] == newer
    assert details["theirs"]["author"] == "Ann1"
    assert details["theirs"]["labels"]["age"] is None
    assert details["base_revision"] == old_base
    status, answer = desk(ann2).submit(item, mine, base_revision=newer)
    assert status == 200


def test_it_refuses_a_base_that_belongs_to_another_face(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    status, answer = desk(ann1).submit(item, face_labels(), base_revision=999_999_999)
    assert (status, answer["code"]) == (409, "stale_base")


def test_it_removes_the_draft_with_the_save(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    desk(ann1).put_draft(item, 1, {"a": 1})
    desk(ann1).submit(item, face_labels())
    assert not Draft.objects.exists()


def test_it_tells_an_outsider_nothing(
    dataset: Dataset, face: Face, api: Api, desk: Desks, ann1: User, outsider: User
) -> None:
    item = desk(ann1).next()
    body = desk(ann1).body(item, face_labels())
    answer = api(outsider).post(f"/api/v1/work/{item['id']}/submit", body, format="json")
    assert answer.status_code == 404
    assert api().post(f"/api/v1/work/{item['id']}/submit", body, format="json").status_code == 401


def test_it_keeps_the_time_spent(face: Face, desk: Desks, ann1: User) -> None:
    desk(ann1).submit(desk(ann1).next(), face_labels(), active_ms=41_500)
    assert Pass.objects.get().active_ms == 41_500
