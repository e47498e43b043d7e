"""What a checker is shown where labels are asked blind, which version has a majority, and what answers combine to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jfa_pipeline.aggregate.blind import (
    combine_blind,
    shown_to_checker,
    supported_version,
    with_own,
)
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy

BOX = Box(0, 0, 100, 100)
POINTS = np.random.default_rng(1).uniform(20, 80, (68, 2)).astype(np.float32)


def face(dx: float = 0.0, **changes: object) -> FaceLabels:
    """Every point ``dx`` pixels right of POINTS, which is ``dx`` % of the box side."""
    labels = FaceLabels(box=BOX, landmarks=POINTS + np.float32([dx, 0]), gender="male", ethnicity="asian")
    return replace(labels, **changes)  # type: ignore[arg-type]  # fields of FaceLabels


def test_it_hides_what_is_asked_blind_and_starts_points_from_the_prelabel() -> None:
    policy = Policy(blind_in_checks=("landmarks", "gender"))
    shown = shown_to_checker(face(9, age=40), face(2), policy)
    assert (shown.gender, shown.ethnicity, shown.age) == (None, "asian", None)
    assert shown.landmarks == pytest.approx(face(2).landmarks)


def test_it_shows_no_points_without_a_prelabel_or_where_a_flag_removes_them() -> None:
    policy = Policy(blind_in_checks=("landmarks",))
    assert shown_to_checker(face(), None, policy).landmarks is None
    profile = face(landmarks=None, visibility=None, flags=frozenset({"profile"}))
    assert shown_to_checker(profile, face(), policy).landmarks is None


def test_it_shows_everything_but_age_where_nothing_is_blind() -> None:
    assert shown_to_checker(face(3, age=40), face(), Policy()).same_but_age(face(3))


def test_it_takes_only_blind_answers_and_the_age_from_the_checker() -> None:
    policy = Policy(blind_in_checks=("gender",))
    given = face(5, gender="female", ethnicity="black", age=33)
    taken = with_own(face(), given, policy)
    assert (taken.gender, taken.ethnicity, taken.age) == ("female", "asian", 33)
    assert taken.landmarks == pytest.approx(face().landmarks)


@pytest.mark.parametrize(
    ("genders", "best"),
    [
        (["male"], 0),
        (["male", "female"], None),
        (["male", "female", "female"], 2),
        (["male", "female", "male"], 2),
        (["male", "male", "female", "female"], None),
        (["female", "male", "unsure"], None),
    ],
)
def test_it_finds_the_version_that_more_than_half_agree_with(genders: list[str], best: int | None) -> None:
    assert supported_version([face(gender=gender) for gender in genders], Policy()) == best


def test_it_takes_the_middle_of_a_chain_that_does_not_agree_from_end_to_end() -> None:
    """4 % apart agree, 8 % do not (limit 5 %): only the one between has everybody."""
    assert supported_version([face(0), face(4), face(8)], Policy()) == 1


def test_it_has_no_majority_without_versions() -> None:
    assert supported_version([], Policy()) is None


def test_it_combines_blind_parts_and_keeps_the_current_rest() -> None:
    policy = Policy(blind_in_checks=("landmarks", "gender"))
    current = face(0, gender="male", ethnicity="white")
    given = {
        1: face(0, gender="male", ethnicity="white"),
        2: face(1, gender="female", ethnicity="black"),
        3: face(2, gender="female", ethnicity="black"),
    }
    labels, tied, _ = combine_blind(current, given, policy)
    assert (labels.gender, labels.ethnicity, tied) == ("female", "white", ())
    assert labels.landmarks == pytest.approx(face(1).landmarks, abs=1e-3)


def test_it_leaves_a_tie_to_a_person() -> None:
    policy = Policy(blind_in_checks=("gender",))
    labels, tied, _ = combine_blind(face(), {1: face(), 2: face(gender="female")}, policy)
    assert (labels.gender, tied) == ("male", ("gender",))


def test_it_combines_nothing_that_a_flag_removes() -> None:
    policy = Policy(blind_in_checks=("gender",))
    current = FaceLabels(box=BOX, flags=frozenset({"occluded"}))
    labels, tied, _ = combine_blind(current, {1: face(), 2: face()}, policy)
    assert (labels.gender, tied) == (None, ())
