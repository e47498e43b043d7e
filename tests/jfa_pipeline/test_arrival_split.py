"""The lot that decides which split a new image is in."""

from __future__ import annotations

from collections import Counter

import pytest

from jfa_pipeline.steps.arrival_split import arrival_split

KEYS = [f"image {number}" for number in range(20_000)]


def test_it_draws_the_shares_that_it_is_told() -> None:
    found = Counter(arrival_split(key, salt="a", test_share=0.2) for key in KEYS)
    assert found["test"] / len(KEYS) == pytest.approx(0.2, abs=0.01)
    assert found["val"] / len(KEYS) == pytest.approx(0.1, abs=0.01)


def test_it_draws_the_same_for_a_key_each_time_and_otherwise_in_another_dataset() -> None:
    drawn = [arrival_split(key, salt="a", test_share=0.5) for key in KEYS[:200]]
    assert drawn == [arrival_split(key, salt="a", test_share=0.5) for key in KEYS[:200]]
    assert drawn != [arrival_split(key, salt="b", test_share=0.5) for key in KEYS[:200]]


def test_it_keeps_a_test_image_when_the_share_grows() -> None:
    small = {key for key in KEYS if arrival_split(key, salt="a", test_share=0.05) == "test"}
    assert small
    assert all(arrival_split(key, salt="a", test_share=0.2) == "test" for key in small)


def test_it_tests_on_nothing_where_the_share_is_none() -> None:
    found = Counter(arrival_split(key, salt="a", test_share=0.0) for key in KEYS[:2000])
    assert set(found) == {"train", "val"}


def test_it_refuses_what_is_no_share() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        arrival_split("a", salt="a", test_share=1.5)
