"""Whether a person treats a group of faces differently, apart from habit and difficulty."""

from __future__ import annotations

import numpy as np
import pytest

from jfa_pipeline.metrics.group_bias import GroupError, group_bias

HABITS = {"ann": -3.0, "bob": 0.0, "cy": 5.0, "di": 1.0}
DIFFICULTY = {"black": 1.0, "asian": -2.0, "white": 0.0}


def table(
    seed: int, *, faces: int = 30, planted: dict[tuple[str, str], float] | None = None
) -> list[GroupError]:
    random = np.random.default_rng(seed)
    return [
        GroupError(
            person, group, float(habit + hard + (planted or {}).get((person, group), 0) + random.normal(0, 4))
        )
        for person, habit in HABITS.items()
        for group, hard in DIFFICULTY.items()
        for _ in range(faces + 3 * len(person))
    ]


def test_it_marks_the_person_and_the_group_that_were_planted() -> None:
    hits = [group_bias(table(seed, planted={("cy", "asian"): 6.0})).marked for seed in range(20)]
    first = [(cells[0].person, cells[0].group) for cells in hits if cells]
    assert first.count(("cy", "asian")) >= 19
    assert np.mean([cells[0].own.value for cells in hits if cells]) == pytest.approx(6, abs=1)


def test_habits_and_hard_groups_are_not_marked() -> None:
    marked = [group_bias(table(seed)).marked for seed in range(100)]
    assert sum(bool(cells) for cells in marked) <= 10, "5 of 100 tables are stated"


def test_it_gives_the_figures_of_a_table_without_noise() -> None:
    rows = [
        GroupError(
            person,
            group,
            HABITS[person] + DIFFICULTY[group] + (4.0 if (person, group) == ("bob", "black") else 0),
        )
        for person in HABITS
        for group in DIFFICULTY
        for _ in range(10)
    ]
    found = group_bias(rows)
    own = {(cell.person, cell.group): cell.own.value for cell in found.cells}
    assert own["bob", "black"] == pytest.approx(4)
    assert own["ann", "black"] == pytest.approx(0, abs=1e-9)
    assert found.group["asian"].value == pytest.approx(-2 + 0.75)
    assert found.person["ann"].value == pytest.approx(-3 - 1 / 3)


def test_few_faces_are_shown_and_never_marked() -> None:
    rows = table(1) + [
        GroupError("new", group, 40.0 if group == "black" else 0.0) for group in DIFFICULTY for _ in range(3)
    ]
    found = group_bias(rows)
    new = [cell for cell in found.cells if cell.person == "new"]
    assert [cell.mean.n for cell in new] == [3, 3, 3]
    assert not any(cell.is_marked for cell in new)


def test_one_person_is_compared_with_themselves() -> None:
    random = np.random.default_rng(1)
    rows = [GroupError("ann", "f", float(random.normal(0, 1))) for _ in range(30)]
    assert group_bias(rows).cells[0].own.value is None, "there is no other group"
    rows += [GroupError("ann", "m", float(random.normal(0, 1))) for _ in range(30)]
    assert group_bias(rows).marked == ()


def test_it_leaves_out_errors_that_nobody_knows() -> None:
    assert group_bias([GroupError("ann", "f", float("nan"))]).cells == ()
    assert group_bias([]).cells == ()
