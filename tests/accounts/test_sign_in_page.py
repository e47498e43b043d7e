"""The sign-in page and the shell behind it, as a browser without scripts sees them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from annotator.accounts.models import SignInFailure, User
from annotator.accounts.services import FAILURES_PER_PERSON
from tests.cast import PASSWORD


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def bundle(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>the app</title>")
    settings.JFA_FRONTEND_DIST = folder
    return folder


def form(browser: Client, address: str = "/sign-in/") -> dict[str, str]:
    page = browser.get(address).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def test_it_sends_an_anonymous_visitor_to_the_sign_in_page_and_back(
    browser: Client, ann1: User, bundle: Path
) -> None:
    answer = browser.get("/d/street-portraits/work?kind=check")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=/d/street-portraits/work%3Fkind%3Dcheck"
    hidden = form(browser, answer["Location"])
    signed_in = browser.post("/sign-in/", {**hidden, "username": "ann1", "password": PASSWORD})
    assert signed_in["Location"] == "/d/street-portraits/work?kind=check"
    page = browser.get(signed_in["Location"])
    assert page.status_code == 200
    assert b"the app" in page.content
    assert page["Cache-Control"] == "private, no-store"
    assert "jfa_csrf" in browser.cookies


def test_it_lands_at_the_front_page_when_next_is_another_site(browser: Client, ann1: User) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        hidden = {**form(browser), "next": elsewhere}
        answer = browser.post("/sign-in/", {**hidden, "username": "ann1", "password": PASSWORD})
        assert answer["Location"] == "/", elsewhere
        browser.logout()


def test_it_has_a_password_field_and_no_link_to_another_site(browser: Client, db: None) -> None:
    page = browser.get("/sign-in/").content.decode()
    assert 'type="password"' in page
    assert "http" not in page


def test_it_says_that_name_and_password_do_not_match(browser: Client, ann1: User) -> None:
    for username, password in (("ann1", "wrong"), ("nobody", PASSWORD), ("a\0nn", "x")):
        answer = browser.post("/sign-in/", {**form(browser), "username": username, "password": password})
        assert answer.status_code == 422
        assert "do not match" in answer.content.decode()


def test_it_refuses_a_form_without_csrf_token(browser: Client, ann1: User) -> None:
    answer = browser.post("/sign-in/", {"username": "ann1", "password": PASSWORD})
    assert answer.status_code == 403
    assert "Reload" in answer.content.decode()


def test_it_refuses_a_closed_account(browser: Client, ann1: User) -> None:
    ann1.is_active = False
    ann1.save()
    answer = browser.post("/sign-in/", {**form(browser), "username": "ann1", "password": PASSWORD})
    assert answer.status_code == 422


def test_it_closes_the_door_for_a_while_after_many_wrong_passwords(browser: Client, ann1: User) -> None:
    for _ in range(FAILURES_PER_PERSON):
        browser.post("/sign-in/", {**form(browser), "username": "ann1", "password": "wrong"})
    answer = browser.post("/sign-in/", {**form(browser), "username": "ann1", "password": PASSWORD})
    assert answer.status_code == 422
    assert "Try again in 10 min" in answer.content.decode()
    from_elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    hidden = form(from_elsewhere)
    assert (
        from_elsewhere.post("/sign-in/", {**hidden, "username": "ann1", "password": PASSWORD}).status_code
        == 302
    )


def test_it_forgets_failures_after_the_right_password(browser: Client, ann1: User) -> None:
    for _ in range(FAILURES_PER_PERSON - 1):
        browser.post("/sign-in/", {**form(browser), "username": "ann1", "password": "wrong"})
    browser.post("/sign-in/", {**form(browser), "username": "ann1", "password": PASSWORD})
    assert not SignInFailure.objects.exists()


def test_it_trusts_only_the_proxys_own_entry_of_the_forwarded_addresses(
    browser: Client, ann1: User, settings: Any
) -> None:
    settings.JFA_HTTPS = True
    wrong = {"username": "ann1", "password": "wrong"}
    browser.post("/sign-in/", {**form(browser), **wrong}, headers={"X-Forwarded-For": "1.2.3.4, 192.0.2.9"})
    assert SignInFailure.objects.get().address == "192.0.2.9"


def test_it_says_that_the_front_end_is_not_built(ann1: User, settings: Any, tmp_path: Path) -> None:
    settings.JFA_FRONTEND_DIST = tmp_path / "nowhere"
    browser = Client()
    browser.force_login(ann1)
    answer = browser.get("/")
    assert answer.status_code == 503
    assert "make up" in answer.content.decode()
