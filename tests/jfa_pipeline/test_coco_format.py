"""COCO keypoints JSON: pycocotools loads it, the frame is COCO's, nothing is lost on the way back."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from pycocotools.coco import COCO

from jfa_pipeline.core.policy import Policy
from jfa_pipeline.formats.coco import CocoInvalid, CocoWriter, coco_annotation, read_coco
from jfa_pipeline.formats.native import ReleaseEntry
from jfa_pipeline.formats.records import ACCEPTED, IGNORE
from tests.jfa_pipeline import release_records as made
from tests.jfa_pipeline.facepp_answers import DATA_FOLDER

POLICY = Policy(checks=1)


def written(path: Path, entries: list[ReleaseEntry]) -> Path:
    with CocoWriter(path, policy=POLICY) as writer:
        for image, _, faces in entries:
            writer.add(image, faces)
    return path


def one_image() -> list[ReleaseEntry]:
    return [(made.image(1, sha256="cd" * 32), b"", [made.full_face(10, 1), made.ignored_face(11, 1)])]


def test_it_loads_in_pycocotools(tmp_path: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(written(tmp_path / "coco.json", one_image())))
    assert coco.getCatIds(catNms=["face"]) == [1]
    assert len(coco.cats[1]["keypoints"]) == 68
    assert coco.getAnnIds(imgIds=[1], iscrowd=False) == [10]
    assert coco.getAnnIds(imgIds=[1], iscrowd=True) == [11]
    assert coco.loadImgs(1)[0]["file_name"] == "images/cd/" + "cd" * 32 + ".jpg"


def test_it_counts_pixels_from_the_centre_of_the_first() -> None:
    annotation = coco_annotation(made.full_face())
    assert annotation["keypoints"][:6] == [19.75, 29.5, 2, 20.75, 30, 2]
    assert annotation["bbox"] == pytest.approx([20.1, 30.2, 80.2, 90.2])


def test_it_marks_hidden_points_1_and_missing_ones_0() -> None:
    annotation = coco_annotation(made.full_face())
    assert annotation["keypoints"][9:15] == [22.75, 31.0, 1, 0, 0, 0]
    assert annotation["num_keypoints"] == 67


def test_it_makes_an_ignore_region_a_crowd() -> None:
    annotation = coco_annotation(made.ignored_face())
    assert (annotation["iscrowd"], annotation["num_keypoints"], len(annotation["keypoints"])) == (1, 0, 204)


@settings(max_examples=40, deadline=None)
@given(made.entries())
def test_it_loses_nothing_of_any_records(entries: list[ReleaseEntry]) -> None:
    entries = [(replace(image, sha256="ef" * 32), content, faces) for image, content, faces in entries]
    with tempfile.TemporaryDirectory() as folder:
        dataset = read_coco(written(Path(folder) / "coco.json", entries))
    assert dataset.policy == POLICY
    assert dataset.images == [image for image, _, _ in entries]
    assert [[made.as_plain(f) for f in faces] for _, faces in dataset.entries()] == [
        [made.as_plain(f) for f in faces] for _, _, faces in entries
    ]


def foreign(**annotation: Any) -> dict[str, Any]:
    entry = {"id": 5, "image_id": 3, "category_id": 7, "bbox": [10, 20, 30, 40], **annotation}
    return {
        "images": [{"id": 3, "file_name": "a/b.png", "width": 100, "height": 90, "license": 2}],
        "annotations": [entry],
        "categories": [{"id": 7, "name": "face", "keypoints": [str(i) for i in range(68)]}],
        "licenses": [{"id": 2, "name": "CC0"}],
    }


def test_it_reads_a_file_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(foreign(keypoints=[4, 5, 2] * 67 + [0, 0, 0], num_keypoints=67)))
    dataset = read_coco(path)
    (face,) = dataset.faces
    assert dataset.policy is None
    assert (dataset.images[0].extension, dataset.images[0].licence) == ("png", "CC0")
    assert (face.status, tuple(face.labels.box)) == (ACCEPTED, (10, 20, 40, 60))
    assert face.labels.landmarks is not None
    assert face.labels.landmarks[0].tolist() == [4.5, 5.5]
    assert face.labels.visibility is not None
    assert face.labels.visibility[67] == 2


def test_it_reads_a_crowd_as_an_ignore_region(tmp_path: Path) -> None:
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(foreign(iscrowd=1)))
    (face,) = read_coco(path).faces
    assert (face.status, face.labels.landmarks) == (IGNORE, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no JSON"),
        ("{}", "images"),
        ("[]", "cannot be read"),
        (json.dumps(foreign(bbox=[1, 2])), "cannot be read"),
        (json.dumps(foreign(bbox=[1, 2, 0, 5])), "box"),
        (json.dumps(foreign(image_id=99)), "not listed"),
    ],
)
def test_it_says_what_is_wrong_with_a_file(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "coco.json").write_text(text)
    with pytest.raises(CocoInvalid, match=words):
        read_coco(tmp_path / "coco.json")


def test_it_reads_the_layouts_of_real_datasets() -> None:
    folder = DATA_FOLDER / "labelled" / "original"
    if not folder.is_dir():
        pytest.skip(f"needs the research data folder: {folder} is absent")
    read = {path.stem: read_coco(path) for path in sorted(folder.glob("*.json"))}
    assert read
    assert all(dataset.images and dataset.faces for dataset in read.values())
