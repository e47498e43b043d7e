"""Closed faces come back with a reason."""

from __future__ import annotations

import pytest

from annotator.accounts.models import AuditEntry, User
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState
from annotator.images.models import Image
from annotator.work.services.reopening import face_reopen
from tests.cast import FaceFactory, ImageFactory, face_labels
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(dataset: Dataset, image_factory: ImageFactory) -> Image:
    return image_factory(dataset)


def test_it_starts_a_new_round_with_the_labels_as_base(
    face: Face, desk: Desks, ann1: User, ann2: User, ann3: User, admin: User
) -> None:
    desk(ann1).annotate()
    desk(ann2).accept()
    desk(ann3).accept()
    face.refresh_from_db()
    current = face.current_id
    again = face_reopen(face=face, actor=admin, reason="The chin is cut off.")
    assert (again.state, again.round, again.current_id) == (FaceState.WAITING, 2, current)
    assert (again.age_n, again.accepted_policy, again.closed_at) == (0, None, None)
    item = desk(ann1).next()
    assert (item["kind"], item["round"], item["face"]["base_revision"]) == ("annotate", 2, current)
    assert item["face"]["needs_person"] == "Reopened: The chin is cut off."
    assert item["face"]["labels"]["age"] is None


def test_it_lets_the_same_people_work_in_the_new_round_and_counts_only_its_ages(
    face: Face, desk: Desks, ann1: User, ann2: User, ann3: User, admin: User
) -> None:
    desk(ann1).annotate(face_labels(age=10.0))
    desk(ann2).accept(age=10)
    desk(ann3).accept(age=10)
    face_reopen(face=face, actor=admin, reason="Again.")
    desk(ann3).annotate(face_labels(age=40.0))
    desk(ann1).accept(age=50)
    desk(ann2).accept(age=60)
    face.refresh_from_db()
    assert (face.state, face.age_mean, face.age_n) == (FaceState.ACCEPTED, 50.0, 3)


def test_it_writes_who_reopened_and_why(image: Image, face_factory: FaceFactory, admin: User) -> None:
    face = face_factory(image, state=FaceState.ACCEPTED)
    face_reopen(face=face, actor=admin, reason="Wrong eyes.")
    entry = AuditEntry.objects.get(verb="face.reopened")
    assert (entry.actor, entry.target_id, entry.details["reason"]) == (admin, face.pk, "Wrong eyes.")


def test_it_needs_a_reason(image: Image, face_factory: FaceFactory, admin: User) -> None:
    face = face_factory(image, state=FaceState.ACCEPTED)
    with pytest.raises(Invalid):
        face_reopen(face=face, actor=admin, reason="  ")


def test_it_does_not_reopen_a_face_in_work(image: Image, face_factory: FaceFactory, admin: User) -> None:
    with pytest.raises(Conflict) as caught:
        face_reopen(face=face_factory(image), actor=admin, reason="x")
    assert caught.value.code == "not_closed"


def test_it_does_not_reopen_a_face_that_the_size_rule_does_not_offer(
    image: Image, face_factory: FaceFactory, admin: User
) -> None:
    face = face_factory(image, (10, 10, 40, 60), state=FaceState.TOO_SMALL)
    with pytest.raises(Conflict) as caught:
        face_reopen(face=face, actor=admin, reason="x")
    assert caught.value.code == "too_small"


def test_it_does_not_reopen_a_face_of_a_rejected_image(
    image: Image, face_factory: FaceFactory, admin: User
) -> None:
    face = face_factory(image, state=FaceState.ACCEPTED)
    Image.objects.update(verdict="rejected")
    with pytest.raises(Conflict) as caught:
        face_reopen(face=face, actor=admin, reason="x")
    assert caught.value.code == "image_verdict"
