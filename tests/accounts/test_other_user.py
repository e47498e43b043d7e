"""All tabs of a browser share one session: a page names its person, and another's session does not act for them."""

from __future__ import annotations

from django.test import Client

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from tests.cast import PASSWORD

SESSION = "/api/v1/session"


def signed_in(user: User) -> Client:
    client = Client()
    assert client.login(username=user.username, password=PASSWORD)
    return client


def test_it_answers_the_person_for_whom_the_page_was_opened(ann1: User) -> None:
    answer = signed_in(ann1).get(SESSION, headers={"X-JFA-User": str(ann1.pk)})
    assert answer.status_code == 200
    assert answer.json()["user"]["id"] == ann1.pk


def test_it_refuses_a_page_that_was_opened_for_somebody_else(
    dataset: Dataset, ann1: User, ann2: User
) -> None:
    client = signed_in(ann2)
    answer = client.get("/api/v1/datasets", headers={"X-JFA-User": str(ann1.pk)})
    assert (answer.status_code, answer.json()["code"]) == (401, "other_user")
    assert client.get("/api/v1/datasets").status_code == 200


def test_it_refuses_a_person_who_is_no_number(ann1: User) -> None:
    answer = signed_in(ann1).get(SESSION, headers={"X-JFA-User": "ann1"})
    assert answer.json()["code"] == "other_user"
