"""Sweeping an image: missed faces, false ones, a verdict."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.images.models import Image
from annotator.work.models import ItemState, Pass, PassKind, WorkItem
from annotator.work.services.opening import items_open_for_image
from tests.cast import FaceFactory, ImageFactory, face_labels
from tests.work.conftest import Desk, Desks

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(dataset: Dataset, image_factory: ImageFactory) -> Image:
    """An image of 640 x 480 pixels with an open sweep."""
    return image_factory(dataset, sweep=True)


def sweep(desk: Desk, **sent: Any) -> tuple[int, Any]:
    return desk.sweep(desk.next(kinds=["sweep"]), **sent)


def test_it_shows_the_faces_of_the_image_and_not_the_rejected_ones(
    image: Image, face_factory: FaceFactory, desk: Desks, ann1: User
) -> None:
    shown = face_factory(image, (10, 20, 110, 140))
    face_factory(image, state=FaceState.REJECTED)
    item = desk(ann1).next(kinds=["sweep"])
    assert item["face"] is None
    assert [f["id"] for f in item["sweep"]["faces"]] == [shown.pk]
    assert item["sweep"]["faces"][0]["box"] == [10, 20, 110, 140]


def test_it_marks_an_image_as_swept_when_nothing_is_wrong(image: Image, desk: Desks, ann1: User) -> None:
    status, answer = sweep(desk(ann1))
    assert (status, answer["state"], answer["face_id"]) == (200, ItemState.DONE, None)
    image.refresh_from_db()
    assert image.swept_at is not None
    assert desk(ann1).claim(kinds=["sweep"]) == []


def test_it_adds_missed_faces_and_opens_their_items(image: Image, desk: Desks, ann1: User) -> None:
    status, _ = sweep(desk(ann1), added=[{"box": [10, 10, 90, 110]}, {"box": [200, 10, 220, 40]}])
    assert status == 200
    face, small = Face.objects.order_by("pk")
    assert (face.state, small.state) == (FaceState.WAITING, FaceState.TOO_SMALL)
    assert face.current is not None
    assert (face.current.kind, face.current.author, face.prelabel) == (RevisionKind.SWEEP, ann1, None)
    (item,) = WorkItem.objects.filter(state=ItemState.OPEN)
    assert (item.face, item.kind) == (face, PassKind.ANNOTATE)


def test_it_lets_the_person_who_drew_a_box_label_it_but_not_check_it(
    image: Image, desk: Desks, ann1: User, ann2: User
) -> None:
    box = [100, 100, 300, 340]
    sweep(desk(ann1), added=[{"box": box}])
    assert desk(ann1).annotate(face_labels(box))["kept_as"] == "counted"
    assert desk(ann1).claim(kinds=["check"]) == []


@pytest.mark.parametrize("state", [FaceState.WAITING, FaceState.CHECKING, FaceState.DISPUTED])
def test_it_rejects_false_faces_and_closes_their_items(
    image: Image, face_factory: FaceFactory, desk: Desks, ann1: User, state: FaceState
) -> None:
    face = face_factory(image)
    Face.objects.filter(pk=face.pk).update(state=state)
    assert sweep(desk(ann1), rejected=[face.pk])[0] == 200
    face.refresh_from_db()
    assert face.state == FaceState.REJECTED
    assert face.current is not None
    assert (face.current.flags, face.current.parent, face.current.author) == (
        ["not_a_face"],
        face.prelabel,
        ann1,
    )
    assert face.current.landmarks is None
    assert not WorkItem.objects.filter(state=ItemState.OPEN).exists()


def test_it_keeps_the_work_of_somebody_who_was_labelling_a_face_that_is_rejected(
    image: Image, face_factory: FaceFactory, desk: Desks, ann1: User, ann2: User
) -> None:
    face = face_factory(image)
    item = desk(ann2).next(kinds=["annotate"])
    sweep(desk(ann1), rejected=[face.pk])
    status, answer = desk(ann2).submit(item, face_labels())
    assert (status, answer["kept_as"], answer["state"]) == (200, "side", FaceState.REJECTED)


def test_it_does_not_reject_an_accepted_face(
    image: Image, face_factory: FaceFactory, desk: Desks, ann1: User
) -> None:
    face = face_factory(image, state=FaceState.ACCEPTED)
    status, answer = sweep(desk(ann1), rejected=[face.pk])
    assert (status, answer["code"]) == (409, "closed")
    image.refresh_from_db()
    assert image.swept_at is None


def test_it_refuses_to_reject_a_face_of_another_image(
    image: Image, image_factory: ImageFactory, face_factory: FaceFactory, desk: Desks, ann1: User
) -> None:
    other = face_factory(image_factory(image.dataset))
    status, answer = sweep(desk(ann1), rejected=[other.pk])
    assert (status, answer["code"]) == (422, "rejected")


def test_it_refuses_a_box_over_a_face_that_is_already_there(
    image: Image, face_factory: FaceFactory, desk: Desks, ann1: User
) -> None:
    face_factory(image, (100, 100, 300, 340))
    status, answer = sweep(desk(ann1), added=[{"box": [105, 100, 300, 340]}])
    assert status == 422
    assert [v["code"] for v in answer["details"]["violations"]] == ["face_exists"]


def test_it_takes_a_better_box_for_a_face_that_the_same_sweep_rejects(
    image: Image, face_factory: FaceFactory, desk: Desks, ann1: User
) -> None:
    face = face_factory(image, (100, 100, 300, 340))
    status, _ = sweep(desk(ann1), rejected=[face.pk], added=[{"box": [105, 100, 300, 340]}])
    assert status == 200
    assert Face.objects.filter(state=FaceState.WAITING).count() == 1


@pytest.mark.parametrize("box", [[700, 10, 800, 90], [30, 30, 10, 90], [-200, 0, 20, 100]])
def test_it_refuses_a_box_outside_the_image(image: Image, desk: Desks, ann1: User, box: list[int]) -> None:
    status, answer = sweep(desk(ann1), added=[{"box": box}])
    assert status == 422
    assert [v["code"] for v in answer["details"]["violations"]] == ["box_outside"]


@pytest.mark.parametrize(("verdict", "stored"), [("reject", "rejected"), ("quarantine", "quarantined")])
def test_it_takes_an_image_out_of_the_queue_with_a_reason(
    image: Image, face_factory: FaceFactory, desk: Desks, ann1: User, ann2: User, verdict: str, stored: str
) -> None:
    face_factory(image)
    item = desk(ann1).next(kinds=["sweep"])
    assert desk(ann1).sweep(item, verdict=verdict)[1]["code"] == "reason"
    status, _ = desk(ann1).sweep(item, verdict=verdict, reason="A film poster.")
    assert status == 200
    image.refresh_from_db()
    assert (image.verdict, image.verdict_reason) == (stored, "A film poster.")
    assert image.swept_at is None
    assert desk(ann2).claim(20) == []


def test_it_turns_an_image_and_has_it_prelabelled_and_swept_again(
    image: Image, face_factory: FaceFactory, desk: Desks, ann1: User, ann2: User
) -> None:
    face = face_factory(image, (10, 20, 110, 140))
    status, _ = sweep(desk(ann1), verdict="rotate90")
    assert status == 200
    image.refresh_from_db()
    assert (image.width, image.height, image.rotation) == (480, 640, 90)
    assert (image.prelabelled_at, image.swept_at) == (None, None)
    face.refresh_from_db()
    assert face.state == FaceState.REJECTED
    assert face.current is not None
    assert tuple(face.current.labels.box) == (340, 10, 460, 110)
    assert face.current.comment == "image rotated"
    assert not WorkItem.objects.filter(state=ItemState.OPEN).exists()
    (again,) = items_open_for_image(image=image)
    assert (again.kind, again.round) == (PassKind.SWEEP, 2)
    assert desk(ann1).next(kinds=["sweep"])["round"] == 2


def test_it_does_not_turn_an_image_with_an_accepted_face(
    image: Image, face_factory: FaceFactory, desk: Desks, ann1: User
) -> None:
    face_factory(image, state=FaceState.ACCEPTED)
    status, answer = sweep(desk(ann1), verdict="rotate180")
    assert (status, answer["code"]) == (409, "has_accepted_faces")
    image.refresh_from_db()
    assert image.rotation == 0


def test_it_takes_no_changes_to_faces_beside_a_verdict(image: Image, desk: Desks, ann1: User) -> None:
    status, answer = sweep(desk(ann1), verdict="reject", reason="x", added=[{"box": [0, 0, 50, 50]}])
    assert (status, answer["code"]) == (422, "verdict")


def test_it_answers_a_repeated_sweep_as_the_first_time(image: Image, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next(kinds=["sweep"])
    sent = {"submission_id": str(uuid.uuid4()), "added": [{"box": [10, 10, 90, 110]}]}
    assert desk(ann1).sweep(item, **sent) == desk(ann1).sweep(item, **sent)
    assert Face.objects.count() == 1


def test_it_keeps_a_late_sweep_without_changing_anything(
    image: Image, desk: Desks, ann1: User, ann2: User
) -> None:
    late = desk(ann1).next(kinds=["sweep"])
    WorkItem.objects.update(leased_until=timezone.now() - timedelta(minutes=1))
    assert sweep(desk(ann2))[0] == 200
    status, answer = desk(ann1).sweep(late, added=[{"box": [10, 10, 90, 110]}])
    assert (status, answer["kept_as"]) == (200, "side")
    assert not Face.objects.exists()
    kept = Pass.objects.get(user=ann1)
    assert kept.answer["sent"]["added"] == [[10, 10, 90, 110]]
    assert not kept.counted


def test_it_needs_as_many_queries_for_many_faces_as_for_one(
    image: Image, desk: Desks, ann1: User, django_assert_max_num_queries: Any
) -> None:
    item = desk(ann1).next(kinds=["sweep"])
    boxes = [{"box": [x, y, x + 40, y + 40]} for x in range(0, 600, 50) for y in range(0, 430, 50)]
    with django_assert_max_num_queries(40):
        assert desk(ann1).sweep(item, added=boxes)[0] == 200
    assert Face.objects.count() == len(boxes)
    assert Revision.objects.count() == len(boxes)
