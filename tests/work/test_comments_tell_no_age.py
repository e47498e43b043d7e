"""What people write beside their labels does not carry their age to the next person."""

from __future__ import annotations

import pytest

from annotator.accounts.models import User
from annotator.faces.models import Face
from annotator.work.services.reopening import face_reopen
from tests.cast import Api, face_labels
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db
WORDS = "Point 36 is off by 12 px, and he is 55, not thirty."
TOLD = "Point 36 is off by 12 px, and he is ··, not ··."


@pytest.fixture
def disputed(face: Face, desk: Desks, ann1: User, ann2: User) -> Face:
    """Labelled by ann1 and disputed by ann2, both with a comment that names an age."""
    status, answer = desk(ann1).submit(desk(ann1).next(), face_labels(), comment=WORDS)
    assert status == 200, answer
    status, answer = desk(ann2).submit(desk(ann2).next(kinds=["check"]), None, "dispute", comment=WORDS)
    assert status == 200, answer
    return face


def test_it_tells_an_adjudicator_everything_but_the_age(
    disputed: Face, desk: Desks, adjudicator: User
) -> None:
    shown = desk(adjudicator).next(kinds=["adjudicate"])["face"]
    assert shown["dispute_reason"] == TOLD
    assert {version["comment"] for version in shown["versions"]} == {TOLD}


def test_it_tells_the_next_annotator_why_a_face_came_back_without_an_age(
    disputed: Face, desk: Desks, ann3: User, adjudicator: User, admin: User
) -> None:
    item = desk(adjudicator).next(kinds=["adjudicate"])
    assert desk(adjudicator).submit(item, face_labels())[0] == 200
    face_reopen(face=disputed, actor=admin, reason=WORDS)
    assert desk(ann3).next()["face"]["needs_person"] == f"Reopened: {TOLD}"


def test_it_hides_ages_in_the_comments_of_the_chain_while_the_face_is_open(
    disputed: Face, api: Api, ann1: User, admin: User
) -> None:
    def comments(person: User) -> list[str]:
        rows = api(person).get(f"/api/v1/faces/{disputed.pk}").json()["revisions"]
        return [row["comment"] for row in rows if row["comment"]]

    assert comments(admin) == [TOLD, TOLD]
    assert comments(ann1) == [WORDS, TOLD]  # their own words stay as they wrote them
