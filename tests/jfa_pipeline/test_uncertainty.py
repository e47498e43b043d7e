"""One number for how unsure a machine is about a face."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jfa_pipeline.coarse.protocol import CoarseFace
from jfa_pipeline.coarse.uncertainty import HALF, face_uncertainty, spread_stored, uncertain_points
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels


def face(score: float = 1.0, **more: Any) -> CoarseFace:
    return CoarseFace(labels=FaceLabels(box=Box(0, 0, 50, 50)), score=score, detector="test", **more)


def test_a_certain_face_has_none() -> None:
    assert face_uncertainty(face(uncertainty=dict.fromkeys((*HALF, "detection"), 0.0))) == 0
    assert face_uncertainty(face()) == 0


def test_each_tasks_half_counts_as_a_half() -> None:
    assert face_uncertainty(face(uncertainty=HALF)) == pytest.approx(0.5)
    assert face_uncertainty(face(uncertainty={"detection": 1.0, "landmarks": 0.03})) == pytest.approx(0.75)


@pytest.mark.parametrize(("score", "expected"), [(0.5, 1.0), (0.75, 0.5), (1.0, 0.0), (1.7, 0.0)])
def test_a_provider_that_tells_nothing_is_judged_by_its_score(score: float, expected: float) -> None:
    assert face_uncertainty(face(score)) == pytest.approx(expected)


def test_it_counts_how_far_points_wander() -> None:
    spread = np.full(68, 0.03, np.float32)
    assert face_uncertainty(face(point_spread_box=spread)) == pytest.approx(0.25)


def test_it_stays_below_one_and_grows() -> None:
    values = [face_uncertainty(face(uncertainty={"landmarks": u, "age": u})) for u in (0.0, 0.1, 1.0, 1e6)]
    assert values == sorted(values)
    assert values[-1] < 1


def _stored(steady: float, **wandering: float) -> np.ndarray:
    spread = np.full(68, steady, np.float32)
    for name, value in wandering.items():
        spread[int(name.removeprefix("p"))] = value
    stored = spread_stored(spread)
    assert stored is not None
    return stored


def test_it_keeps_a_spread_as_thousandths_of_the_face_size_in_one_byte() -> None:
    stored = _stored(0.003, p5=0.0216, p6=0.4, p7=np.nan)
    assert stored.dtype == np.uint8
    assert stored[[0, 5, 6, 7]].tolist() == [3, 22, 255, 255]
    assert spread_stored(None) is None
    assert spread_stored(np.zeros(5, np.float32)) is None


def test_it_marks_the_points_that_stand_out_of_a_face() -> None:
    assert uncertain_points(None) == []
    assert uncertain_points(_stored(0.003, p36=0.0144)) == []
    assert uncertain_points(_stored(0.003, p36=0.015, p5=0.03)) == [5, 36]


def test_it_judges_a_model_whose_points_all_wander_by_its_own_measure() -> None:
    assert uncertain_points(_stored(0.03, p5=0.044)) == []
    assert uncertain_points(_stored(0.03, p5=0.045)) == [5]


def test_it_marks_what_two_people_would_never_differ_by_and_at_most_twelve() -> None:
    assert uncertain_points(_stored(0.055, p9=0.06)) == [9]
    assert uncertain_points(_stored(0.1)) == list(range(12))
    assert uncertain_points(_stored(0.1, p60=0.2))[-1] == 60
