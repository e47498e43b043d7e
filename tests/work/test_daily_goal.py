"""A goal for the day, told to the person; a day starts at their own midnight."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset, Membership
from annotator.faces.models import Face
from annotator.work.models import Pass
from annotator.work.selectors.mine import midnight_of
from tests.cast import Api
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


def test_it_starts_the_day_at_the_persons_midnight() -> None:
    evening = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
    assert midnight_of(evening, utc_offset=0) == datetime(2026, 3, 4, tzinfo=UTC)
    assert midnight_of(evening, utc_offset=60) == datetime(2026, 3, 4, 23, tzinfo=UTC)
    assert midnight_of(evening, utc_offset=-300) == datetime(2026, 3, 4, 5, tzinfo=UTC)


def test_it_is_set_by_an_admin_and_told_to_the_person(
    dataset: Dataset, admin: User, ann1: User, api: Api
) -> None:
    member = Membership.objects.get(user=ann1)
    changed = api(admin).patch(f"/api/v1/people/{member.pk}", {"daily_goal": 60}, format="json")
    assert (changed.status_code, changed.json()["daily_goal"]) == (200, 60)
    mine = api(ann1).get(f"/api/v1/datasets/{dataset.pk}/work/mine").json()
    assert mine["goal"] == 60
    entry = AuditEntry.objects.get(verb="member.changed")
    assert entry.details["daily_goal"] == {"from": 0, "to": 60}


@pytest.mark.parametrize("goal", [-1, 10_001, "many"])
def test_it_refuses_what_is_no_goal(
    dataset: Dataset, admin: User, ann1: User, api: Api, goal: object
) -> None:
    member = Membership.objects.get(user=ann1)
    answer = api(admin).patch(f"/api/v1/people/{member.pk}", {"daily_goal": goal}, format="json")
    assert answer.status_code in (400, 422)
    assert Membership.objects.get(user=ann1).daily_goal == 0


def test_it_is_not_set_by_the_person(dataset: Dataset, ann1: User, api: Api) -> None:
    member = Membership.objects.get(user=ann1)
    answer = api(ann1).patch(f"/api/v1/people/{member.pk}", {"daily_goal": 1}, format="json")
    assert answer.status_code == 403


def test_it_counts_today_by_the_clock_that_the_page_tells(
    dataset: Dataset, ann1: User, face: Face, desk: Desks
) -> None:
    mine = desk(ann1)
    mine.annotate()
    today = {offset: midnight_of(datetime.now(UTC), utc_offset=offset) for offset in (0, 14 * 60, -14 * 60)}
    for offset, midnight in today.items():
        Pass.objects.update(created_at=midnight)
        address = f"/api/v1/datasets/{dataset.pk}/work/mine?utc_offset={offset}"
        assert mine.client.get(address).json()["today"]["annotate"] == 1
    assert mine.client.get(f"/api/v1/datasets/{dataset.pk}/work/mine?utc_offset=900").status_code in (
        400,
        422,
    )
