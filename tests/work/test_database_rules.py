"""The rules about people and items hold in the database itself, whatever code asks."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from annotator.accounts.models import User
from annotator.faces.models import Face, Revision
from annotator.work.models import ItemState, Pass, PassKind, WorkItem

pytestmark = pytest.mark.django_db

INSERT = """
INSERT INTO work_pass (submission_id, item_id, dataset_id, image_id, face_id, round, kind, user_id, counted,
                       answer, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, '{}', now())
"""


def insert(
    item: WorkItem, user: User, *, counted: bool = True, round_number: int = 1, kind: str = "check"
) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [
                str(uuid.uuid4()),
                item.pk,
                item.dataset_id,
                item.image_id,
                item.face_id,
                round_number,
                kind,
                user.pk,
                counted,
            ],
        )


def another_item(item: WorkItem, **columns: Any) -> WorkItem:
    return WorkItem.objects.create(
        **{
            "dataset_id": item.dataset_id,
            "image_id": item.image_id,
            "face_id": item.face_id,
            "kind": PassKind.CHECK,
            "pass_number": 1,
            "state": ItemState.DONE,
            **columns,
        }
    )


@pytest.fixture
def item(face: Face) -> WorkItem:
    return WorkItem.objects.get(face=face)


def test_it_forbids_a_persons_second_pass_on_a_face_in_a_round(item: WorkItem, ann1: User) -> None:
    insert(item, ann1)
    with pytest.raises(IntegrityError, match="nobody_twice_on_a_face"):
        insert(another_item(item), ann1)


def test_it_allows_the_next_round_and_what_does_not_count(item: WorkItem, ann1: User) -> None:
    insert(item, ann1)
    insert(another_item(item), ann1, round_number=2)
    insert(another_item(item), ann1, counted=False)
    assert Pass.objects.count() == 3


def test_it_forbids_two_people_to_finish_one_item(item: WorkItem, ann1: User, ann2: User) -> None:
    insert(item, ann1)
    with pytest.raises(IntegrityError, match="one_counted_pass_per_item"):
        insert(item, ann2)


def test_it_forbids_a_persons_second_sweep_of_an_image_in_a_round(item: WorkItem, ann1: User) -> None:
    sweeps = [another_item(item, face_id=None, kind=PassKind.SWEEP, pass_number=0) for _ in range(2)]
    insert(sweeps[0], ann1, kind="sweep")
    with pytest.raises(IntegrityError, match="nobody_sweeps_twice"):
        insert(sweeps[1], ann1, kind="sweep")


def test_it_forbids_a_second_open_item_of_a_face(item: WorkItem) -> None:
    with pytest.raises(IntegrityError, match="one_open_item_per_face"), transaction.atomic():
        another_item(item, state=ItemState.OPEN)


def test_it_forbids_half_a_lease_and_a_lease_on_a_closed_item(item: WorkItem, ann1: User) -> None:
    with pytest.raises(IntegrityError, match="lease_whole"), transaction.atomic():
        WorkItem.objects.filter(pk=item.pk).update(leased_to=ann1)
    WorkItem.objects.filter(pk=item.pk).update(
        leased_to=ann1, lease_token=uuid.uuid4(), leased_until=timezone.now()
    )
    with pytest.raises(IntegrityError, match="lease_whole"), transaction.atomic():
        WorkItem.objects.filter(pk=item.pk).update(state=ItemState.DONE)


def test_it_forbids_a_priority_that_no_claim_would_look_for(item: WorkItem) -> None:
    with pytest.raises(IntegrityError, match="work_priority_known"), transaction.atomic():
        WorkItem.objects.filter(pk=item.pk).update(priority=3)


def test_it_forbids_changing_a_stored_version(face: Face) -> None:
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Revision.objects.filter(face=face).update(x1=0)


def test_it_forbids_an_accepted_face_without_its_policy(face: Face) -> None:
    with pytest.raises(IntegrityError, match="accepted_under_a_policy"), transaction.atomic():
        Face.objects.filter(pk=face.pk).update(state="accepted")
