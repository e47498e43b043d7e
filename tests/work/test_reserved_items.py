"""Items that are reserved for one person, and levels that people chose, in a claim."""

from __future__ import annotations

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Role
from annotator.work.models import LearningOrder, PassKind, Priority, Skip, WorkItem
from annotator.work.selectors.queue import has_work
from annotator.work.services.claiming import items_claim
from tests.cast import FaceFactory, ImageFactory, make_dataset, make_member

pytestmark = pytest.mark.django_db


def claim(dataset: Dataset, user: User, count: int = 1, **more: object) -> list[int]:
    return items_claim(dataset=dataset, user=user, role=Role.ANNOTATOR, count=count, **more)  # type: ignore[arg-type]  # test shorthand


def items_of(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> list[WorkItem]:
    image = image_factory(dataset)
    for _ in range(5):
        face_factory(image)
    return list(WorkItem.objects.filter(dataset=dataset).order_by("pk"))


@pytest.fixture
def items(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> list[WorkItem]:
    """Five open annotate items on one image."""
    return items_of(dataset, image_factory, face_factory)


def change(item: WorkItem, **columns: object) -> None:
    WorkItem.objects.filter(pk=item.pk).update(**columns)


def test_it_hands_a_reserved_item_to_nobody_else(
    dataset: Dataset, items: list[WorkItem], ann1: User, ann2: User
) -> None:
    change(items[0], reserved_for=ann1)
    assert set(claim(dataset, ann2, 20)) == {item.pk for item in items[1:]}
    assert claim(dataset, ann1, 20) == [items[0].pk]


def test_it_hands_out_reserved_items_first_the_most_urgent_before_the_others(
    dataset: Dataset, items: list[WorkItem], ann1: User
) -> None:
    change(items[1], reserved_for=ann1, priority=Priority.LATER)
    change(items[3], reserved_for=ann1)
    change(items[4], reserved_for=ann1, priority=Priority.URGENT)
    change(items[0], priority=Priority.URGENT)
    assert claim(dataset, ann1, 4) == [items[4].pk, items[3].pk, items[1].pk, items[0].pk]


def test_it_fills_up_with_free_items_and_hands_out_none_twice(
    dataset: Dataset, items: list[WorkItem], ann1: User
) -> None:
    change(items[2], reserved_for=ann1)
    claimed = claim(dataset, ann1, 3)
    assert claimed[0] == items[2].pk
    assert len(set(claimed)) == 3


def test_it_hands_out_reserved_items_only_of_the_kinds_asked_for(
    dataset: Dataset, items: list[WorkItem], ann1: User
) -> None:
    change(items[0], reserved_for=ann1)
    assert claim(dataset, ann1, 1, kinds=[PassKind.CHECK]) == []


def test_it_does_not_hand_out_a_reserved_item_that_its_person_passed_over(
    dataset: Dataset, items: list[WorkItem], ann1: User
) -> None:
    change(items[0], reserved_for=ann1)
    Skip.objects.create(item=items[0], user=ann1, reason="too dark")
    assert items[0].pk not in claim(dataset, ann1, 20)


def test_it_knows_who_has_work_when_everything_is_reserved(
    dataset: Dataset, items: list[WorkItem], ann1: User, ann2: User
) -> None:
    WorkItem.objects.update(reserved_for=ann1)
    assert has_work(dataset=dataset, user=ann1, role=Role.ANNOTATOR)
    assert not has_work(dataset=dataset, user=ann2, role=Role.ANNOTATOR)


@pytest.mark.parametrize("order", ["arrival", "learning"])
def test_it_hands_out_urgent_items_first_and_put_off_ones_last_in_both_orders(
    order: str, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    dataset = make_dataset("Ordered", order=order, random_share=0.5)
    if order == "learning":
        LearningOrder.objects.create(dataset=dataset, limits=[0.3, 0.6])
    person = make_member(dataset, "somebody", Role.ANNOTATOR)
    items = items_of(dataset, image_factory, face_factory)
    sweep = image_factory(dataset, sweep=True).work_items.get()
    change(items[0], priority=Priority.LATER)
    change(items[1], priority=Priority.DOUBTFUL)
    change(items[2], kind=PassKind.CHECK, pass_number=1, priority=Priority.LATER)
    change(items[3], priority=Priority.URGENT)
    change(sweep, priority=Priority.URGENT)
    claimed = claim(dataset, person, 20)
    assert claimed[:2] == [items[3].pk, sweep.pk]
    assert set(claimed[2:4]) == {items[1].pk, items[4].pk}
    assert claimed[4:] == [items[2].pk, items[0].pk]
