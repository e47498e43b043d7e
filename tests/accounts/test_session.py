"""Signing in and out over the API, as the page does when a session ran out under it."""

from __future__ import annotations

from django.test import override_settings

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from tests.cast import PASSWORD, Api

SESSION = "/api/v1/session"


def test_it_answers_401_to_a_stranger_and_gives_a_csrf_cookie(api: Api, db: None) -> None:
    client = api()
    answer = client.get(SESSION)
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"
    assert client.cookies["jfa_csrf"].value


def test_it_signs_in_over_the_page_and_rotates_the_token(api: Api, ann1: User, dataset: Dataset) -> None:
    client = api(csrf=True)
    client.get(SESSION)
    before = client.cookies["jfa_csrf"].value
    wrong = client.post(
        SESSION, {"username": "ann1", "password": "x"}, format="json", headers={"X-CSRFToken": before}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_credentials")
    answer = client.post(
        SESSION, {"username": "ann1", "password": PASSWORD}, format="json", headers={"X-CSRFToken": before}
    )
    assert answer.status_code == 200
    assert answer.json() == {
        "user": {"id": ann1.pk, "username": "ann1", "name": "Ann1", "is_admin": False},
        "memberships": [
            {
                "dataset": {"id": dataset.pk, "slug": dataset.slug, "name": dataset.name},
                "role": "annotator",
            }
        ],
    }
    after = client.cookies["jfa_csrf"].value
    assert after != before
    assert client.get(SESSION).status_code == 200
    assert client.delete(SESSION, headers={"X-CSRFToken": after}).status_code == 204
    assert client.get(SESSION).status_code == 401


def test_it_refuses_to_sign_in_without_the_csrf_token(api: Api, ann1: User) -> None:
    answer = api(csrf=True).post(SESSION, {"username": "ann1", "password": PASSWORD}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_it_refuses_a_write_by_session_without_the_csrf_token(api: Api, ann1: User) -> None:
    answer = api(ann1, csrf=True).post("/api/v1/tokens", {"name": "t"}, format="json")
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["message"]


def test_it_lists_every_dataset_to_an_admin_of_all(
    api: Api, superuser: User, dataset: Dataset, other_dataset: Dataset
) -> None:
    session = api(superuser).get(SESSION).json()
    assert session["user"]["is_admin"] is True
    assert [(m["dataset"]["name"], m["role"]) for m in session["memberships"]] == [
        ("Other faces", "admin"),
        ("Street portraits", "admin"),
    ]


@override_settings(DEBUG=False)
def test_it_answers_an_unknown_api_address_as_json(api: Api, db: None) -> None:
    answer = api().get("/api/v1/no/such/thing")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_address")
