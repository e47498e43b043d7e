"""Items that nobody active may take, with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership, Role
from annotator.faces.models import Face
from annotator.work.models import Skip, WorkItem
from annotator.work.selectors.blocked import blocked_count, blocked_list, blocked_reason
from tests.cast import Api, FaceFactory, ImageFactory, make_member
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


def test_it_lists_nothing_while_somebody_may_take_every_item(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    assert blocked_list(dataset=dataset) == []
    desk(ann1).annotate()
    desk(ann2).accept()
    assert blocked_list(dataset=dataset) == []


def test_it_lists_a_check_that_needs_a_third_person(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    desk(ann1).annotate()
    desk(ann2).accept()
    (blocked,) = blocked_list(dataset=dataset)
    assert (blocked.face_id, blocked.kind, blocked.pass_number) == (face.pk, "check", 2)
    assert blocked.reason == (
        "Needs a third person: Ann1 and Ann2 already worked on it; "
        "add an annotator or lower the number of checks."
    )
    assert blocked_count(dataset=dataset) == 1
    assert blocked_reason(face=face) == blocked.reason


def test_it_frees_the_item_when_a_third_person_joins(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    desk(ann1).annotate()
    desk(ann2).accept()
    make_member(dataset, "newcomer", Role.ANNOTATOR)
    assert blocked_count(dataset=dataset) == 0
    assert blocked_reason(face=face) is None


def test_it_lists_items_when_a_person_is_deactivated(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    desk(ann1).annotate()
    desk(ann2).accept()
    Membership.objects.filter(user=ann3).update(is_active=False)
    assert blocked_count(dataset=dataset) == 1


def test_it_names_somebody_who_worked_and_left(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    desk(ann1).annotate()
    Membership.objects.filter(user=ann2).update(is_active=False)
    Membership.objects.filter(user=ann1).update(role=Role.RESEARCHER)
    (blocked,) = blocked_list(dataset=dataset)
    assert (
        blocked.reason
        == "Needs a person: the dataset has no active annotator, and Ann1 already worked on it; add one."
    )


def test_it_lists_a_dispute_without_an_adjudicator(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    desk(ann1).annotate()
    desk(ann2).submit(desk(ann2).next(), None, "dispute", comment="no")
    (blocked,) = blocked_list(dataset=dataset)
    assert blocked.reason == (
        "Needs another adjudicator: no active member may decide disputes; give somebody else that role."
    )


def test_it_lists_a_dispute_whose_only_adjudicator_took_part(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, adjudicator: User
) -> None:
    desk(adjudicator).annotate()
    desk(ann1).submit(desk(ann1).next(), None, "dispute", comment="no")
    (blocked,) = blocked_list(dataset=dataset)
    assert blocked.kind == "adjudicate"
    assert "Ann1 and Judge already worked on it" in blocked.reason


def test_it_counts_passing_over_as_not_able_to_take(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    item = WorkItem.objects.get()
    Skip.objects.create(item=item, user=ann1, reason="?")
    assert blocked_count(dataset=dataset) == 0
    Skip.objects.create(item=item, user=ann2, reason="?")
    (blocked,) = blocked_list(dataset=dataset)
    assert blocked.reason == "Needs another person: Ann1 and Ann2 passed it over; add an annotator."


def test_it_lists_a_sweep_that_everybody_passed_over(
    dataset: Dataset, image_factory: ImageFactory, ann1: User
) -> None:
    image_factory(dataset, sweep=True)
    Skip.objects.create(item=WorkItem.objects.get(), user=ann1, reason="?")
    (blocked,) = blocked_list(dataset=dataset)
    assert (blocked.kind, blocked.face_id) == ("sweep", None)


def test_it_lists_everything_in_a_dataset_without_people(dataset: Dataset, face: Face) -> None:
    assert blocked_count(dataset=dataset) == 1


def test_it_continues_after_the_last_one(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    image = image_factory(dataset)
    for _ in range(3):
        face_factory(image)
    first = blocked_list(dataset=dataset, limit=2)
    rest = blocked_list(dataset=dataset, after=first[-1].item_id, limit=2)
    assert len(first) == 2
    assert len(rest) == 1


def test_it_needs_one_query_however_many_are_blocked(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, django_assert_num_queries: Any
) -> None:
    image = image_factory(dataset)
    for _ in range(10):
        face_factory(image)
    with django_assert_num_queries(1):
        assert len(blocked_list(dataset=dataset)) == 10


def test_it_tells_a_person_without_work_how_many_are_blocked(
    dataset: Dataset, face: Face, desk: Desks, api: Api, ann1: User, ann2: User
) -> None:
    desk(ann1).annotate()
    desk(ann2).accept()
    answer = api(ann1).post(f"/api/v1/datasets/{dataset.pk}/work/claim", {"count": 1}, format="json").json()
    assert answer["items"] == []
    assert answer["blocked"] == 1
    assert answer["waiting"] == {"annotate": 0, "check": 1, "adjudicate": 0, "sweep": 0}
    assert answer["none_reason"].startswith("1 item is open, but none for you now")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"is_active": False}, "does not label in this dataset any more"),
        ({"role": Role.RESEARCHER}, "does not label in this dataset any more"),
        ({"paused_at": "2026-01-01T00:00:00Z"}, "is paused"),
    ],
)
def test_it_lists_what_is_reserved_for_somebody_who_may_not_work(
    change: dict[str, Any], why: str, dataset: Dataset, face: Face, ann1: User, ann2: User
) -> None:
    WorkItem.objects.update(reserved_for=ann1)
    assert blocked_count(dataset=dataset) == 0
    Membership.objects.filter(user=ann1).update(**change)
    (blocked,) = blocked_list(dataset=dataset)
    assert blocked.reason == f"Reserved for Ann1, who {why}: release the assignment."
    WorkItem.objects.update(reserved_for=None)
    assert blocked_count(dataset=dataset) == 0


def test_it_lists_what_is_reserved_for_somebody_who_touched_it(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    desk(ann1).annotate()
    item = WorkItem.objects.get(state="open")
    WorkItem.objects.update(reserved_for=ann1)
    assert "who already worked on it in this round" in (blocked_reason(face=face) or "")
    WorkItem.objects.update(reserved_for=ann2)
    assert blocked_reason(face=face) is None
    Skip.objects.create(item=item, user=ann2, reason="too dark")
    assert blocked_reason(face=face) == "Reserved for Ann2, who passed it over: release the assignment."


def test_it_is_not_blocked_for_others_when_it_is_reserved_for_somebody_able(
    dataset: Dataset, face: Face, desk: Desks, ann1: User, ann2: User, ann3: User
) -> None:
    desk(ann1).annotate()
    desk(ann2).accept()
    WorkItem.objects.filter(state="open").update(reserved_for=ann3)
    assert blocked_list(dataset=dataset) == []


def test_it_lists_a_dispute_that_is_reserved_for_an_annotator(
    dataset: Dataset, face: Face, adjudicator: User, ann1: User
) -> None:
    WorkItem.objects.update(kind="adjudicate", reserved_for=ann1)
    (blocked,) = blocked_list(dataset=dataset)
    assert blocked.reason == "Reserved for Ann1, who may not decide disputes: release the assignment."
