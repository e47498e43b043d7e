"""Which items a person is handed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership, Role
from annotator.work.models import Draft, ItemState, Pass, PassKind, Priority, Skip, WorkItem
from annotator.work.services import claiming
from annotator.work.services.claiming import LARGEST_CLAIM, MOST_HELD, items_claim
from tests.cast import FaceFactory, ImageFactory

pytestmark = pytest.mark.django_db


def claim(
    dataset: Dataset, user: User, count: int = 1, role: Role = Role.ANNOTATOR, **more: object
) -> list[int]:
    return items_claim(dataset=dataset, user=user, role=role, count=count, **more)  # type: ignore[arg-type]  # test shorthand


@pytest.fixture
def items(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> list[WorkItem]:
    """Five open annotate items on one image."""
    image = image_factory(dataset)
    for _ in range(5):
        face_factory(image)
    return list(WorkItem.objects.order_by("pk"))


def test_it_hands_out_an_item_with_a_lease_of_the_policys_minutes(
    dataset: Dataset, ann1: User, items: list[WorkItem]
) -> None:
    (claimed,) = claim(dataset, ann1)
    item = WorkItem.objects.get(pk=claimed)
    assert item.leased_to == ann1
    assert item.lease_token is not None
    assert item.leased_until is not None
    minutes = (item.leased_until - timezone.now()).total_seconds() / 60
    assert minutes == pytest.approx(10, abs=0.2)


def test_it_never_hands_one_item_to_two_people(
    dataset: Dataset, ann1: User, ann2: User, items: list[WorkItem]
) -> None:
    first, second = claim(dataset, ann1, 3), claim(dataset, ann2, 3)
    assert (len(first), len(second)) == (3, 2)
    assert not set(first) & set(second)


def test_it_gives_back_what_a_person_holds_after_a_reload(
    dataset: Dataset, ann1: User, items: list[WorkItem]
) -> None:
    before = claim(dataset, ann1, 2)
    tokens = set(WorkItem.objects.filter(pk__in=before).values_list("lease_token", flat=True))
    assert set(claim(dataset, ann1, 2)) == set(before)
    assert set(WorkItem.objects.filter(pk__in=before).values_list("lease_token", flat=True)) == tokens


def test_it_adds_to_what_the_page_already_has(dataset: Dataset, ann1: User, items: list[WorkItem]) -> None:
    before = claim(dataset, ann1, 2)
    more = claim(dataset, ann1, 2, have=before)
    assert len(more) == 2
    assert not set(before) & set(more)


def test_it_returns_a_drafted_item_first(dataset: Dataset, ann1: User, items: list[WorkItem]) -> None:
    drafted = items[3]
    Draft.objects.create(item=drafted, user=ann1, sequence=1, data={})
    assert claim(dataset, ann1, 2)[0] == drafted.pk


def test_it_does_not_return_a_drafted_item_that_somebody_else_holds(
    dataset: Dataset, ann1: User, ann2: User, items: list[WorkItem]
) -> None:
    held = claim(dataset, ann2, 5)
    Draft.objects.create(item_id=held[0], user=ann1, sequence=1, data={})
    assert claim(dataset, ann1, 5) == []


def test_it_takes_over_a_lease_that_ran_out_and_remembers_its_token(
    dataset: Dataset, ann1: User, ann2: User, items: list[WorkItem]
) -> None:
    (claimed,) = claim(dataset, ann1)
    token = WorkItem.objects.get(pk=claimed).lease_token
    WorkItem.objects.filter(pk=claimed).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert claimed in claim(dataset, ann2, 5)
    item = WorkItem.objects.get(pk=claimed)
    assert item.leased_to == ann2
    assert item.past_tokens == [token]
    assert item.lease_token != token


def test_it_does_not_offer_a_face_that_the_person_worked_on_in_this_round(
    dataset: Dataset, ann1: User, ann2: User, items: list[WorkItem]
) -> None:
    own = items[0]
    Pass.objects.create(
        submission_id="6f0b3c80-0000-4000-8000-000000000001",
        item=own,
        dataset=dataset,
        image=own.image,
        face=own.face,
        round=1,
        kind=PassKind.ANNOTATE,
        user=ann1,
        answer={},
    )
    WorkItem.objects.filter(pk=own.pk).update(kind=PassKind.CHECK, pass_number=1)
    assert own.pk not in claim(dataset, ann1, 20)
    assert own.pk in claim(dataset, ann2, 1)


def test_it_does_not_offer_an_item_that_the_person_passed_over(
    dataset: Dataset, ann1: User, items: list[WorkItem]
) -> None:
    Skip.objects.create(item=items[0], user=ann1, reason="not sure")
    assert set(claim(dataset, ann1, 20)) == {item.pk for item in items[1:]}


def test_it_hands_disputes_only_to_adjudicators_and_admins(
    dataset: Dataset, ann1: User, adjudicator: User, items: list[WorkItem]
) -> None:
    WorkItem.objects.filter(pk=items[2].pk).update(kind=PassKind.ADJUDICATE)
    assert items[2].pk not in claim(dataset, ann1, 20, kinds=list(PassKind))
    assert claim(dataset, adjudicator, 1, role=Role.ADJUDICATOR) == [items[2].pk]


def test_it_hands_out_doubtful_faces_first(dataset: Dataset, ann1: User, items: list[WorkItem]) -> None:
    WorkItem.objects.filter(pk=items[4].pk).update(priority=Priority.DOUBTFUL)
    assert claim(dataset, ann1) == [items[4].pk]


def test_it_hands_out_only_the_kinds_asked_for(
    dataset: Dataset, ann1: User, image_factory: ImageFactory, items: list[WorkItem]
) -> None:
    image_factory(dataset, sweep=True)
    (claimed,) = claim(dataset, ann1, 20, kinds=[PassKind.SWEEP])
    assert WorkItem.objects.get(pk=claimed).kind == PassKind.SWEEP


def test_it_does_not_offer_images_with_a_verdict(dataset: Dataset, ann1: User, items: list[WorkItem]) -> None:
    image = items[0].image
    image.verdict = "quarantined"
    image.save()
    assert claim(dataset, ann1, 20) == []


def test_it_gives_nothing_to_somebody_who_is_no_longer_an_active_member(
    dataset: Dataset, ann1: User, items: list[WorkItem]
) -> None:
    Membership.objects.filter(user=ann1).update(is_active=False)
    assert claim(dataset, ann1, 5) == []


def test_it_lets_a_person_hold_only_so_many_items(
    dataset: Dataset, ann1: User, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    image = image_factory(dataset)
    for _ in range(MOST_HELD + 5):
        face_factory(image)
    held: list[int] = []
    while more := claim(dataset, ann1, 15, have=held):
        held += more
    assert len(set(held)) == len(held) == MOST_HELD


def test_it_hands_out_a_screenful_at_once(
    dataset: Dataset, ann1: User, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    image = image_factory(dataset)
    for _ in range(30):
        face_factory(image)
    assert len(claim(dataset, ann1, 100)) == LARGEST_CLAIM == 24


def test_it_finds_the_last_free_item_behind_many_that_the_person_may_not_take(
    dataset: Dataset, ann1: User, items: list[WorkItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "LOOK", 1)
    for item in items[:-1]:
        Skip.objects.create(item=item, user=ann1, reason="?")
    assert claim(dataset, ann1) == [items[-1].pk]


def test_it_ignores_closed_items(dataset: Dataset, ann1: User, items: list[WorkItem]) -> None:
    WorkItem.objects.update(state=ItemState.DONE)
    assert claim(dataset, ann1, 5) == []
