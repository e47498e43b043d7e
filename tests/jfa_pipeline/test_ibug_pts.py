"""300-W .pts files: counted from 1, all 68 points, layout of the originals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from jfa_pipeline.core.labels import LabelsInvalid
from jfa_pipeline.formats.ibug_pts import PtsInvalid, read_pts, write_pts
from jfa_pipeline.formats.truth_jsonl import read_truth
from tests.jfa_pipeline.facepp_answers import DATA_FOLDER
from tests.jfa_pipeline.release_records import coordinates


def test_it_counts_from_one(tmp_path: Path) -> None:
    path = tmp_path / "a.pts"
    path.write_text("version: 1\nn_points: 68\n{\n" + "1.000 3.500\n" * 68 + "}\n")
    assert read_pts(path)[0].tolist() == [0.5, 3.0]


@settings(max_examples=25, deadline=None)
@given(hnp.arrays(np.float32, (68, 2), elements=coordinates))
def test_it_loses_nothing(tmp_path_factory: pytest.TempPathFactory, points: np.ndarray) -> None:  # type: ignore[type-arg]  # float32
    path = tmp_path_factory.mktemp("pts") / "a.pts"
    write_pts(path, points)
    assert np.array_equal(read_pts(path), points)


def test_it_refuses_a_face_with_missing_points(tmp_path: Path) -> None:
    points = np.zeros((68, 2), np.float32)
    points[4] = np.nan
    with pytest.raises(LabelsInvalid, match="all 68 points"):
        write_pts(tmp_path / "a.pts", points)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version: 1\nn_points: 5\n{\n" + "1 2\n" * 5 + "}\n",
        "version: 1\nn_points: 68\n{\n" + "1 2\n" * 67 + "}\n",
        "version: 1\nn_points: 68\n{\n" + "1 x\n" * 68 + "}\n",
        "version: 1\nn_points: 68\n{\n" + "1 2\n" * 68,
    ],
)
def test_it_refuses_another_layout(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.pts").write_text(text)
    with pytest.raises(PtsInvalid, match=r"a\.pts"):
        read_pts(tmp_path / "a.pts")


def test_it_reads_the_originals_where_the_truth_file_puts_them() -> None:
    folder = DATA_FOLDER / "labelled"
    if not folder.is_dir():
        pytest.skip(f"needs the research data folder: {folder} is absent")
    checked = 0
    for face in read_truth(folder / "truth.jsonl"):
        original = (folder / face.file).with_suffix(".pts")
        if original.is_file():
            assert read_pts(original) == pytest.approx(face.points, abs=0.01)
            checked += 1
    assert checked >= 4
