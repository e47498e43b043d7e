"""The shape model: a covariance that is one, files that are checked, estimates that find what was planted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.drags import TEST_SEED
from jfa_pipeline.cli import main
from jfa_pipeline.core.ibug68 import FLIP
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.formats.native import write_native
from jfa_pipeline.statistics.head_shapes import head_shapes
from jfa_pipeline.statistics.shape_estimation import (
    DEFAULT_SEED,
    aligned_to,
    estimate_shape_model,
)
from jfa_pipeline.statistics.shape_model import (
    DEFAULT_FILE,
    STARTS,
    ShapeModelInvalid,
    Start,
    along_curve,
    default_shape_model,
    read_shape_model,
    shape_model_from_json,
    shape_model_text,
)
from tests.jfa_pipeline.release_records import full_face, ignored_face, image

MODEL = default_shape_model()


@pytest.mark.parametrize("start", STARTS)
def test_it_has_a_symmetric_positive_covariance(start: Start) -> None:
    covariance = MODEL.covariance(start)

    assert np.allclose(covariance, covariance.T)
    assert np.linalg.eigvalsh(covariance).min() > 0
    assert MODEL.covariance(start) is covariance
    assert not covariance.flags.writeable


def test_it_ships_a_face_with_level_eyes_and_alike_sides() -> None:
    assert np.allclose(MODEL.mean[45] - MODEL.mean[36], [1, 0], atol=1e-3)
    assert np.allclose(MODEL.mean.mean(axis=0), 0, atol=1e-3)
    assert np.allclose(MODEL.mean[FLIP] * (-1, 1), MODEL.mean, atol=1e-3)
    assert MODEL.mean[8, 1] > MODEL.mean[57, 1] > MODEL.mean[33, 1] > MODEL.mean[36, 1] > MODEL.mean[19, 1]


def test_it_is_estimated_on_other_heads_than_the_benchmark_tests() -> None:
    assert DEFAULT_SEED != TEST_SEED
    assert not np.allclose(head_shapes(1, DEFAULT_SEED), head_shapes(1, TEST_SEED))


def test_it_reads_what_it_writes(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(shape_model_text(MODEL))

    again = read_shape_model(path)

    assert path.read_bytes() == DEFAULT_FILE.read_bytes()
    assert np.array_equal(again.covariance("template"), MODEL.covariance("template"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format_version": 2}, "version 1"),
        ({"mean": [0, 1]}, "damaged"),
        ({"mean": [0] * 136}, "1 apart"),
        ({"stiffness": {}}, "jaw"),
        ({"priors": {"template": {"similarity": 1}}}, "damaged"),
        ({"modes": [[None] * 136]}, "damaged"),
    ],
)
def test_it_refuses_a_file_that_is_damaged_in_words(change: dict[str, object], words: str) -> None:
    with pytest.raises(ShapeModelInvalid, match=words):
        shape_model_from_json(MODEL.to_json() | change)


def test_it_refuses_a_file_that_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text("{")

    with pytest.raises(ShapeModelInvalid, match=r"model\.json is no JSON"):
        read_shape_model(path)


def test_it_measures_along_the_curve_and_across_a_closed_one() -> None:
    square: NDArray[np.float64] = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])

    assert along_curve(square, closed=False)[0].tolist() == [0, 1, 2, 3]
    chord = 4 / np.pi
    assert np.allclose(
        along_curve(square, closed=True)[0], [0, chord / np.sqrt(2), chord, chord / np.sqrt(2)]
    )


def test_it_aligns_faces_that_differ_by_place_size_and_roll_only() -> None:
    face = head_shapes(1, 3)[0]
    turned = (face @ np.array([[0.6, 0.8], [-0.8, 0.6]])) * 3 + (100, -40)

    assert np.allclose(aligned_to(np.stack([face, turned]), face), face, atol=1e-9)


def test_it_finds_a_planted_way_of_moving() -> None:
    """Faces that differ in the height of the mouth only, and in noise of 0.5 %: one mode, and it is that."""
    random = np.random.default_rng(1)
    shapes = np.repeat(MODEL.mean[None], 600, axis=0) + random.normal(0, 0.005, (600, 68, 2))
    shapes[:, 48:68, 1] += random.normal(0, 0.1, (600, 1))

    found = estimate_shape_model(shapes, source="planted")

    lengths = np.linalg.norm(found.modes.reshape(len(found.modes), -1), axis=1)
    assert lengths[0] > 10 * lengths[1]
    share = (found.modes[0, 48:68, 1] ** 2).sum() / (found.modes[0] ** 2).sum()
    assert share > 0.6, "the rest is how the alignment shares the movement out"
    assert 0.003 < found.stiffness["eyes"].noise < 0.006


def test_it_lets_few_faces_change_the_prior_a_little_and_many_much() -> None:
    wide = MODEL.mean.copy()
    wide[48] -= (0.1, 0)
    wide[54] += (0.1, 0)

    def width(faces: int) -> float:
        found = estimate_shape_model(np.repeat(wide[None], faces, axis=0), source="wide", prior=MODEL)
        return float(found.mean[54, 0] - found.mean[48, 0] - MODEL.mean[54, 0] + MODEL.mean[48, 0])

    assert 0 < width(3) < 0.01
    assert width(3000) == pytest.approx(0.2 * 10 / 11, abs=0.02)


def test_it_leaves_out_faces_with_missing_points_and_refuses_too_few() -> None:
    shapes = head_shapes(210, 2)
    shapes[:11, 5] = np.nan

    with pytest.raises(ValueError, match="199 faces"):
        estimate_shape_model(shapes, source="few")
    with pytest.raises(ValueError, match="at least one"):
        estimate_shape_model(shapes[:11], source="none", prior=MODEL)
    with pytest.raises(ValueError, match="shape"):
        estimate_shape_model(np.zeros((5, 67, 2)), source="short")


def test_it_estimates_from_the_accepted_faces_of_a_release(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = (head_shapes(1, 8)[0] + 150).astype(np.float32)

    def face(number: int, image_id: int) -> object:
        labels = FaceLabels(full_face().labels.box, head)
        return replace(full_face(number, image_id), labels=labels)

    entries = [
        (image(1), b"one", [face(10, 1), ignored_face(11, 1)]),
        (image(2, original_sha256="cd" * 32, split="test"), b"two", [face(20, 2)]),
        (image(3, original_sha256="ef" * 32), b"three", [full_face(30, 3)]),
    ]
    write_native(tmp_path / "release", entries, policy=Policy())  # type: ignore[arg-type]  # faces made by replace
    out = tmp_path / "model.json"

    assert main(["shape-model", str(tmp_path / "release"), "--out", str(out)]) == 0

    assert json.loads(capsys.readouterr().out)["faces"] == 1, (
        "not the ignored, the test split's, the incomplete one"
    )
    assert read_shape_model(out).source == "accepted faces of release release"
    assert main(["shape-model", str(tmp_path), "--out", str(out)]) == 1
    assert "no release folder" in capsys.readouterr().err
