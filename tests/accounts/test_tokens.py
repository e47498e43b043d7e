"""Tokens for programs, and the person's own password."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from rest_framework.test import APIClient

from annotator.accounts.models import ApiToken, AuditEntry, User
from tests.cast import PASSWORD, Api


def with_token(key: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client


def make(api: Api, user: User, **data: object) -> dict[str, object]:
    answer = api(user).post("/api/v1/tokens", {"name": "nightly", **data}, format="json")
    assert answer.status_code == 201, answer.json()
    made: dict[str, object] = answer.json()
    return made


def test_it_shows_the_key_once_and_keeps_only_its_hash(api: Api, ann1: User) -> None:
    made = make(api, ann1)
    key = str(made["key"])
    assert key not in str(ApiToken.objects.values().get())
    listed = api(ann1).get("/api/v1/tokens").json()["results"]
    assert [t["name"] for t in listed] == ["nightly"]
    assert "key" not in listed[0]
    assert with_token(key).get("/api/v1/session").json()["user"]["username"] == "ann1"
    assert ApiToken.objects.get().last_used_at is not None


def test_it_refuses_a_second_token_of_the_same_name(api: Api, ann1: User, ann2: User) -> None:
    make(api, ann1)
    make(api, ann2)
    answer = api(ann1).post("/api/v1/tokens", {"name": "nightly"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "token_name_taken")


def test_it_refuses_an_expired_or_revoked_or_made_up_token(api: Api, ann1: User) -> None:
    made = make(api, ann1, days=1)
    client = with_token(str(made["key"]))
    assert client.get("/api/v1/session").status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get("/api/v1/session").status_code == 401
    ApiToken.objects.update(expires_at=None)
    assert api(ann1).delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert client.get("/api/v1/session").status_code == 401
    assert with_token("jfa_nonsense").get("/api/v1/session").status_code == 401
    assert AuditEntry.objects.filter(verb="token.revoked").count() == 1


def test_it_lets_nobody_revoke_somebody_elses_token(api: Api, ann1: User, ann2: User) -> None:
    made = make(api, ann1)
    assert api(ann2).delete(f"/api/v1/tokens/{made['id']}").status_code == 404
    assert ApiToken.objects.exists()


def test_it_does_not_let_a_token_make_tokens_or_change_the_password(api: Api, ann1: User) -> None:
    client = with_token(str(make(api, ann1)["key"]))
    assert client.post("/api/v1/tokens", {"name": "more"}, format="json").status_code == 403
    change = {"old": PASSWORD, "new": "another-good-one-5"}
    assert client.post("/api/v1/account/password", change, format="json").status_code == 403


def test_it_changes_the_password_and_ends_other_sessions(api: Api, ann1: User) -> None:
    here, elsewhere = api(ann1), api(ann1)
    change = {"old": PASSWORD, "new": "walk-the-green-dog"}
    assert here.post("/api/v1/account/password", change, format="json").status_code == 204
    assert here.get("/api/v1/session").status_code == 200
    assert elsewhere.get("/api/v1/session").status_code == 401
    ann1.refresh_from_db()
    assert ann1.check_password("walk-the-green-dog")


def test_it_refuses_a_wrong_old_and_a_weak_new_password(api: Api, ann1: User) -> None:
    client = api(ann1)
    wrong = client.post("/api/v1/account/password", {"old": "no", "new": "walk-the-green-dog"}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_credentials")
    weak = client.post("/api/v1/account/password", {"old": PASSWORD, "new": "12345"}, format="json")
    assert (weak.status_code, weak.json()["code"]) == (422, "weak_password")
