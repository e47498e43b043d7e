"""The sign-in page in the language of the browser, or of the person's last choice."""

from __future__ import annotations

import pytest
from django.test import Client

from annotator.accounts.languages import SIGN_IN
from annotator.accounts.models import User


def page(browser: Client, address: str = "/sign-in/", **headers: str) -> str:
    return browser.get(address, headers=headers).content.decode()


@pytest.mark.parametrize(
    ("accepted", "title"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "登录"),
        ("en-GB,zh;q=0.5", "Sign in"),
        ("en;q=0.2,zh-Hans-CN;q=0.9", "登录"),
        ("fr-FR", "Sign in"),
        ("zh;q=much, en", "Sign in"),
        ("", "Sign in"),
    ],
)
def test_it_follows_the_browsers_languages(db: None, accepted: str, title: str) -> None:
    assert f"<h1>{title}</h1>" in page(Client(), accept_language=accepted)


def test_it_keeps_a_choice_for_this_browser(db: None) -> None:
    browser = Client()
    chosen = browser.get("/sign-in/?language=zh-CN&next=/d/a/work%3Fkind%3Dcheck")
    assert 'lang="zh-Hans"' in chosen.content.decode()
    again = page(browser, accept_language="en")
    assert "<h1>登录</h1>" in again
    assert 'lang="en"' in page(browser, "/sign-in/?language=en")
    assert "<h1>Sign in</h1>" in page(browser)


def test_it_keeps_the_way_back_in_the_links_to_other_languages(db: None) -> None:
    shown = page(Client(), "/sign-in/?next=/d/a/work%3Fkind%3Dcheck%26back%3D7")
    assert "language=zh-CN&amp;next=%2Fd%2Fa%2Fwork%3Fkind%3Dcheck%26back%3D7" in shown


def test_it_ignores_a_language_that_there_is_none_of(db: None) -> None:
    answer = Client().get("/sign-in/?language=tlh")
    assert answer.status_code == 200
    assert "jfa_language" not in answer.cookies


def test_it_says_why_in_chinese(ann1: User) -> None:
    browser = Client()
    browser.get("/sign-in/?language=zh-CN")
    refused = browser.post("/sign-in/", {"username": "ann1", "password": "wrong"})
    assert refused.status_code == 422
    assert "用户名和密码不匹配" in refused.content.decode()


def test_it_has_the_same_texts_in_every_language() -> None:
    assert {tuple(texts) for texts in SIGN_IN.values()} == {tuple(SIGN_IN["en"])}
