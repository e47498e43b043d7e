"""The audit trail: filtered by person, verb, target and day, and as CSV."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any

import pytest

from annotator.accounts.models import AuditEntry, User
from annotator.accounts.services import audit
from annotator.datasets.models import Dataset
from tests.cast import Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def trail(
    dataset: Dataset, other_dataset: Dataset, admin: User, adjudicator: User, monkeypatch: pytest.MonkeyPatch
) -> Dataset:
    """Four entries of the dataset and one of another: three days, two people, three verbs."""
    for day, actor, verb, where in (
        ("2026-03-01", admin, "policy.published", dataset),
        ("2026-03-02", adjudicator, "face.restored", dataset),
        ("2026-03-02", admin, "face.restored", dataset),
        ("2026-03-03", None, "training.failed", dataset),
        ("2026-03-02", admin, "face.restored", other_dataset),
    ):
        moment = datetime.fromisoformat(f"{day}T23:30:00+00:00")
        with monkeypatch.context() as clock:
            clock.setattr("django.utils.timezone.now", lambda moment=moment: moment)
            audit(actor=actor, verb=verb, target=where, dataset_id=where.pk, reason="=1+1")
    return dataset


def found(api: Api, admin: User, dataset: Dataset, query: str) -> list[tuple[str | None, str]]:
    answer = api(admin).get(f"/api/v1/datasets/{dataset.pk}/audit?{query}")
    assert answer.status_code == 200, answer.json()
    return [(row["actor"], row["verb"]) for row in answer.json()["results"]]


def test_it_filters_by_person_verb_target_and_day(api: Api, admin: User, trail: Dataset) -> None:
    everything = found(api, admin, trail, "")
    assert everything == [
        (None, "training.failed"),
        ("admin", "face.restored"),
        ("judge", "face.restored"),
        ("admin", "policy.published"),
    ]
    assert found(api, admin, trail, f"person={admin.pk}") == [everything[1], everything[3]]
    assert found(api, admin, trail, "verb=face.restored") == everything[1:3]
    assert found(api, admin, trail, "since=2026-03-02&until=2026-03-02") == everything[1:3]
    assert found(api, admin, trail, "until=2026-03-01") == everything[3:]
    assert found(api, admin, trail, f"target_type=dataset&target_id={trail.pk}") == everything
    assert found(api, admin, trail, "target_type=face") == []


def test_it_says_what_the_filter_can_be_set_to_on_the_first_page_only(
    api: Api, admin: User, adjudicator: User, trail: Dataset
) -> None:
    first = api(admin).get(f"/api/v1/datasets/{trail.pk}/audit?limit=2").json()
    assert first["choices"] == {
        "verbs": ["face.restored", "policy.published", "training.failed"],
        "people": [{"id": admin.pk, "username": "admin"}, {"id": adjudicator.pk, "username": "judge"}],
    }
    second = api(admin).get(f"/api/v1/datasets/{trail.pk}/audit?limit=2&cursor={first['next']}").json()
    assert (len(second["results"]), second["next"], second["choices"]) == (2, None, None)


def test_it_refuses_what_is_no_day(api: Api, admin: User, trail: Dataset) -> None:
    answer = api(admin).get(f"/api/v1/datasets/{trail.pk}/audit?since=yesterday")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_it_writes_what_was_asked_for_as_csv(api: Api, admin: User, trail: Dataset, monkeypatch: Any) -> None:
    monkeypatch.setattr("annotator.quality.apis.audit.CHUNK", 1)  # three rows are four chunks then
    answer = api(admin).get(f"/api/v1/datasets/{trail.pk}/audit.csv?since=2026-03-02&until=2026-03-03")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [row["verb"] for row in rows] == ["training.failed", "face.restored", "face.restored"]
    assert [row["actor"] for row in rows] == ["", "admin", "judge"]
    assert json.loads(rows[0]["details"]) == {"reason": "=1+1"}
    assert AuditEntry.objects.latest("id").details == {"what": "audit.csv"}
