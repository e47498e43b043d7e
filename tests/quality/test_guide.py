"""The dataset's own part of the labelling guide: its text, and accepted faces as examples."""

from __future__ import annotations

import pytest

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState
from annotator.quality.services.gold import gold_create
from annotator.quality.services.teaching import guide_example_add, tutorial_add
from annotator.work.models import PassKind
from tests.cast import Api
from tests.quality.gold_cast import make_gold

pytestmark = pytest.mark.django_db


def url(dataset: Dataset, tail: str = "") -> str:
    return f"/api/v1/datasets/{dataset.pk}/guide{tail}"


def test_it_starts_empty(dataset: Dataset, api: Api, ann1: User) -> None:
    assert api(ann1).get(url(dataset)).json() == {"text": "", "examples": []}


def test_it_shows_every_member_what_the_admin_wrote(
    dataset: Dataset, api: Api, admin: User, ann1: User
) -> None:
    for text in ("Statues are faces.", "Statues are **no** faces."):
        assert api(admin).put(url(dataset), {"text": text}, format="json").status_code == 200
    assert api(ann1).get(url(dataset)).json()["text"] == "Statues are **no** faces."
    entry = AuditEntry.objects.filter(verb="guide.written").latest("pk")
    assert entry.details == {"before": "Statues are faces.", "after": "Statues are **no** faces."}


def test_it_refuses_a_text_that_nobody_reads(dataset: Dataset, api: Api, admin: User) -> None:
    refused = api(admin).put(url(dataset), {"text": "a" * 20_001}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "text")


def test_it_shows_examples_without_ages(
    dataset: Dataset, gold_face: Face, api: Api, admin: User, ann1: User
) -> None:
    body = {
        "face_id": gold_face.pk,
        "is_right": True,
        "sentence": "The points follow the jaw under the beard.",
    }
    assert api(admin).post(url(dataset, "/examples"), body, format="json").status_code == 201
    (example,) = api(ann1).get(url(dataset)).json()["examples"]
    assert (example["face_id"], example["is_right"], example["sentence"]) == tuple(body.values())
    assert example["labels"]["age"] is None
    assert len(example["labels"]["landmarks"]) == 68
    assert api(admin).delete(f"/api/v1/guide-examples/{example['id']}").status_code == 204
    assert api(ann1).get(url(dataset)).json()["examples"] == []


def test_it_shows_no_face_that_is_in_work_again(
    dataset: Dataset, gold_face: Face, api: Api, admin: User, ann1: User
) -> None:
    guide_example_add(dataset=dataset, face_id=gold_face.pk, is_right=True, sentence="So.", actor=admin)
    Face.objects.filter(pk=gold_face.pk).update(state=FaceState.CHECKING)
    assert api(ann1).get(url(dataset)).json()["examples"] == []


def test_it_shows_no_gold_and_no_face_of_the_tutorial(
    dataset: Dataset, gold_face: Face, api: Api, admin: User
) -> None:
    body = {"face_id": gold_face.pk, "is_right": True, "sentence": "So."}
    tutorial_add(dataset=dataset, face_ids=[gold_face.pk], actor=admin)
    refused = api(admin).post(url(dataset, "/examples"), body, format="json").json()
    assert "in the tutorial" in refused["message"]
    gold_face.tutorial_face.delete()
    make_gold(gold_face, PassKind.SWEEP, admin)
    assert "It is gold" in api(admin).post(url(dataset, "/examples"), body, format="json").json()["message"]


def test_it_makes_no_gold_of_an_example(dataset: Dataset, gold_face: Face, admin: User) -> None:
    guide_example_add(dataset=dataset, face_id=gold_face.pk, is_right=True, sentence="So.", actor=admin)
    made = gold_create(dataset=dataset, face_ids=[gold_face.pk], kind=PassKind.ANNOTATE, actor=admin)
    assert list(made.refused) == [gold_face.pk]
