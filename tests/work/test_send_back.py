"""An adjudicator sends a disputed face back: its author labels it again and reads why."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership
from annotator.faces.models import Face, FaceState
from annotator.work.models import ItemState, Pass, PassKind, WorkItem
from tests.cast import face_labels
from tests.work.conftest import Desk, Desks

pytestmark = pytest.mark.django_db

COMMENT = "The jaw follows the scarf: place it on the chin."


@pytest.fixture
def disputed(face: Face, desk: Desks, ann1: User, ann2: User) -> Face:
    desk(ann1).annotate()
    desk(ann2).submit(desk(ann2).next(), None, "dispute", comment="the jaw is off")
    return face


def send_back(desk: Desk, comment: str = COMMENT) -> Any:
    item = desk.next(kinds=["adjudicate"])
    return desk.submit(item, None, "send_back", comment=comment)


def test_it_starts_another_round_for_the_author_alone(
    disputed: Face, desk: Desks, adjudicator: User, ann1: User, ann3: User
) -> None:
    status, answer = send_back(desk(adjudicator))
    assert (status, answer["state"]) == (200, FaceState.WAITING)
    assert answer["message"] == "Sent back to Ann1 with your comment."
    disputed.refresh_from_db()
    assert disputed.round == 2
    assert desk(ann3).claim() == []
    item = desk(ann1).next()
    assert (item["kind"], item["round"]) == (PassKind.ANNOTATE, 2)
    assert item["face"]["needs_person"] == f"Sent back: {COMMENT}"


def test_it_goes_on_like_any_face_after_that(
    disputed: Face, desk: Desks, adjudicator: User, ann1: User, ann2: User, ann3: User
) -> None:
    send_back(desk(adjudicator))
    assert desk(ann1).annotate()["state"] == FaceState.CHECKING
    assert desk(ann2).accept()["state"] == FaceState.CHECKING
    assert desk(ann3).accept()["state"] == FaceState.ACCEPTED


def test_it_counts_as_the_adjudicators_pass_and_makes_no_version(
    disputed: Face, desk: Desks, adjudicator: User
) -> None:
    before = disputed.revisions.count()
    send_back(desk(adjudicator))
    made = Pass.objects.get(kind=PassKind.ADJUDICATE)
    assert (made.user, made.counted, made.revision) == (adjudicator, True, None)
    assert disputed.revisions.count() == before


def test_it_repeats_its_answer(disputed: Face, desk: Desks, adjudicator: User) -> None:
    item = desk(adjudicator).next(kinds=["adjudicate"])
    body = desk(adjudicator).body(item, None, "send_back", comment=COMMENT)
    first = desk(adjudicator).post(f"/work/{item['id']}/submit", body)
    assert desk(adjudicator).post(f"/work/{item['id']}/submit", body) == first
    assert WorkItem.objects.filter(state=ItemState.OPEN, face=disputed).count() == 1


def test_it_needs_a_comment(disputed: Face, desk: Desks, adjudicator: User) -> None:
    status, answer = send_back(desk(adjudicator), "  ")
    assert (status, answer["code"]) == (422, "comment_missing")


def test_it_is_for_disputes_only(face: Face, desk: Desks, ann1: User) -> None:
    status, answer = desk(ann1).submit(desk(ann1).next(), face_labels(), "send_back", comment=COMMENT)
    assert (status, answer["code"]) == (422, "verdict")


def test_it_is_anybodys_if_the_author_left(
    disputed: Face, dataset: Dataset, desk: Desks, adjudicator: User, ann1: User, ann3: User
) -> None:
    Membership.objects.filter(dataset=dataset, user=ann1).update(is_active=False)
    _, answer = send_back(desk(adjudicator))
    assert answer["message"].startswith("Sent back to the queue")
    assert desk(ann3).next()["kind"] == PassKind.ANNOTATE
