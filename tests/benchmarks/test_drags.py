"""The simulated annotator of ``benchmarks.drags``: the worst point first, until the mean error is small enough."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.drags import Case, drags_needed, in_box, invented_heads, main, ratios, real_faces
from jfa_pipeline.metrics.landmarks import nme
from jfa_pipeline.statistics.shape_model import default_shape_model

MODEL = default_shape_model()
TRUTH = 500 * MODEL.mean + 1000


def off_by(*moves: tuple[int, float]) -> Case:
    """A pre-label with some points off by so many distances between the eye corners; the others are right."""
    begin = TRUTH.copy()
    for index, far in moves:
        begin[index, 0] += 500 * far
    return Case("made", begin, TRUTH, "prelabel")


def test_it_needs_no_drag_for_points_that_are_right() -> None:
    assert drags_needed(off_by(), model=None, seed=0) == [0, 0]


def test_it_drags_the_worst_points_first_and_stops_at_each_level() -> None:
    """68 * 0.03 = 2.04 and 68 * 0.02 = 1.36: of 1.0 + 0.8 + 0.5 = 2.3 one drag leaves 1.3 and both levels are met."""
    assert drags_needed(off_by((0, 0.5), (5, 1.0), (9, 0.8)), model=None, seed=0) == [1, 1]
    assert drags_needed(off_by((0, 0.7), (5, 0.7), (9, 0.7), (12, 0.7)), model=None, seed=0) == [2, 3]


def test_it_gives_up_in_words_when_the_hand_is_too_unsteady(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.drags.HAND_SD", 0.5)

    with pytest.raises(RuntimeError, match="after 400 drags"):
        drags_needed(off_by(*((index, 1.0) for index in range(68))), model=None, seed=0)


def test_it_starts_upright_in_the_box_around_the_true_points() -> None:
    begin = in_box(MODEL, TRUTH)

    assert np.allclose(begin, TRUTH)
    for case in invented_heads(MODEL, 5):
        assert 0.04 < nme(case.begin, case.truth) < 1.0
        middle = (case.begin.min(axis=0) + case.begin.max(axis=0)) / 2
        assert np.allclose(middle, (case.truth.min(axis=0) + case.truth.max(axis=0)) / 2)


def test_it_needs_at_most_a_third_of_the_drags_with_the_shape_model() -> None:
    cases = invented_heads(MODEL, 12)

    shape = np.array([drags_needed(case, model=MODEL, seed=1) for case in cases])
    plain = np.array([drags_needed(case, model=None, seed=1) for case in cases])

    assert shape[:, 1].sum() < plain[:, 1].sum() / 3
    assert (shape[:, 0] <= shape[:, 1]).all()


def test_it_reports_sums_quotients_and_medians() -> None:
    shape, plain = np.array([[1, 2], [3, 4], [2, 3]]), np.array([[4, 8], [8, 10], [6, 18]])

    found = ratios(shape, plain)

    assert found["n"] == 3
    assert found["shape_over_plain_2pct"] == 0.25
    assert (found["median_shape_2pct"], found["median_plain_2pct"]) == (3.0, 10.0)
    assert ratios(shape[:0], plain[:0])["shape_over_plain_2pct"] is None


def test_it_says_why_the_real_faces_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert real_faces(tmp_path) == []
    assert "Real faces are left out" in capsys.readouterr().out


def test_it_offers_a_folder_and_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--data" in capsys.readouterr().out
