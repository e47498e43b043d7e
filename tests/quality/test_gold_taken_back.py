"""Taking back an answer to gold is like taking back any other, and counts in no shared count."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState
from annotator.work.models import EvenCount, Pass, PassKind, WorkItem
from tests.cast import FaceFactory, ImageFactory, face_labels
from tests.quality.gold_cast import BOX, accepted_face, make_gold, policy_set
from tests.quality.test_gold_is_invisible import shape
from tests.work.conftest import Desk, Desks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def every_draw_is_gold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotator.work.services.gold_items.secrets.randbelow", lambda top: 0)


@pytest.fixture
def gold_face(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, admin: User) -> Face:
    face = accepted_face(dataset, image_factory, face_factory)
    make_gold(face, PassKind.ANNOTATE, admin)
    return face


@pytest.fixture
def waiting(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> list[Face]:
    image = image_factory(dataset)
    return [face_factory(image, BOX) for _ in range(2)]


def submitted(desk: Desk) -> dict[str, Any]:
    item = desk.next(kinds=["annotate"])
    status, answer = desk.submit(item, face_labels(BOX, age=41.0))
    assert status == 200, answer
    return item


def taken_back(desk: Desk, item: dict[str, Any]) -> dict[str, Any]:
    status, answer = desk.post(f"/work/{item['id']}/take_back", {})
    assert status == 200, answer
    shaped: dict[str, Any] = answer
    return shaped


def test_it_gives_gold_back_like_an_ordinary_face(
    dataset: Dataset, waiting: list[Face], gold_face: Face, desk: Desks, ann1: User
) -> None:
    mine = desk(ann1)
    item = submitted(mine)
    ordinary = taken_back(mine, item)
    mine.submit(ordinary["item"], face_labels(BOX, age=41.0))
    policy_set(dataset, gold_share=0.5)
    item = submitted(mine)
    assert WorkItem.objects.get(pk=item["id"]).gold is not None
    gold = taken_back(mine, item)
    assert shape(gold) == shape(ordinary)
    assert gold["labels"]["age"] == 41.0
    status, answer = mine.submit(gold["item"], face_labels(BOX, age=50.0))
    assert (status, answer["state"]) == (200, "checking")
    on_gold = Pass.objects.filter(is_gold=True).order_by("pk").values_list("counted", flat=True)
    assert list(on_gold) == [False, True], "the newer answer is the one that is judged"


def test_it_leaves_a_gold_face_and_its_audit_trail_alone(
    dataset: Dataset, waiting: list[Face], gold_face: Face, desk: Desks, ann1: User
) -> None:
    policy_set(dataset, gold_share=0.5)
    before = gold_face.current_id
    mine = desk(ann1)
    taken_back(mine, submitted(mine))
    gold_face.refresh_from_db()
    assert (gold_face.state, gold_face.current_id) == (FaceState.ACCEPTED, before)
    assert not AuditEntry.objects.filter(verb="pass.taken_back").exists()


def test_it_counts_gold_in_no_even_level(
    dataset: Dataset, waiting: list[Face], gold_face: Face, desk: Desks, ann1: User
) -> None:
    policy_set(dataset, gold_share=0.5, distribution="even")
    mine = desk(ann1)
    item = submitted(mine)
    assert WorkItem.objects.get(pk=item["id"]).gold is not None
    assert not EvenCount.objects.filter(level__gt=0).exists()
    taken_back(mine, item)
    assert not EvenCount.objects.exclude(level=0).exists()
