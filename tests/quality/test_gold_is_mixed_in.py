"""Gold mixed into what is handed out: to whom, in whose place, and what it does to counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Role
from annotator.faces.models import Face, FaceState
from annotator.work.kinds import Extra
from annotator.work.models import Gold, ItemState, Pass, PassKind, Skip, WorkItem
from annotator.work.selectors.blocked import blocked_list
from annotator.work.selectors.queue import waiting_count
from annotator.work.services.claiming import items_claim
from tests.cast import face_labels
from tests.quality.gold_cast import BOX, both, make_gold, policy_set, to_check
from tests.work.conftest import Desks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("every_draw_is_gold")]


@pytest.mark.usefixtures("gold_only")
def test_it_hands_each_person_each_gold_once_and_only_new_faces(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    make_gold(gold_face, PassKind.CHECK, admin, "gender")
    mine = desk(ann1)
    item = mine.next(kinds=["annotate"])
    assert item["face"]["id"] == gold_face.pk
    mine.submit(item, face_labels(BOX))
    assert mine.next(kinds=["annotate"])["face"]["id"] == waiting.pk
    assert desk(ann2).claim(1, kinds=["annotate"]) == []


@pytest.mark.usefixtures("gold_only")
def test_it_never_tests_people_on_faces_that_they_worked_on(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    item = WorkItem.objects.create(
        dataset=dataset, image=gold_face.image, face=gold_face, kind=PassKind.CHECK, state=ItemState.DONE
    )
    Pass.objects.create(
        submission_id="00000000-0000-4000-8000-000000000001",
        item=item,
        dataset=dataset,
        image=gold_face.image,
        face=gold_face,
        round=1,
        kind=PassKind.CHECK,
        user=ann1,
        answer={},
    )
    assert desk(ann1).next(kinds=["annotate"])["face"]["id"] == waiting.pk


@pytest.mark.usefixtures("gold_only")
def test_it_tests_nobody_where_nothing_is_waiting_or_the_face_was_reopened(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    gold = make_gold(gold_face, PassKind.ANNOTATE, admin)
    assert desk(ann1).claim(5, kinds=["check", "sweep"]) == []
    Gold.objects.filter(pk=gold.pk).update(is_active=False)
    assert desk(ann1).next()["face"]["id"] == waiting.pk
    Gold.objects.filter(pk=gold.pk).update(is_active=True)
    Face.objects.filter(pk=gold_face.pk).update(state=FaceState.WAITING, accepted_policy=None, closed_at=None)
    assert desk(ann2).claim(5) == []
    assert not WorkItem.objects.filter(gold=gold).exists()


@pytest.mark.usefixtures("gold_only")
def test_it_returns_released_gold_to_the_same_person_and_ends_it_when_passed_over(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    item = desk(ann1).next()
    token = {"token": item["lease"]["token"]}
    assert desk(ann1).post(f"/work/{item['id']}/release", token)[0] == 204
    assert item["id"] not in [other["id"] for other in desk(ann2).claim(5)]
    again = desk(ann1).next()
    assert again["id"] == item["id"]
    skip = {"token": again["lease"]["token"], "reason": "too dark"}
    assert desk(ann1).post(f"/work/{item['id']}/skip", skip)[0] == 204
    assert WorkItem.objects.get(pk=item["id"]).state == ItemState.CANCELLED
    assert Skip.objects.filter(user=ann1).count() == 1
    assert [other["face"]["id"] for other in desk(ann1).claim(5)] == [waiting.pk]


@pytest.mark.usefixtures("gold_only")
def test_it_counts_gold_nowhere_as_work_that_waits(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, admin: User
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    item = desk(ann1).next()
    assert waiting_count(dataset=dataset)["annotate"] == 1
    assert blocked_list(dataset=dataset) == []
    assert WorkItem.objects.get(face=waiting).leased_to is None
    desk(ann1).submit(item, face_labels(BOX))
    people = desk(admin).client.get(f"/api/v1/datasets/{dataset.pk}/people").json()["results"]
    assert {person["username"]: person["annotated"] for person in people}["ann1"] == 0


def test_it_gives_gold_the_number_of_an_ordinary_item(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    """Numbers grow with time: one that is younger than those around it would tell."""
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    ordinary, gold = both(desk(ann1), dataset, "annotate")
    assert gold["id"] == ordinary["id"]
    moved = WorkItem.objects.get(face=waiting)
    before = WorkItem.objects.get(pk=gold["id"])
    assert (moved.bucket, moved.priority, moved.created_at) == (
        before.bucket,
        before.priority,
        before.created_at,
    )
    assert (moved.state, moved.leased_to, moved.reserved_for, moved.gold) == ("open", None, None, None)


@pytest.mark.usefixtures("gold_only")
def test_it_takes_over_no_item_that_somebody_had_before(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    """What they did is still on its way to it, and must not end with the gold."""
    policy_set(dataset, gold_share=0.0)
    late = desk(ann1).next()
    WorkItem.objects.filter(pk=late["id"]).update(leased_until=timezone.now() - timedelta(minutes=1))
    policy_set(dataset, gold_share=0.5)
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    assert desk(ann2).next()["face"]["id"] == waiting.pk
    status, answer = desk(ann1).submit(late, face_labels(BOX))
    assert (status, answer["kept_as"]) == (200, "side")


@pytest.mark.usefixtures("gold_only")
def test_it_takes_over_no_check_that_says_what_it_is_for(
    dataset: Dataset, waiting: Face, gold_face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    """ "Everything else is agreed" would tell people to wave planted labels through."""
    make_gold(gold_face, PassKind.CHECK, admin, "gender")
    to_check(waiting, ann2)
    WorkItem.objects.filter(face=waiting, kind=PassKind.CHECK).update(extra=Extra.AGE, reason="One more age.")
    assert desk(ann1).next(kinds=["check"])["face"]["id"] == waiting.pk


def test_it_costs_nothing_while_the_share_is_zero(
    dataset: Dataset, waiting: Face, gold_face: Face, ann1: User, admin: User, django_assert_num_queries: Any
) -> None:
    make_gold(gold_face, PassKind.ANNOTATE, admin)
    fresh = Dataset.objects.select_related("policy").get(pk=dataset.pk)
    with django_assert_num_queries(1):  # the claim
        items_claim(dataset=fresh, user=ann1, role=Role.ANNOTATOR, count=5)
