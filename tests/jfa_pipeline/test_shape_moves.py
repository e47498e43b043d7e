"""Gestures on 68 points: what is held stays, the rest follows as faces do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from jfa_pipeline.core.ibug68 import FLIP, flip_landmarks
from jfa_pipeline.statistics.head_shapes import head_shapes
from jfa_pipeline.statistics.shape_model import STARTS, Start, default_shape_model
from jfa_pipeline.statistics.shape_moves import (
    MIDLINE,
    PARTS,
    SIDES,
    Frame,
    fit_three,
    frame_through,
    mirror_side,
    refit_part,
    settle,
    slide_jaw,
)

MODEL = default_shape_model()
UPRIGHT = Frame(complex(200), complex(500, 400))
MEAN = UPRIGHT.to_image(MODEL.mean)
"""200 pixels between the outer eye corners."""

starts = st.sampled_from(STARTS)
offsets = st.tuples(st.floats(-40, 40), st.floats(-40, 40))


def held(
    points: NDArray[np.float64], moves: dict[int, tuple[float, float]]
) -> dict[int, tuple[float, float]]:
    return {index: (points[index, 0] + dx, points[index, 1] + dy) for index, (dx, dy) in moves.items()}


@given(st.dictionaries(st.integers(0, 67), offsets, max_size=68), starts)
def test_it_holds_pinned_points_exactly(moves: dict[int, tuple[float, float]], start: Start) -> None:
    pins = held(MEAN, moves)

    found = settle(MODEL, MEAN, pins, start=start)

    assert np.isfinite(found).all()
    for index, place in pins.items():
        assert tuple(found[index]) == place


@pytest.mark.parametrize("start", STARTS)
def test_it_moves_nothing_while_every_pin_lies_where_it_was(start: Start) -> None:
    assert np.array_equal(settle(MODEL, MEAN, {}, start=start), MEAN)
    assert np.allclose(settle(MODEL, MEAN, held(MEAN, {3: (0, 0), 50: (0, 0)}), start=start), MEAN)


@given(offsets, st.floats(0.2, 5), st.floats(-3, 3))
def test_it_answers_alike_in_a_turned_and_larger_image(
    move: tuple[float, float], size: float, angle: float
) -> None:
    other = Frame(size * complex(math.cos(angle), math.sin(angle)), complex(-70, 900))
    pins = held(MEAN, {8: move, 40: (2, -3)})
    turned = {index: tuple(other.to_image(np.array(place)).tolist()) for index, place in pins.items()}

    found = settle(MODEL, other.to_image(MEAN), turned, start="prelabel")

    assert np.allclose(found, other.to_image(settle(MODEL, MEAN, pins, start="prelabel")), atol=1e-6)


@given(offsets, offsets, st.floats(-2, 2))
def test_it_is_linear_in_what_is_dragged(
    one: tuple[float, float], two: tuple[float, float], factor: float
) -> None:
    def moved(dx: float, dy: float) -> NDArray[np.float64]:
        return settle(MODEL, MEAN, held(MEAN, {30: (dx, dy), 0: (0, 0)}), start="template") - MEAN

    both = moved(one[0] + factor * two[0], one[1] + factor * two[1])

    assert np.allclose(both, moved(*one) + factor * moved(*two), atol=1e-6)


@pytest.mark.parametrize("start", STARTS)
def test_it_treats_left_and_right_alike(start: Start) -> None:
    mirrored = settle(MODEL, MEAN, held(MEAN, {36: (-9, 4)}), start=start)
    face = settle(MODEL, MEAN, held(MEAN, {45: (9, 4)}), start=start)

    assert np.allclose(flip_landmarks(mirrored, 1000), face, atol=0.05), "within the file's rounding"


def test_it_follows_a_template_as_a_whole_and_a_prelabel_nearby() -> None:
    """A chin 30 pixels lower lengthens a template's whole jaw; of a pre-label the eyes stay where they are."""
    pins = held(MEAN, {8: (0, 30)})
    far, near = (settle(MODEL, MEAN, pins, start=start) - MEAN for start in STARTS)

    assert far[[6, 10], 1].min() > 15
    assert near[[7, 9], 1].min() > 15
    assert np.abs(near[36:48]).max() < 3
    assert np.abs(far[36:48]).max() > np.abs(near[36:48]).max()


def test_it_moves_a_brow_with_its_own_points_more_than_with_the_others() -> None:
    moved = settle(MODEL, MEAN, held(MEAN, {19: (0, -10)}), start="prelabel") - MEAN

    assert (moved[[18, 20], 1] < -4).all()
    assert (np.abs(moved[48:68]) < 2).all()


def test_it_comes_closer_to_a_face_with_every_point_dragged() -> None:
    """Mean error of the points nobody touched, over 20 heads that the model has not seen, against the mean shape's."""
    order = (0, 8, 16, 30, 48, 54, 19, 24, 36, 45, 4, 12, 57, 51, 33)
    left = dict.fromkeys((0, 5, 10, 15), 0.0)
    for head in head_shapes(20, 4):
        base = frame_through(MODEL.mean, head).to_image(MODEL.mean)
        for count in left:
            pins = {index: (float(head[index, 0]), float(head[index, 1])) for index in order[:count]}
            errors = np.linalg.norm(settle(MODEL, base, pins, start="template") - head, axis=1)
            left[count] += float(np.delete(errors, order).mean())

    assert left[5] < 0.75 * left[0]
    assert left[10] < 0.8 * left[5]
    assert left[15] < left[10]
    assert left[15] < 0.45 * left[0]


def test_it_leaves_missing_points_missing_and_learns_nothing_from_a_pin_on_one() -> None:
    base = MEAN.copy()
    base[[5, 20]] = np.nan

    found = settle(MODEL, base, {20: (1.0, 2.0)}, start="prelabel")

    assert np.isnan(found[5]).all()
    assert tuple(found[20]) == (1.0, 2.0)
    rest = np.setdiff1d(np.arange(68), [5, 20])
    assert np.array_equal(found[rest], base[rest])


def test_it_refuses_a_face_of_one_point() -> None:
    base = np.full((68, 2), np.nan)
    base[3] = 1, 1

    with pytest.raises(ValueError, match="Two points"):
        settle(MODEL, base, {3: (2.0, 2.0)}, start="template")


@given(st.tuples(offsets, offsets, offsets))
def test_it_puts_eyes_and_mouth_on_three_clicks(moves: tuple[tuple[float, float], ...]) -> None:
    centres = [MEAN[36:42].mean(axis=0), MEAN[42:48].mean(axis=0), MEAN[48:60].mean(axis=0)]
    clicks = [(float(c[0] + dx), float(c[1] + dy)) for c, (dx, dy) in zip(centres, moves, strict=True)]

    found = fit_three(MODEL, clicks[0], clicks[1], clicks[2])

    for part, click in zip((slice(36, 42), slice(42, 48), slice(48, 60)), clicks, strict=True):
        assert np.allclose(found[part].mean(axis=0), click, atol=1e-6)


def test_it_finds_the_mean_from_the_means_own_clicks_in_a_turned_face() -> None:
    frame = Frame(complex(60, 80), complex(10, 20))
    face = frame.to_image(MODEL.mean)
    clicks = [face[part].mean(axis=0).tolist() for part in (slice(36, 42), slice(42, 48), slice(48, 60))]

    assert np.allclose(fit_three(MODEL, *clicks), face, atol=1e-6)


def test_it_refuses_three_clicks_in_one_place() -> None:
    with pytest.raises(ValueError, match="one place"):
        fit_three(MODEL, (5.0, 5.0), (5.0, 5.0), (5.0, 5.0))


def test_it_has_every_point_on_one_side_or_the_midline() -> None:
    assert sorted([*MIDLINE, *SIDES["left"], *SIDES["right"]]) == list(range(68))
    assert {int(FLIP[index]) for index in SIDES["left"]} == set(SIDES["right"])
    assert all(FLIP[index] == index for index in MIDLINE)


@pytest.mark.parametrize("source", ["left", "right"])
def test_it_mirrors_a_side_of_a_turned_face(source: str) -> None:
    frame = Frame(complex(150, 60), complex(300, 300))
    face = frame.to_image((MODEL.mean + MODEL.mean[FLIP] * (-1, 1)) / 2)
    spoilt = face.copy()
    spoilt[list(SIDES["right" if source == "left" else "left"])] += 25

    assert np.allclose(mirror_side(spoilt, source), face, atol=1e-6)


def test_it_keeps_pinned_points_and_those_without_a_partner_while_mirroring() -> None:
    face = MEAN.copy()
    face[36] = np.nan

    found = mirror_side(face, "left", keep={54})

    assert np.array_equal(found[[45, 54]], face[[45, 54]])


def test_it_slides_along_the_jaw_and_keeps_the_order() -> None:
    line = MEAN.copy()
    line[:17] = np.stack([10.0 * np.arange(17), np.zeros(17)], axis=1)

    found = slide_jaw(line, 4, 10.0, keep={8})

    assert np.allclose(found[[0, 2, 3, 4, 6, 8, 9], 0], [0, 25, 37.5, 50, 65, 80, 90])
    assert np.allclose(slide_jaw(line, 4, 999.0, keep={8})[4], [80 - 0.02 * 80, 0])
    assert np.allclose(slide_jaw(line, 0, 5.0, keep={2})[:3, 0], [5, 12.5, 20])


@given(st.integers(0, 16), st.floats(-300, 300), st.sets(st.integers(0, 16), max_size=5))
def test_it_never_swaps_jaw_points_and_stays_on_the_curve(index: int, along: float, keep: set[int]) -> None:
    found = slide_jaw(MEAN, index, along, keep=keep)

    assert np.array_equal(found[17:], MEAN[17:])
    angles = np.unwrap(np.arctan2(*(found[:17] - MEAN[30]).T))
    assert (np.diff(angles) > 0).all()
    kept = sorted(keep - {index})
    assert np.array_equal(found[kept], MEAN[kept])


def test_it_says_what_is_wrong_with_a_slide() -> None:
    with pytest.raises(ValueError, match="only 0 to 16"):
        slide_jaw(MEAN, 17, 1.0)
    face = MEAN.copy()
    face[2] = np.nan
    with pytest.raises(ValueError, match="missing"):
        slide_jaw(face, 5, 1.0)


@pytest.mark.parametrize("roll", [0.0, 0.4, -1.0])
def test_it_fills_the_box_with_the_part(roll: float) -> None:
    found = refit_part(MEAN, "lips", (10, 20, 110, 70), roll=roll)

    cos, sin = math.cos(roll), math.sin(roll)
    lips = found[list(PARTS["lips"])] @ np.array([[cos, -sin], [sin, cos]])
    assert np.allclose([*lips.min(axis=0), *lips.max(axis=0)], [10, 20, 110, 70])
    assert np.array_equal(found[:48], MEAN[:48])


def test_it_refuses_an_empty_box_and_a_part_without_extent() -> None:
    with pytest.raises(ValueError, match="empty"):
        refit_part(MEAN, "nose", (5, 5, 5, 9))
    face = MEAN.copy()
    face[42:48] = 7
    with pytest.raises(ValueError, match="no extent"):
        refit_part(face, "right_eye", (0, 0, 10, 10))
