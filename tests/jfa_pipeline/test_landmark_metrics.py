"""Landmark figures by hand (P7-23, P7-24) and their properties (P7-32)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.metrics.landmarks import (
    ced_auc,
    failure_rate,
    mean_of_detected,
    nme,
    nme_by_region,
    normaliser_px,
)

TRUTH = np.random.default_rng(7).uniform(0, 200, (68, 2))
TRUTH[36], TRUTH[45] = (50, 80), (150, 80)
ERRORS = (0.02, 0.04, 0.06, 0.08, 0.30)


def test_it_gives_5_percent_for_a_3_4_shift_at_100_pixels() -> None:
    assert nme(np.add(TRUTH, (3, 4)), TRUTH) == pytest.approx(0.05)


def test_it_tells_the_mean_from_the_root_mean_square() -> None:
    found = TRUTH.copy()
    found[:34, 0] += 10
    assert nme(found, TRUTH) == pytest.approx(0.05)
    assert nme(found, TRUTH, rms=True) == pytest.approx(0.0707, abs=1e-4)


def test_it_names_its_normaliser() -> None:
    box = Box(0, 0, 90, 160)
    assert normaliser_px(TRUTH, box, "interocular") == 100
    assert normaliser_px(TRUTH, box, "box_side") == 120
    assert normaliser_px(TRUTH, box, "box_diagonal") == pytest.approx(math.hypot(90, 160))
    eyes = TRUTH[36:42].mean(axis=0) - TRUTH[42:48].mean(axis=0)
    assert normaliser_px(TRUTH, box, "interpupil") == pytest.approx(float(np.linalg.norm(eyes)))
    with pytest.raises(ValueError, match="nose"):
        normaliser_px(TRUTH, box, "nose")  # type: ignore[arg-type]  # an unknown name is the point


def test_it_leaves_unlabelled_points_out() -> None:
    partly = TRUTH.copy()
    partly[:10] = np.nan
    found = np.add(TRUTH, (3, 4))
    found[:10] += 1000
    assert nme(found, partly) == pytest.approx(0.05)
    partly[36] = np.nan
    assert math.isnan(nme(found, partly))
    assert math.isnan(nme(found, np.full((68, 2), np.nan)))


def test_it_splits_the_error_by_region() -> None:
    found = TRUTH.copy()
    found[48:68] += (0, 20)
    by_region = nme_by_region(found, TRUTH)
    assert by_region["lips"] == pytest.approx(0.2)
    assert by_region["eyes"] == 0
    partly = TRUTH.copy()
    partly[:17] = np.nan
    assert set(nme_by_region(found, partly)) == {"brows", "nose", "eyes", "lips"}


@pytest.mark.parametrize(
    ("error_max", "auc", "failures"), [(0.1, 0.4, 0.2), (0.2, 0.6, 0.2), (0.3, 2 / 3, 0.0)]
)
def test_it_gives_the_hand_checked_curve(error_max: float, auc: float, failures: float) -> None:
    assert ced_auc(ERRORS, error_max) == pytest.approx(auc)
    assert failure_rate(ERRORS, error_max) == failures


def test_it_agrees_with_a_fine_trapezoid_sum() -> None:
    for error_max in (0.1, 0.2, 0.3):
        grid = np.linspace(0, error_max, 4001)
        curve = [np.mean(np.array(ERRORS) <= t) for t in grid]
        assert ced_auc(ERRORS, error_max) == pytest.approx(np.trapezoid(curve, grid) / error_max, abs=1e-3)


def test_it_counts_an_undetected_face_as_a_failure_but_not_in_the_mean() -> None:
    errors = (*ERRORS, math.inf)
    assert failure_rate(errors, 0.3) == pytest.approx(1 / 6)
    assert ced_auc(errors, 0.1) == pytest.approx(0.4 * 5 / 6)
    assert mean_of_detected(errors) == pytest.approx(0.1)
    assert (ced_auc((), 0.1), failure_rate((), 0.1), mean_of_detected((math.inf,))) == (None, None, None)


def test_it_reproduces_a_published_failure_rate() -> None:
    assert failure_rate([1.0] * 41 + [0.0] * 559, 0.1) == pytest.approx(0.0683, abs=5e-5)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0.01, 1), st.floats(0.01, 1))
def test_it_never_loses_area_when_the_limit_rises(errors: list[float], a: float, b: float) -> None:
    low, high = ced_auc(errors, min(a, b)), ced_auc(errors, max(a, b))
    assert low is not None
    assert high is not None
    assert low <= high + 1e-12


@given(st.floats(0.1, 20), st.floats(-500, 500))
def test_it_does_not_depend_on_place_and_scale(scale: float, shift: float) -> None:
    found = TRUTH + np.random.default_rng(1).normal(0, 3, TRUTH.shape)
    assert nme(found * scale + shift, TRUTH * scale + shift) == pytest.approx(nme(found, TRUTH))
