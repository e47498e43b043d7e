"""Which items an image gets."""

from __future__ import annotations

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState
from annotator.images.models import Image
from annotator.work.models import ItemState, PassKind, Priority, WorkItem
from annotator.work.services.opening import items_open_for_image
from tests.cast import FaceFactory, ImageFactory
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(dataset: Dataset, image_factory: ImageFactory) -> Image:
    return image_factory(dataset)


def test_it_opens_one_item_for_each_offered_face_and_one_sweep(
    image: Image, face_factory: FaceFactory
) -> None:
    offered = [face_factory(image, open_item=False) for _ in range(2)]
    for state in (FaceState.TOO_SMALL, FaceState.ACCEPTED, FaceState.REJECTED):
        face_factory(image, state=state)
    made = items_open_for_image(image=image)
    assert {item.face for item in made if item.kind == PassKind.ANNOTATE} == set(offered)
    assert [item.round for item in made if item.kind == PassKind.SWEEP] == [1]
    assert len(made) == 3


def test_it_opens_nothing_twice(image: Image, face_factory: FaceFactory) -> None:
    face_factory(image, open_item=False)
    items_open_for_image(image=image)
    assert items_open_for_image(image=image) == []


def test_it_opens_nothing_on_an_image_with_a_verdict(image: Image, face_factory: FaceFactory) -> None:
    face_factory(image, open_item=False)
    image.verdict = "rejected"
    image.save()
    assert items_open_for_image(image=image) == []


def test_it_does_not_sweep_a_swept_image_again(image: Image, desk: Desks, ann1: User) -> None:
    items_open_for_image(image=image)
    desk(ann1).sweep(desk(ann1).next(kinds=["sweep"]))
    assert items_open_for_image(image=image) == []


def test_it_goes_on_where_a_face_was_when_its_item_was_withdrawn(
    image: Image, face_factory: FaceFactory, desk: Desks, ann1: User, ann2: User
) -> None:
    face_factory(image)
    desk(ann1).annotate()
    desk(ann2).accept()
    WorkItem.objects.filter(state=ItemState.OPEN).update(state=ItemState.CANCELLED)
    item = next(item for item in items_open_for_image(image=image) if item.face_id)
    assert (item.kind, item.pass_number) == (PassKind.CHECK, 2)


def test_it_puts_faces_that_machines_doubt_first(image: Image, face_factory: FaceFactory) -> None:
    doubtful = face_factory(image, open_item=False, needs_person="Two detectors overlap at 0.5.")
    sure = face_factory(image, open_item=False)
    priority = {item.face: item.priority for item in items_open_for_image(image=image)}
    assert (priority[doubtful], priority[sure]) == (Priority.DOUBTFUL, Priority.NORMAL)


def test_it_spreads_items_over_the_buckets(image: Image, face_factory: FaceFactory) -> None:
    for _ in range(12):
        face_factory(image, open_item=False)
    buckets = {item.bucket for item in items_open_for_image(image=image)}
    assert len(buckets) > 6
    assert Face.objects.count() == 12
