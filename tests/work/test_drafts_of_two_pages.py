"""One person, one item, two pages: neither page's draft is written over without the other's knowing of it."""

from __future__ import annotations

import uuid
from typing import Any

from annotator.accounts.models import User
from annotator.faces.models import Face
from annotator.work.models import Draft
from tests.work.conftest import Desk, Desks

HERE, THERE = str(uuid.uuid4()), str(uuid.uuid4())


def put(desk: Desk, item: dict[str, Any], sequence: int, *, writer: str, known: int) -> tuple[int, Any]:
    body = {
        "token": item["lease"]["token"],
        "sequence": sequence,
        "writer": writer,
        "known": known,
        "data": {"from": writer, "n": sequence},
    }
    answer = desk.client.put(f"/api/v1/work/{item['id']}/draft", body, format="json")
    return answer.status_code, answer.json()


def test_it_tells_a_page_of_a_draft_that_it_does_not_know(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    assert put(desk(ann1), item, 1, writer=HERE, known=0) == (200, {"sequence": 1})
    for sequence in (1, 2, 9):
        status, answer = put(desk(ann1), item, sequence, writer=THERE, known=0)
        assert (status, answer["code"]) == (409, "other_draft")
        assert answer["details"]["draft"]["data"] == {"from": HERE, "n": 1}
        assert answer["details"]["draft"]["writer"] == HERE
    assert Draft.objects.get().data == {"from": HERE, "n": 1}


def test_it_takes_the_draft_of_a_page_that_knows_the_other(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    put(desk(ann1), item, 1, writer=HERE, known=0)
    assert put(desk(ann1), item, 2, writer=THERE, known=1) == (200, {"sequence": 2})
    status, answer = put(desk(ann1), item, 3, writer=HERE, known=1)
    assert (status, answer["details"]["draft"]["sequence"]) == (409, 2)


def test_it_never_tells_a_page_of_its_own_draft(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    put(desk(ann1), item, 1, writer=HERE, known=0)
    # the answer to the first was lost, so the page still knows of none
    assert put(desk(ann1), item, 2, writer=HERE, known=0) == (200, {"sequence": 2})
    assert put(desk(ann1), item, 1, writer=HERE, known=0) == (200, {"sequence": 2})


def test_it_says_with_the_item_which_page_wrote_the_draft(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    put(desk(ann1), item, 1, writer=HERE, known=0)
    assert desk(ann1).next()["draft"]["writer"] == HERE


def test_it_takes_drafts_of_programs_that_name_no_page(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    put(desk(ann1), item, 1, writer=HERE, known=0)
    assert desk(ann1).put_draft(item, 2, {"n": 2}) == (200, {"sequence": 2})
    assert put(desk(ann1), item, 3, writer=THERE, known=0) == (200, {"sequence": 3})
