"""Deliveries: a set of images with a priority and a day, its work, and how far it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotator.accounts.models import AuditEntry, User
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset
from annotator.faces.models import FaceState
from annotator.faces.selectors import FaceFilter
from annotator.images.models import Image, Import, ImportEntry
from annotator.work.models import Delivery, DeliveryImage, ItemState, Priority, WorkItem
from annotator.work.selectors.bulk import Action, ImageFilter, Order, order_plan
from annotator.work.selectors.deliveries import delivery_progress
from annotator.work.services.bulk import order_run, order_start
from annotator.work.services.deliveries import delivery_create, delivery_update
from annotator.work.services.opening import items_open_for_image
from tests.cast import FaceFactory, ImageFactory, face_labels
from tests.work.bulk_orders import attempt, carry_out, open_item
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery(dataset: Dataset, admin: User) -> Delivery:
    return delivery_create(dataset=dataset, name="First batch", actor=admin)


def add(
    delivery: Delivery, actor: User, *, faces: FaceFilter | None = None, **images: object
) -> dict[str, object]:
    wanted = None if faces is not None else ImageFilter(**images)  # type: ignore[arg-type]  # test shorthand
    order = Order(action=Action.DELIVER, faces=faces, images=wanted, delivery=delivery.pk)
    return carry_out(dataset=delivery.dataset, order=order, actor=actor)


def levels() -> set[int]:
    return set(WorkItem.objects.filter(state=ItemState.OPEN).values_list("priority", flat=True))


def test_it_takes_the_images_of_an_import_and_makes_their_work_urgent(
    dataset: Dataset, delivery: Delivery, image_factory: ImageFactory, face_factory: FaceFactory, admin: User
) -> None:
    batch = Import.objects.create(dataset=dataset, source="folder")
    image, other = image_factory(dataset, sweep=True), image_factory(dataset)
    ImportEntry.objects.create(batch=batch, name="a.jpg", outcome="imported", image=image)
    face, left = face_factory(image), face_factory(other)
    done = add(delivery, admin, batch=batch.pk)
    assert done["touched"] == 1
    assert DeliveryImage.objects.get().image == image
    assert open_item(face).priority == Priority.URGENT
    assert image.work_items.get(kind="sweep").priority == Priority.URGENT
    assert open_item(left).priority == Priority.NORMAL


def test_it_takes_the_images_of_chosen_faces_and_leaves_other_deliveries_theirs(
    dataset: Dataset, delivery: Delivery, image_factory: ImageFactory, face_factory: FaceFactory, admin: User
) -> None:
    mine, theirs, bad = (
        image_factory(dataset),
        image_factory(dataset),
        image_factory(dataset, verdict="rejected"),
    )
    for image in (mine, mine, theirs, bad):
        face_factory(image)
    second = delivery_create(dataset=dataset, name="Second", actor=admin)
    DeliveryImage.objects.create(delivery=second, image=theirs)
    order = Order(action=Action.DELIVER, faces=FaceFilter(state=FaceState.WAITING), delivery=delivery.pk)
    plan = order_plan(dataset=dataset, order=order)
    assert (plan.of_images, plan.touched) == (True, 1)
    assert plan.left == {"other_delivery": 1, "image_verdict": 1}
    assert add(delivery, admin, faces=FaceFilter(state=FaceState.WAITING))["touched"] == 1
    assert order_plan(dataset=dataset, order=order).left["same"] == 1
    delivery_update(delivery=second, actor=admin, closed=True)
    assert add(delivery, admin, ids=(theirs.pk,))["touched"] == 1
    assert DeliveryImage.objects.get(image=theirs).delivery == delivery


def test_it_gives_its_level_to_work_that_comes_later(
    dataset: Dataset,
    delivery: Delivery,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    admin: User,
    desk: Desks,
    ann1: User,
) -> None:
    image = image_factory(dataset)
    add(delivery, admin, ids=(image.pk,))
    face = face_factory(image, open_item=False)
    opened = items_open_for_image(image=image)
    assert {item.kind for item in opened} == {"annotate", "sweep"}
    assert levels() == {Priority.URGENT}
    desk(ann1).annotate(face_labels())
    item = open_item(face)
    assert (item.kind, item.priority) == ("check", Priority.URGENT)


def test_it_gives_its_level_to_a_face_that_a_sweep_finds(
    dataset: Dataset, delivery: Delivery, image_factory: ImageFactory, admin: User, desk: Desks, ann1: User
) -> None:
    image = image_factory(dataset, sweep=True)
    add(delivery, admin, ids=(image.pk,))
    status, _ = desk(ann1).sweep(desk(ann1).next(kinds=["sweep"]), added=[{"box": [10, 10, 110, 120]}])
    assert status == 200
    assert WorkItem.objects.get(state=ItemState.OPEN, kind="annotate").priority == Priority.URGENT


def test_it_moves_open_work_when_its_priority_changes_or_it_is_closed(
    dataset: Dataset, delivery: Delivery, image_factory: ImageFactory, face_factory: FaceFactory, admin: User
) -> None:
    image = image_factory(dataset, sweep=True)
    face_factory(image)
    add(delivery, admin, ids=(image.pk,))
    for changes, level in (
        ({"priority": Priority.LATER}, Priority.LATER),
        ({"closed": True}, Priority.NORMAL),
        ({"closed": False}, Priority.LATER),
    ):
        delivery, job = delivery_update(delivery=delivery, actor=admin, **changes)
        assert job is not None
        order_run(run=attempt(job))
        assert levels() == {level}
    assert AuditEntry.objects.filter(verb="delivery.changed").count() == 3


def test_it_needs_no_job_for_a_new_name_or_day(delivery: Delivery, admin: User) -> None:
    changed, job = delivery_update(
        delivery=delivery, actor=admin, name=" Batch 1 ", due_at=timezone.now(), note="for Ann"
    )
    assert (changed.name, job) == ("Batch 1", None)


def test_it_takes_no_images_once_it_is_closed(dataset: Dataset, delivery: Delivery, admin: User) -> None:
    delivery_update(delivery=delivery, actor=admin, closed=True)
    order = Order(action=Action.DELIVER, images=ImageFilter(), delivery=delivery.pk)
    with pytest.raises(Invalid, match="First batch is closed"):
        order_start(dataset=dataset, order=order, actor=admin)


def test_it_refuses_a_second_delivery_of_the_same_name(
    dataset: Dataset, delivery: Delivery, admin: User
) -> None:
    with pytest.raises(Conflict) as caught:
        delivery_create(dataset=dataset, name="First batch", actor=admin)
    assert caught.value.code == "delivery_name"


def test_it_tells_how_far_it_is_and_when_it_is_late(
    dataset: Dataset,
    delivery: Delivery,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    admin: User,
) -> None:
    image, swept = image_factory(dataset, sweep=True), image_factory(dataset, swept_at=timezone.now())
    waiting, checking = face_factory(image), face_factory(swept, state=FaceState.CHECKING)
    WorkItem.objects.create(dataset=dataset, image=swept, face=checking, kind="check", pass_number=2)
    face_factory(swept, state=FaceState.ACCEPTED)
    face_factory(swept, (0, 0, 20, 20), state=FaceState.TOO_SMALL)
    add(delivery, admin, ids=(image.pk, swept.pk))
    progress = delivery_progress(dataset=dataset, deliveries=[delivery])[delivery.pk]
    assert (progress.images, progress.unswept) == (2, 1)
    assert (progress.accepted, progress.in_work, progress.other) == (1, 2, 1)
    # The waiting face: first labels and two checks; the other its second check; one sweep.
    assert {kind: n for kind, n in progress.effort.passes.items() if n} == {
        "annotate": 1,
        "check": 3,
        "sweep": 1,
    }
    now = timezone.now()
    assert not progress.is_late(delivery, now=now)
    delivery.due_at = now - timedelta(hours=1)
    assert progress.is_late(delivery, now=now)
    assert waiting.image_id == image.pk


def test_it_is_done_when_everything_is_swept_and_closed(
    dataset: Dataset, delivery: Delivery, image_factory: ImageFactory, face_factory: FaceFactory, admin: User
) -> None:
    image = image_factory(dataset, swept_at=timezone.now())
    rejected = image_factory(dataset, verdict="rejected")
    face_factory(image, state=FaceState.ACCEPTED)
    DeliveryImage.objects.bulk_create(
        [DeliveryImage(delivery=delivery, image=one) for one in (image, rejected)]
    )
    delivery.due_at = timezone.now() - timedelta(hours=1)
    progress = delivery_progress(dataset=dataset, deliveries=[delivery])[delivery.pk]
    assert progress.is_done
    assert not progress.is_late(delivery, now=timezone.now())
    Image.objects.filter(pk=image.pk).update(swept_at=None)
    assert not delivery_progress(dataset=dataset, deliveries=[delivery])[delivery.pk].is_done
