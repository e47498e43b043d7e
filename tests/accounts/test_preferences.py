"""A person's own settings: theirs alone, kept on the server, small and checked."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.accounts.models import Preferences, User
from tests.cast import Api

WHERE = "/api/v1/me/preferences"


def change(api: Api, user: User, **values: Any) -> Any:
    return api(user).patch(WHERE, values, format="json")


def test_it_has_nothing_before_anybody_chose(api: Api, ann1: User) -> None:
    answer = api(ann1).get(WHERE)
    assert (answer.status_code, answer.json()) == (200, {})
    assert not Preferences.objects.exists()


def test_it_changes_what_is_named_and_leaves_the_rest(api: Api, ann1: User) -> None:
    change(api, ann1, theme="dark", language="zh-CN")
    answer = change(api, ann1, keys={"pin": "k", "flag.occluded": ""}, theme="light")
    kept = {"theme": "light", "language": "zh-CN", "keys": {"pin": "k", "flag.occluded": ""}}
    assert answer.json() == kept
    assert api(ann1).get(WHERE).json() == kept


def test_it_takes_a_setting_back_with_null(api: Api, ann1: User) -> None:
    change(api, ann1, language="zh-CN", indices=True)
    assert change(api, ann1, language=None).json() == {"indices": True}


def test_it_shows_nobody_elses(api: Api, ann1: User, ann2: User) -> None:
    change(api, ann1, theme="dark")
    assert api(ann2).get(WHERE).json() == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"language": "klingon"},
        {"theme": "pink"},
        {"keys": {"pin": "k" * 41}},
        {"keys": {"no command!": "k"}},
        {"keys": {f"c{i}": "k" for i in range(201)}},
        {"picture": {"brightness": 1000, "contrast": 0, "equalise": False}},
        {"colour_of_the_cat": "black"},
    ],
)
def test_it_refuses_what_no_page_would_send(api: Api, ann1: User, wrong: dict[str, Any]) -> None:
    answer = change(api, ann1, **wrong)
    assert answer.status_code == 422
    assert api(ann1).get(WHERE).json() == {}


def test_it_keeps_the_picture_as_it_was_set(api: Api, ann1: User) -> None:
    picture = {"brightness": 12.5, "contrast": -3.0, "equalise": True}
    assert change(api, ann1, picture=picture).json() == {"picture": picture}
