"""Benchmark truth: frames, schemes, gaps, and the lines that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.formats.truth_jsonl import TruthInvalid, read_truth
from jfa_pipeline.steps.landmarks98 import IBUG68_IN_WFLW98, ibug68_from_98


def truth(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "truth.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


def test_it_puts_points_into_the_continuous_frame_and_leaves_box_edges(tmp_path: Path) -> None:
    row = {"file": "a.jpg", "source": "s", "scheme": "ibug68", "points": [[1, 2]] * 68, "box": [1, 2, 30, 40]}
    (face,) = read_truth(truth(tmp_path, row))
    assert face.points is not None
    assert face.points[0].tolist() == [1.5, 2.5]
    assert face.box == face.extent() == Box(1, 2, 30, 40)
    assert face.landmarks68() is face.points


def test_it_leaves_gaps_where_a_point_is_null(tmp_path: Path) -> None:
    row = {"file": "a.jpg", "source": "s", "scheme": "aflw19", "points": [None, [4, 5], [8, 15]], "box": None}
    (face,) = read_truth(truth(tmp_path, "", row, ""))
    assert face.points is not None
    assert np.isnan(face.points[0]).all()
    assert face.landmarks68() is None
    assert face.extent() == Box(4.5, 5.5, 8.5, 15.5)


def test_it_takes_the_68_points_out_of_98(tmp_path: Path) -> None:
    points = [[i, 2 * i] for i in range(98)]
    (face,) = read_truth(truth(tmp_path, {"file": "a", "scheme": "wflw98", "points": points, "box": None}))
    found = face.landmarks68()
    assert found is not None
    assert found.shape == (68, 2)
    assert (found[:, 0] - 0.5).astype(int).tolist() == list(IBUG68_IN_WFLW98)
    assert found[8, 0] == 16.5  # the chin
    assert len(set(IBUG68_IN_WFLW98)) == 68


def test_it_refuses_points_of_another_number() -> None:
    with pytest.raises(ValueError, match="98"):
        ibug68_from_98(np.zeros((68, 2)))


@pytest.mark.parametrize(
    "row",
    [
        "{",
        {"source": "s"},
        {"file": "a", "scheme": "ibug68", "points": [[1, 2]]},
        {"file": "a", "box": [3, 0, 1, 9]},
    ],
)
def test_it_names_the_line_that_cannot_be_read(tmp_path: Path, row: object) -> None:
    good = {"file": "a", "scheme": None, "points": None, "box": [0, 0, 1, 1]}
    with pytest.raises(TruthInvalid, match=r"truth\.jsonl, line 2"):
        read_truth(truth(tmp_path, good, row))
