"""Heartbeats, giving back, passing over, drafts: each may be repeated."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Membership
from annotator.faces.models import Face
from annotator.images.services.verdicts import image_quarantine, image_readmit
from annotator.work.models import Draft, ItemState, Skip, WorkItem
from annotator.work.services import leases
from annotator.work.services.people import member_update
from annotator.work.services.tidying import queue_tidy
from tests.cast import face_labels
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


def held(item: dict[str, Any]) -> dict[str, Any]:
    return {"item": item["id"], "token": item["lease"]["token"]}


def lease_ran_out(item_id: int) -> None:
    WorkItem.objects.filter(pk=item_id).update(leased_until=timezone.now() - timedelta(minutes=1))


def test_it_renews_leases_with_a_heartbeat(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    lease_ran_out(item["id"])
    status, answer = desk(ann1).post("/work/heartbeat", {"leases": [held(item)]})
    assert (status, answer["lost"]) == (200, [])
    assert answer["alive"][0]["item"] == item["id"]
    until = WorkItem.objects.get(pk=item["id"]).leased_until
    assert until is not None
    assert until > timezone.now() + timedelta(minutes=9)


def test_it_says_which_leases_are_lost(face: Face, desk: Desks, ann1: User, ann2: User) -> None:
    item = desk(ann1).next()
    lease_ran_out(item["id"])
    desk(ann2).next()
    _, answer = desk(ann1).post("/work/heartbeat", {"leases": [held(item)]})
    assert answer == {"alive": [], "lost": [item["id"]]}


def test_it_does_not_renew_another_persons_lease(face: Face, desk: Desks, ann1: User, ann2: User) -> None:
    item = desk(ann1).next()
    _, answer = desk(ann2).post("/work/heartbeat", {"leases": [held(item)]})
    assert answer["lost"] == [item["id"]]


def test_it_gives_an_item_back_and_may_be_told_twice(face: Face, desk: Desks, ann1: User, ann2: User) -> None:
    item = desk(ann1).next()
    for _ in range(2):
        status, _ = desk(ann1).post(f"/work/{item['id']}/release", {"token": item["lease"]["token"]})
        assert status == 204
    assert desk(ann2).next()["id"] == item["id"]


def test_it_does_not_give_back_what_somebody_else_holds(
    face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    item = desk(ann1).next()
    desk(ann2).post(f"/work/{item['id']}/release", {"token": item["lease"]["token"]})
    assert WorkItem.objects.get(pk=item["id"]).leased_to == ann1


def test_it_refuses_work_on_an_item_that_was_given_back(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    desk(ann1).post(f"/work/{item['id']}/release", {"token": item["lease"]["token"]})
    status, answer = desk(ann1).submit(item, face_labels())
    assert (status, answer["code"]) == (409, "lease_lost")


def test_it_passes_an_item_over_with_a_reason_once(face: Face, desk: Desks, ann1: User, ann2: User) -> None:
    item = desk(ann1).next()
    desk(ann1).put_draft(item, 1, {})
    body = {"token": item["lease"]["token"], "reason": "Is it a statue?"}
    for _ in range(2):
        assert desk(ann1).post(f"/work/{item['id']}/skip", body)[0] == 204
    assert Skip.objects.get().reason == "Is it a statue?"
    assert not Draft.objects.exists()
    assert desk(ann1).claim() == []
    assert desk(ann2).next()["id"] == item["id"]


def test_it_does_not_pass_over_without_a_reason(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    assert (
        desk(ann1).post(f"/work/{item['id']}/skip", {"token": item["lease"]["token"], "reason": " "})[0]
        == 422
    )
    assert WorkItem.objects.get(pk=item["id"]).leased_to == ann1


def test_it_passes_over_only_what_was_handed_out(face: Face, desk: Desks, ann1: User) -> None:
    item = WorkItem.objects.get()
    status, answer = desk(ann1).post(f"/work/{item.pk}/skip", {"token": str(uuid.uuid4()), "reason": "no"})
    assert (status, answer["code"]) == (409, "lease_lost")


def test_it_bounds_how_much_a_person_passes_over(
    face: Face, desk: Desks, ann1: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "MOST_SKIPPED", 0)
    item = desk(ann1).next()
    status, answer = desk(ann1).post(
        f"/work/{item['id']}/skip", {"token": item["lease"]["token"], "reason": "no"}
    )
    assert (status, answer["code"]) == (409, "too_many_skips")


def test_it_keeps_the_newest_draft_whatever_order_they_arrive_in(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    assert desk(ann1).put_draft(item, 2, {"n": 2}) == (200, {"sequence": 2})
    assert desk(ann1).put_draft(item, 1, {"n": 1}) == (200, {"sequence": 2})
    assert desk(ann1).put_draft(item, 2, {"n": "again"}) == (200, {"sequence": 2})
    draft = desk(ann1).next()["draft"]
    assert (draft["sequence"], draft["data"]) == (2, {"n": 2})


def test_it_shows_a_draft_to_its_author_alone(face: Face, desk: Desks, ann1: User, ann2: User) -> None:
    item = desk(ann1).next()
    desk(ann1).put_draft(item, 1, {"n": 1})
    lease_ran_out(item["id"])
    assert desk(ann2).next()["draft"] is None


def test_it_takes_a_draft_after_the_lease_ran_out_while_nobody_else_took_the_item(
    face: Face, desk: Desks, ann1: User, ann2: User
) -> None:
    item = desk(ann1).next()
    lease_ran_out(item["id"])
    assert desk(ann1).put_draft(item, 1, {})[0] == 200
    desk(ann2).next()
    status, answer = desk(ann1).put_draft(item, 2, {})
    assert (status, answer["code"]) == (409, "lease_lost")


def test_it_refuses_a_draft_that_is_too_large(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    status, answer = desk(ann1).put_draft(item, 1, {"n": "x" * 70_000})
    assert (status, answer["code"]) == (422, "too_large")


def test_it_refuses_a_draft_that_comes_after_the_save(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    desk(ann1).submit(item, face_labels())
    assert desk(ann1).put_draft(item, 1, {})[0] == 409
    assert not Draft.objects.exists()


def test_it_takes_leases_and_drafts_back_from_a_deactivated_person_at_once(
    face: Face, desk: Desks, ann1: User, ann2: User, admin: User
) -> None:
    item = desk(ann1).next()
    desk(ann1).put_draft(item, 1, {})
    member_update(membership=Membership.objects.get(user=ann1), is_active=False, actor=admin)
    assert not Draft.objects.exists()
    assert desk(ann1).submit(item, face_labels())[0] == 404
    assert desk(ann2).next()["id"] == item["id"]


def test_it_still_takes_the_work_of_a_person_who_was_activated_again(
    face: Face, desk: Desks, ann1: User, admin: User
) -> None:
    item = desk(ann1).next()
    membership = Membership.objects.get(user=ann1)
    member_update(membership=membership, is_active=False, actor=admin)
    Membership.objects.filter(pk=membership.pk).update(is_active=True)
    assert desk(ann1).submit(item, face_labels())[1]["kept_as"] == "counted"


def test_it_tidies_leases_of_people_who_left_by_another_way(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    ann1.is_active = False
    ann1.save()
    assert queue_tidy()["returned"] == 1
    assert WorkItem.objects.get(pk=item["id"]).leased_to is None


def test_it_tidies_items_of_images_that_got_a_verdict(face: Face, desk: Desks, ann1: User) -> None:
    face.image.verdict = "rejected"
    face.image.save()
    assert queue_tidy()["cancelled"] == 1
    assert not WorkItem.objects.filter(state=ItemState.OPEN).exists()


def test_it_opens_the_items_of_an_image_that_comes_back(
    face: Face, desk: Desks, ann1: User, admin: User
) -> None:
    image_quarantine(image=face.image, actor=admin, reason="Consent unclear.")
    queue_tidy()
    assert desk(ann1).claim() == []
    image_readmit(image=face.image, actor=admin, reason="Consent found.")
    assert queue_tidy()["opened"] == 2
    assert {item["kind"] for item in desk(ann1).claim(5)} == {"annotate", "sweep"}
    assert queue_tidy()["opened"] == 0


def test_it_tidies_drafts_of_items_closed_long_ago(face: Face, ann1: User) -> None:
    item = WorkItem.objects.get()
    Draft.objects.create(item=item, user=ann1, sequence=1, data={})
    assert queue_tidy()["drafts"] == 0
    WorkItem.objects.update(state=ItemState.DONE, closed_at=timezone.now() - timedelta(days=8))
    assert queue_tidy()["drafts"] == 1
