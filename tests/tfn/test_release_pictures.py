"""What training reads from a release: labels, missing labels, ignore regions, files that are not right."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from jfa_pipeline.aggregate.age import summarise_ages
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import MISSING, FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.formats.native import COCO, ReleaseEntry, write_native
from jfa_pipeline.formats.records import ACCEPTED, IGNORE, ReleaseFace, ReleaseImage
from tfn.assign import BACKGROUND, IGNORED, assign_anchors, assign_rois
from tfn.config import RpnConfig
from tfn.data.pictures import PictureUnreadable
from tfn.data.records import coco_pictures, release_pictures
from tfn.targets import MISSING_CLASS

POLICY = Policy(genders=("female", "male"), ethnicities=("red", "blue"))


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Two pictures: one with a full face, a flagged one and an ignore region; one with no face."""
    points = np.stack([np.arange(68) + 20.0, np.arange(68) * 0.5 + 30], axis=1).astype(np.float32)
    states = np.zeros(68, np.uint8)
    states[4] = MISSING
    full = FaceLabels(Box(20, 30, 90, 70), points, states, gender="male", ethnicity="blue")
    flagged = FaceLabels(Box(100, 10, 130, 40), gender="unsure", flags=frozenset({"blurred"}))
    faces = [
        ReleaseFace(1, 1, ACCEPTED, full, age=summarise_ages([28, 30, 35])),
        ReleaseFace(2, 1, ACCEPTED, flagged),
        ReleaseFace(3, 1, IGNORE, FaceLabels(Box(0, 80, 40, 120))),
    ]
    entries = []
    for number, own in ((1, faces), (2, [])):
        file = tmp_path / f"{number}.png"
        cv2.imwrite(str(file), np.full((120, 160, 3), 40 * number, np.uint8))
        split = "train" if number == 1 else "test"
        entries.append(
            (ReleaseImage(number, file.name, 160, 120, "png", split=split), file.read_bytes(), own)
        )
    return entries_written(tmp_path / "release", entries)


def entries_written(folder: Path, entries: list[ReleaseEntry]) -> Path:
    write_native(folder, entries, policy=POLICY)
    return folder


def test_it_reads_labels_and_marks_what_is_missing(release: Path) -> None:
    pictures = release_pictures(release, "train")
    assert (len(pictures), pictures.ethnicities) == (1, ("red", "blue"))
    pixels, targets, name = pictures.picture(0)
    assert (pixels.shape, name) == ((120, 160, 3), "1.png")
    assert targets.boxes.tolist() == [[20, 30, 90, 70], [100, 10, 130, 40]]
    assert targets.has_point.sum(dim=1).tolist() == [67, 0]
    assert not targets.has_point[0, 4]
    assert torch.isfinite(targets.landmarks).all()
    assert targets.landmarks[0, 10].tolist() == [30, 35]
    assert targets.age[0] == 31
    assert targets.age_sd[0] == pytest.approx(3.605551)
    assert torch.isnan(targets.age[1])
    assert targets.gender.tolist() == [1, MISSING_CLASS]
    assert targets.ethnicity.tolist() == [1, MISSING_CLASS]
    assert targets.ignored.tolist() == [[0, 80, 40, 120]]


def test_an_ignore_region_is_neither_face_nor_background(release: Path) -> None:
    targets = release_pictures(release).picture(0).targets
    anchors = torch.tensor([[2.0, 82, 38, 118], [60, 80, 100, 118]])
    labels, _ = assign_anchors(anchors, targets.boxes[:0], targets.ignored, RpnConfig())
    assert labels.tolist() == [IGNORED, BACKGROUND]
    labels, _ = assign_rois(anchors, targets.boxes[:0], targets.ignored, 0.5)
    assert labels.tolist() == [IGNORED, BACKGROUND]


def test_flagged_faces_count_unless_evaluation_asks_otherwise(release: Path) -> None:
    targets = release_pictures(release, "train", ignore_flagged=True).picture(0).targets
    assert targets.boxes.tolist() == [[20, 30, 90, 70]]
    assert sorted(targets.ignored.tolist()) == [[0, 80, 40, 120], [100, 10, 130, 40]]


def test_a_coco_file_gives_the_same_labels(release: Path) -> None:
    pictures = release_pictures(release)
    found = coco_pictures(release / COCO, release, (), ())
    first, second = pictures.picture(0).targets, found.picture(0).targets
    assert torch.equal(first.boxes, second.boxes)
    assert torch.equal(first.has_point, second.has_point)
    assert torch.equal(first.gender, second.gender)
    assert torch.equal(first.ignored, second.ignored)


def test_it_names_a_file_that_is_corrupt_gone_or_of_another_size(release: Path) -> None:
    pictures = release_pictures(release)
    path = pictures.path_of(pictures.entries[0][0])
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(PictureUnreadable, match=r"1\.png"):
        pictures.picture(0)
    cv2.imwrite(str(path), np.zeros((40, 50, 3), np.uint8))
    with pytest.raises(PictureUnreadable, match="50 x 40, not 160 x 120"):
        pictures.picture(0)
    path.unlink()
    with pytest.raises(PictureUnreadable, match="cannot be opened"):
        pictures.picture(0)


def test_it_refuses_a_split_that_is_not_there(release: Path) -> None:
    with pytest.raises(ValueError, match="no picture in the split 'val'"):
        release_pictures(release, "val")
