"""Krippendorff's alpha and Cohen's kappa: published examples, what they must not depend on, chance."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jfa_pipeline.metrics.estimates import NOTHING
from jfa_pipeline.metrics.reliability import cohens_kappa, krippendorff_alpha

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: four observers, twelve units, "." missing.
FOUR_OBSERVERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
UNITS = [unit for _ in FOUR_OBSERVERS for unit in range(12)]
NUMBERS = [None if sign == "." else float(sign) for row in FOUR_OBSERVERS for sign in row]
WORDS = [None if number is None else str(number) for number in NUMBERS]

# Boyd and others (1982), two radiologists on 85 xeromammograms, as in Stata's manual of `kap`: kappa 0.4728.
RADIOLOGISTS = ((21, 12, 0, 0), (4, 17, 1, 0), (3, 9, 15, 2), (0, 0, 0, 1))

words = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "c"])), min_size=4, max_size=24)


def pairs_of(table: tuple[tuple[int, ...], ...]) -> tuple[list[str], list[str]]:
    cells = [
        (f"{i}", f"{j}") for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)
    ]
    return [first for first, _ in cells], [second for _, second in cells]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("0100000010", "1110010000", 0.095), ("aabbdcccedda", "babbbccceddd", 0.692)],
)
def test_it_gives_krippendorffs_figures_for_two_observers(first: str, second: str, expected: float) -> None:
    found = krippendorff_alpha([*range(len(first))] * 2, [*first, *second])
    assert found.value == pytest.approx(expected, abs=5e-4)
    assert found.n == len(first)


@pytest.mark.parametrize(("level", "expected"), [("nominal", 0.743), ("interval", 0.849)])
def test_it_gives_krippendorffs_figures_with_missing_answers(
    level: Literal["nominal", "interval"], expected: float
) -> None:
    found = krippendorff_alpha(UNITS, WORDS if level == "nominal" else NUMBERS, level=level)
    assert found.value == pytest.approx(expected, abs=5e-4)
    assert found.n == 11, "unit 12 has one answer only"


def test_it_gives_the_kappa_of_two_radiologists() -> None:
    found = cohens_kappa(*pairs_of(RADIOLOGISTS))
    assert found.value == pytest.approx(0.4728, abs=5e-5)
    assert found.n == 85


def test_it_gives_a_kappa_that_a_hand_can_check() -> None:
    # 35 of 50 agree: 0.7; by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5; (0.7 - 0.5) / (1 - 0.5)
    assert cohens_kappa(*pairs_of(((20, 5), (10, 15)))).value == pytest.approx(0.4)


def test_the_jackknife_is_close_to_the_large_sample_error_of_kappa() -> None:
    """Fleiss, Cohen and Everitt's formula, written out for the radiologists."""
    p = np.array(RADIOLOGISTS) / 85
    rows, columns, kappa = p.sum(axis=1), p.sum(axis=0), 0.47279
    chance = float(rows @ columns)
    diagonal = sum(p[i, i] * (1 - (rows[i] + columns[i]) * (1 - kappa)) ** 2 for i in range(4))
    beside = (1 - kappa) ** 2 * sum(
        p[i, j] * (columns[i] + rows[j]) ** 2 for i in range(4) for j in range(4) if i != j
    )
    error = ((diagonal + beside - (kappa - chance * (1 - kappa)) ** 2) / 85) ** 0.5 / (1 - chance)
    half = cohens_kappa(*pairs_of(RADIOLOGISTS)).half_width
    assert half == pytest.approx(1.99 * error, rel=0.05)


def test_it_is_one_for_people_who_always_agree_and_below_zero_for_opposites() -> None:
    said = ["a", "b", "a", "b", "c", "a"]
    assert krippendorff_alpha([*range(6)] * 2, said * 2).value == 1
    assert krippendorff_alpha([*range(6)] * 2, [1.0, 2, 3, 4, 5, 6] * 2, level="interval").value == 1
    found = cohens_kappa(said, said)
    assert (found.value, found.low, found.high) == (1, 1, 1)
    other = {"a": "b", "b": "a", "c": "a"}
    assert (krippendorff_alpha([*range(6)] * 2, said + [other[word] for word in said]).value or 0) < 0


def test_it_is_near_zero_by_chance() -> None:
    random = np.random.default_rng(5)
    first, second = (random.choice(["a", "b", "c"], 4000, p=[0.6, 0.3, 0.1]).tolist() for _ in range(2))
    assert krippendorff_alpha([*range(4000)] * 2, first + second).value == pytest.approx(0, abs=0.04)
    assert cohens_kappa(first, second).value == pytest.approx(0, abs=0.04)
    ages = random.uniform(0, 80, 8000).tolist()
    assert krippendorff_alpha([*range(4000)] * 2, ages, level="interval").value == pytest.approx(0, abs=0.05)


def test_its_interval_holds_the_true_value_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(2)
    held = 0
    for _ in range(200):
        truth = random.choice(["a", "b"], 150)
        said = [np.where(random.random(150) < 0.8, truth, random.choice(["a", "b"], 150)) for _ in range(2)]
        found = cohens_kappa(said[0].tolist(), said[1].tolist())
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.64 <= found.high  # both keep the truth in 0.8 * 0.8, else chance
    assert 0.9 <= held / 200 <= 0.99


@settings(deadline=None)  # machines that run tests are busy
@given(words)
def test_it_does_not_depend_on_names_or_order(said: list[str | None]) -> None:
    units = [n // 2 for n in range(len(said))]
    renamed = {"a": "zebra", "b": "ape", "c": "cow", None: None}
    order = sorted(range(len(said)), key=lambda n: (n * 7919) % 31)
    found = krippendorff_alpha(units, said)
    other = krippendorff_alpha(
        [f"u{9 - units[n] % 10}{units[n]}" for n in order], [renamed[said[n]] for n in order]
    )
    assert other.n == found.n
    assert other.value == pytest.approx(found.value)
    assert found.value is None or found.value <= 1


@settings(deadline=None)  # machines that run tests are busy
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=4, max_size=20),
    st.floats(0.1, 9),
    st.floats(-50, 50),
)
def test_its_interval_level_does_not_depend_on_unit_or_zero(
    years: list[int | None], scale: float, shift: float
) -> None:
    units = [n // 3 for n in range(len(years))]
    found = krippendorff_alpha(units, years, level="interval")
    moved = [None if year is None else year * scale + shift for year in years]
    other = krippendorff_alpha(units, moved, level="interval")
    assert other.value == pytest.approx(found.value, abs=1e-6)


@settings(deadline=None)  # machines that run tests are busy
@given(words, words)
def test_kappa_is_the_same_either_way_round(first: list[str | None], second: list[str | None]) -> None:
    n = min(len(first), len(second))
    there, back = cohens_kappa(first[:n], second[:n]), cohens_kappa(second[:n], first[:n])
    assert there.value == pytest.approx(back.value)
    assert there.n == back.n


def test_it_says_nothing_where_there_is_nothing_to_compare() -> None:
    assert krippendorff_alpha([], []) == NOTHING
    assert krippendorff_alpha([1, 2, 3], ["a", "b", "c"]) == NOTHING
    assert krippendorff_alpha([1, 1, 2, 2], ["a", None, float("nan"), None]) == NOTHING
    assert krippendorff_alpha([1, 1, 2, 2], ["a"] * 4).value is None
    assert cohens_kappa(["a", None], [None, "b"]) == NOTHING
    assert cohens_kappa(["a", "a"], ["a", "a"]).value is None


def test_it_refuses_lists_that_do_not_belong_together() -> None:
    with pytest.raises(ValueError, match="one unit for each value"):
        krippendorff_alpha([1], ["a", "b"])
    with pytest.raises(ValueError, match="Unknown level"):
        krippendorff_alpha([1], ["a"], level="ratio")  # type: ignore[arg-type]  # the wrong word is the test
    with pytest.raises(ValueError, match="one word of each person"):
        cohens_kappa(["a"], [])
