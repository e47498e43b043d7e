"""Invented heads: sizes of people, parts in order, the outline where a turned head ends; and the shipped model."""

from __future__ import annotations

import numpy as np
import pytest

from jfa_pipeline.statistics.head_shapes import head_shapes
from jfa_pipeline.statistics.shape_estimation import default_model
from jfa_pipeline.statistics.shape_model import STARTS, default_shape_model

HEADS = head_shapes(300, 21)
"""(300, 68, 2) millimetres."""


def test_it_draws_the_same_heads_from_the_same_seed() -> None:
    assert np.array_equal(head_shapes(3, 5)[:2], head_shapes(2, 5))
    assert not np.allclose(head_shapes(1, 5), head_shapes(1, 6))


def test_it_has_the_sizes_of_people() -> None:
    """Seen from the front: about 91 mm between the outer eye corners, 119 from the eyes to the chin."""
    turn = np.abs(HEADS[:, 30, 0] - HEADS[:, [36, 45], 0].mean(axis=1))
    frontal = HEADS[turn < 5]

    assert len(frontal) > 30
    assert np.linalg.norm(frontal[:, 45] - frontal[:, 36], axis=1).mean() == pytest.approx(91, abs=4)
    assert (frontal[:, 8, 1] - frontal[:, 36:48, 1].mean(axis=1)).mean() == pytest.approx(119, abs=8)
    assert np.linalg.norm(frontal[:, 54] - frontal[:, 48], axis=1).mean() == pytest.approx(54, abs=5)


def test_it_keeps_the_parts_in_their_order() -> None:
    y = HEADS[:, :, 1]
    brows, eyes = y[:, 17:27].mean(axis=1), y[:, 36:48].mean(axis=1)
    nose, mouth, chin = y[:, 33], y[:, 48:60].mean(axis=1), y[:, 8]

    for above, below in ((brows, eyes), (eyes, nose), (nose, mouth), (mouth, chin)):
        assert (above < below).mean() > 0.99
    assert (HEADS[:, 39, 0] < HEADS[:, 42, 0]).all()


def test_it_draws_the_outline_outside_the_face_however_it_turns() -> None:
    """The far side of a turned head is its cheek: the bone itself would lie inside the mouth's or the eye's end."""
    left = HEADS[:, 0:8, 0].min(axis=1) < HEADS[:, [36, 48], 0].min(axis=1)
    right = HEADS[:, 9:17, 0].max(axis=1) > HEADS[:, [45, 54], 0].max(axis=1)

    turn = HEADS[:, 30, 0] - HEADS[:, [36, 45], 0].mean(axis=1)
    assert turn.max() > 20
    assert turn.min() < -20
    assert left.mean() > 0.98
    assert right.mean() > 0.98


def test_it_is_what_the_shipped_model_was_estimated_on() -> None:
    """To the file's rounding; the processor's own rounding may turn alike modes into one another."""
    made, shipped = default_model(), default_shape_model()

    assert made.faces == shipped.faces
    assert made.priors == shipped.priors
    assert np.allclose(made.mean, shipped.mean, atol=1e-4)
    for start in STARTS:
        assert np.allclose(made.covariance(start), shipped.covariance(start), atol=1e-4)
