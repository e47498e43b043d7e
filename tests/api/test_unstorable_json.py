"""What JSON allows and PostgreSQL does not is refused with its place, before anything is asked of the database."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.common.parsers import DEEPEST, json_read, unstorable
from annotator.datasets.models import Dataset
from annotator.work.models import WorkItem
from tests.cast import Api, FaceFactory, ImageFactory

NUL, HALF = json.dumps("a\0b"), '"\\ud800"'
BAD_VALUES = {
    "nul": (NUL, "NUL"),
    "half a surrogate pair": (HALF, "surrogate"),
    "infinite": ("1e999", "finite"),
    "huge": ("1" + "0" * 30, "whole number"),
    "deep": ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "inside each other"),
}


@pytest.fixture
def item(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> WorkItem:
    return WorkItem.objects.get(face=face_factory(image_factory(dataset)))


@pytest.mark.parametrize("name", BAD_VALUES)
def test_it_refuses_in_a_draft_what_cannot_be_stored(api: Api, ann1: User, item: WorkItem, name: str) -> None:
    value, reason = BAD_VALUES[name]
    body = '{"token": "00000000-0000-4000-8000-000000000000", "sequence": 1, "data": {"labels": '
    body += value + "}}"
    answer = api(ann1).put(f"/api/v1/work/{item.pk}/draft", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert reason in answer.json()["message"]


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("datasets/{dataset}/work/claim", '{"have": [1' + "0" * 30 + "]}"),
        ("work/heartbeat", '{"leases": [{"token": "' + "0" * 32 + '", "item": 1' + "0" * 30 + "}]}"),
        ("datasets/{dataset}/faces/bulk", '{"action": "reopen", "reason": "x", "ids": [1' + "0" * 30 + "]}"),
    ],
)
def test_it_refuses_numbers_beyond_64_bits(
    api: Api, dataset: Dataset, admin: User, address: str, body: str
) -> None:
    path = f"/api/v1/{address.format(dataset=dataset.pk)}"
    answer = api(admin).post(path, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("genders", [f"[{NUL}]", f"[{HALF}]"])
def test_it_refuses_a_policy_with_text_that_cannot_be_stored(
    api: Api, dataset: Dataset, admin: User, genders: str
) -> None:
    body = '{"base_version": 1, "data": {"genders": ' + genders + "}}"
    answer = api(admin).put(f"/api/v1/datasets/{dataset.pk}/policy", body, content_type="application/json")
    assert (answer.status_code, answer.json()["message"].split(":")[0]) == (422, "data.genders.0")


def test_it_calls_endless_nesting_no_json(api: Api, ann1: User) -> None:
    answer = api(ann1).post("/api/v1/tokens", "[" * 100_000, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_it_reads_no_more_of_a_body_than_the_limit(api: Api, ann1: User, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024**2
    body = json.dumps({"name": "x" * 1024**2})
    answer = api(ann1).post("/api/v1/tokens", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_it_reads_forms_only_where_files_are_uploaded(api: Api, ann1: User) -> None:
    answer = api(ann1).post("/api/v1/tokens", {"name": "a"}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_it_finds_no_image_whose_name_holds_nul(
    api: Api, dataset: Dataset, admin: User, image_factory: ImageFactory
) -> None:
    image_factory(dataset)
    answer = api(admin).get(f"/api/v1/datasets/{dataset.pk}/images", {"q": "\0"})
    assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_it_names_the_place_in_keys_too() -> None:
    assert unstorable({"a": [1, {"b\0": 2}]}) == "a key: a text may not contain NUL characters."
    assert (
        unstorable({"a": [1, {"b": "\ud800"}]}) == "a.1.b: a text may not contain halves of surrogate pairs."
    )
    assert unstorable({"a": ["é😀", 2**63 - 1, 1.5, True, None]}) is None


def test_it_says_why_a_text_is_no_json() -> None:
    with pytest.raises(ValueError, match="inside each other"):
        json_read("[" * 100_000)
    with pytest.raises(ValueError, match="utf-8"):
        json_read(b'"\xff"')


def test_it_tells_programs_that_an_address_does_not_exist_whatever_the_method(api: Api, ann1: User) -> None:
    answer = api(csrf=True).post("/api/v1/nothing", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_address")
