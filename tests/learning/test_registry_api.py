"""The model registry over HTTP: who may see models, promote one, and go back."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.learning.services.registry import model_judged, model_promote
from tests.cast import Api
from tests.learning.models import register

pytestmark = pytest.mark.django_db


def test_it_shows_versions_champion_and_promotions(
    api: Api, admin: User, researcher: User, dataset: Dataset, tmp_path: Path
) -> None:
    one = register(dataset, tmp_path)
    two = register(dataset, tmp_path, parent=one, created_by=admin)
    model_judged(model=two, gate={"decision": "promote"})
    model_promote(model=two, actor=admin, reason="better")
    answer = api(researcher).get(f"/api/v1/datasets/{dataset.pk}/models").json()
    assert (answer["champion"], answer["coarse"]) == (2, {"name": "packaged"})
    assert [(row["number"], row["state"], row["parent"]) for row in answer["versions"]] == [
        (2, "champion", 1),
        (1, "challenger", None),
    ]
    assert answer["versions"][0]["metrics"] == {"nme": 0.04}
    (promotion,) = answer["promotions"]
    assert (promotion["model"], promotion["previous"], promotion["reason"], promotion["actor"]) == (
        2,
        None,
        "better",
        "Admin",
    )
    whole = api(researcher).get(f"/api/v1/models/{two.pk}").json()
    assert whole["metrics"]["gate"] == {"decision": "promote"}
    assert "# fast m2" in api(researcher).get(f"/api/v1/models/{two.pk}/card").json()["markdown"]


def test_it_needs_the_same_queries_for_many_versions(
    api: Api, admin: User, dataset: Dataset, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    parent = None
    for _ in range(8):
        parent = register(dataset, tmp_path, parent=parent, created_by=admin)
        model_promote(model=parent, actor=admin, reason="better")
    client = api(admin)
    with django_assert_max_num_queries(8):
        assert len(client.get(f"/api/v1/datasets/{dataset.pk}/models").json()["versions"]) == 8


def test_it_promotes_and_rolls_back(api: Api, admin: User, dataset: Dataset, tmp_path: Path) -> None:
    model = register(dataset, tmp_path)
    client = api(admin)
    made = client.post(f"/api/v1/models/{model.pk}/promote", {"reason": "looks right"}, format="json")
    assert (made.status_code, made.json()["model"]) == (201, 1)
    again = client.post(f"/api/v1/models/{model.pk}/promote", {"reason": "again"}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "already_champion")
    path = f"/api/v1/datasets/{dataset.pk}/champion/rollback"
    assert client.post(path, {}, format="json").status_code == 422
    back = client.post(path, {"reason": "it is worse at night"}, format="json")
    assert (back.status_code, back.json()["model"], back.json()["is_rollback"]) == (201, None, True)
    assert client.get(f"/api/v1/datasets/{dataset.pk}/models").json()["champion"] is None
    assert client.post(path, {"reason": "more"}, format="json").json()["code"] == "no_champion"


def test_it_hands_out_the_file_and_refuses_a_damaged_one(
    api: Api, researcher: User, dataset: Dataset, tmp_path: Path
) -> None:
    model = register(dataset, tmp_path, content=b"abc")
    path = f"/api/v1/models/{model.pk}/download"
    answer = api(researcher).get(path)
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a streaming response
    assert hashlib.sha256(content).hexdigest() == model.sha256
    assert f"street-portraits-m1-{model.sha256[:8]}.pt" in answer.headers["Content-Disposition"]
    Path(default_storage.path(model.file)).write_bytes(b"abd")
    refused = api(researcher).get(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "model_file")


READS = ("datasets/{d}/models", "models/{m}", "models/{m}/card", "models/{m}/download")
WRITES = ("models/{m}/promote", "datasets/{d}/champion/rollback")


@pytest.mark.parametrize(
    ("who", "read", "write"),
    [
        ("researcher", 200, 403),
        ("adjudicator", 403, 403),
        ("ann1", 403, 403),
        ("worker", 403, 403),
        ("outsider", 404, 404),
        ("nobody", 401, 401),
    ],
)
def test_it_shows_models_to_admins_and_researchers_only(
    api: Api, dataset: Dataset, tmp_path: Path, request: Any, who: str, read: int, write: int
) -> None:
    model = register(dataset, tmp_path)
    client = api(None if who == "nobody" else request.getfixturevalue(who))
    for path in READS:
        assert client.get(f"/api/v1/{path.format(d=dataset.pk, m=model.pk)}").status_code == read
    for path in WRITES:
        url = f"/api/v1/{path.format(d=dataset.pk, m=model.pk)}"
        assert client.post(url, {"reason": "because"}, format="json").status_code == write
