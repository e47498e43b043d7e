"""What callers read when something is wrong on the server's side: sentences, never a stack trace."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from annotator.accounts.models import User
from annotator.common.errors import unavailable
from annotator.datasets.models import Dataset, Membership
from tests.cast import Api


@pytest.fixture
def database_down() -> Any:
    """Every statement fails as it does when PostgreSQL went away."""

    def refuse(*_: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    return connection.execute_wrapper(refuse)


def test_it_says_healthy_while_the_database_answers(db: None) -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_it_says_unhealthy_without_the_database(db: None, database_down: Any) -> None:
    with database_down:
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "database_unavailable"})


def test_it_answers_503_with_a_sentence_without_the_database(
    api: Api, dataset: Dataset, ann1: User, database_down: Any
) -> None:
    client = api(ann1)
    with database_down:
        answer = client.get(f"/api/v1/datasets/{dataset.pk}")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert "Try again" in answer.json()["message"]


def test_it_answers_503_on_pages_too(ann1: User, database_down: Any) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(ann1)
    with database_down:
        answer = browser.get("/")
    assert answer.status_code == 503
    assert "database" in answer.content.decode()


def test_it_answers_500_as_json_below_api(
    api: Api, dataset: Dataset, ann1: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(ann1)
    client.raise_request_exception = False
    monkeypatch.setattr("annotator.datasets.apis.dataset_roles", lambda **_: 1 / 0)
    answer = client.get("/api/v1/datasets")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert "Traceback" not in answer.content.decode()


def test_it_names_the_queue_when_redis_is_gone() -> None:
    problem = unavailable(RedisConnectionError("refused"))
    assert problem is not None
    assert (problem.status, problem.code) == (503, "queue_unavailable")
    assert unavailable(ValueError("else")) is None


def test_it_answers_unknown_api_addresses_as_json(api: Api, db: None) -> None:
    for address in ("/api", "/api/v1/", "/api/v1/nothing"):
        answer = api().get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_address"), address


def test_it_explains_a_host_name_that_is_not_its_own(api: Api, db: None) -> None:
    answer = api().get("/api/v1/session", headers={"host": "elsewhere.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_host")
    page = Client().get("/sign-in/", headers={"host": "elsewhere.example"})
    assert page.status_code == 400
    assert "JFA_ALLOWED_HOSTS" in page.content.decode()


def test_it_explains_a_form_with_too_many_fields(
    api: Api, dataset: Dataset, admin: User, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 5
    fields = {f"field{n}": "x" for n in range(6)}
    answer = api(admin).post(f"/api/v1/datasets/{dataset.pk}/imports", fields, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "too_large")


def test_it_has_one_format_whatever_the_address_asks(api: Api, ann1: User) -> None:
    assert api(ann1).get("/api/v1/datasets?format=xml").status_code == 200


def test_it_explains_input_that_cannot_be_read(api: Api, ann1: User) -> None:
    client = api(ann1)
    broken = client.post("/api/v1/tokens", "{", content_type="application/json")
    assert (broken.status_code, broken.json()["code"]) == (400, "parse_error")
    missing = client.post("/api/v1/tokens", {}, format="json")
    assert (missing.status_code, missing.json()["code"]) == (422, "invalid")
    assert "name" in missing.json()["details"]["fields"]
    assert client.put("/api/v1/tokens", {}, format="json").status_code == 405


def test_it_looks_at_memberships_on_every_request(api: Api, dataset: Dataset, ann1: User) -> None:
    client = api(ann1)
    assert client.get(f"/api/v1/datasets/{dataset.pk}").status_code == 200
    Membership.objects.filter(dataset=dataset, user=ann1).update(is_active=False)
    assert client.get(f"/api/v1/datasets/{dataset.pk}").status_code == 404
