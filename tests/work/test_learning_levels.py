"""Where a waiting face stands in the order "learning"."""

from __future__ import annotations

from dataclasses import replace

import pytest

from annotator.work.models import Priority, Slice
from annotator.work.selectors.gaps import groups_of
from annotator.work.services.levels import Order, Waiting, level_of, place_of, slice_draw

ORDER = Order(limits=(0.3, 0.6), gaps=frozenset({"gender:male", "age:0-12"}), random_share=0.2)
FACE = Waiting(
    face_id=1,
    round=1,
    is_doubted=False,
    is_test=False,
    has_prelabel=True,
    uncertainty=0.1,
    groups=frozenset({"gender:female", "age:20-34"}),
)


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({}, Priority.LEARN_LITTLE),
        ({"uncertainty": 0.3}, Priority.LEARN_SOME),
        ({"uncertainty": 0.6}, Priority.LEARN_MUCH),
        ({"uncertainty": None}, Priority.LEARN_SOME),
        ({"groups": frozenset({"gender:male"})}, Priority.LEARN_SOME),
        ({"groups": frozenset({"gender:male", "age:0-12"})}, Priority.LEARN_SOME),
        ({"uncertainty": 0.9, "groups": frozenset({"age:0-12"})}, Priority.LEARN_MOST),
        ({"has_prelabel": False, "uncertainty": None, "groups": frozenset()}, Priority.LEARN_MOST),
        ({"round": 2}, Priority.LEARN_MOST),
        ({"is_doubted": True}, Priority.DOUBTFUL),
    ],
)
def test_it_orders_by_uncertainty_and_lifts_groups_that_lack_faces(
    changes: dict[str, object], level: Priority
) -> None:
    assert level_of(replace(FACE, **changes), order=ORDER, part=Slice.ORDERED) == level  # type: ignore[arg-type]  # test shorthand


@pytest.mark.parametrize("uncertainty", [None, 0.0, 0.99])
@pytest.mark.parametrize("is_doubted", [False, True])
def test_it_knows_nothing_about_faces_of_the_random_slice(uncertainty: float, is_doubted: bool) -> None:
    face = replace(FACE, uncertainty=uncertainty, is_doubted=is_doubted, round=2)
    assert level_of(face, order=ORDER, part=Slice.RANDOM) == Priority.RANDOM


@pytest.mark.parametrize("uncertainty", [None, 0.99])
def test_it_knows_nothing_about_faces_of_test_images(uncertainty: float) -> None:
    face = replace(FACE, is_test=True, uncertainty=uncertainty, has_prelabel=False)
    assert level_of(face, order=ORDER, part=Slice.ORDERED) == Priority.LEARN_SOME


def test_it_draws_the_random_slice_in_its_share_whatever_the_face_is_like() -> None:
    """20,000 faces at 0.2: the standard deviation of the share is 0.0028; four of them are allowed."""
    drawn = [slice_draw(face_id=pk, random_share=0.2) == Slice.RANDOM for pk in range(20_000)]
    assert sum(drawn) / len(drawn) == pytest.approx(0.2, abs=0.0113)
    even, odd = sum(drawn[::2]) / 10_000, sum(drawn[1::2]) / 10_000
    assert even == pytest.approx(odd, abs=0.023)


def test_it_keeps_the_slice_that_an_item_has() -> None:
    face = next(
        replace(FACE, face_id=pk)
        for pk in range(100)
        if slice_draw(face_id=pk, random_share=0.2) == Slice.RANDOM
    )
    assert place_of(face, order=ORDER) == (Slice.RANDOM, Priority.RANDOM)
    assert place_of(face, order=ORDER, part=Slice.ORDERED) == (Slice.ORDERED, Priority.LEARN_LITTLE)


def test_it_names_the_groups_of_a_pre_label() -> None:
    assert groups_of(gender="female", ethnicity=None, age=12.9) == {"gender:female", "age:0-12"}
    assert groups_of(gender=None, ethnicity="asian", age=65) == {"ethnicity:asian", "age:65+"}
