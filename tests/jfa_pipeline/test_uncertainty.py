"""One number for how unsure a machine is about a face."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jfa_pipeline.coarse.protocol import CoarseFace
from jfa_pipeline.coarse.uncertainty import HALF, face_uncertainty
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
