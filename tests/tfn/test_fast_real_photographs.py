"""What the benchmark on real photographs learns from: names, the split by subject, missing labels."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.real_photographs import CoarseLabel, Photograph, RealPictures, photographs, targets_of
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from tfn.targets import MISSING_CLASS


def coarse(box: Box, *, score: float = 0.9, spread: float = 0.005, unsure: bool = False) -> CoarseLabel:
    points = np.full((68, 2), 50, dtype=np.float32)
    labels = FaceLabels(box=box, landmarks=points, age=33.0, gender="female")
    return CoarseLabel(labels, score, spread, unsure)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in (
        "utkface/7_1_2_20161219.jpg.chip.jpg",
        "utkface/110_0_0_20170104.jpg.chip.jpg",
        "utkface/unlabelled.jpg",
        "lfw/Ann_Example_0001.jpg",
        "lfw/Ann_Example_0002.jpg",
        "scenes/stock-emotions-a-1.jpg",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), np.full((200, 200, 3), 90, dtype=np.uint8))
    return tmp_path


def test_it_reads_age_gender_and_ethnicity_from_a_chips_name(data: Path) -> None:
    chips = {photo.path.name[:3]: photo for photo in photographs(data) if photo.kind == "chip"}
    assert len(chips) == 2
    assert (chips["7_1"].age, chips["7_1"].gender, chips["7_1"].ethnicity) == (7.0, "female", "asian")
    assert (chips["110"].age, chips["110"].gender, chips["110"].ethnicity) == (100.0, "male", "white")


def test_all_photographs_of_a_person_fall_on_the_same_side_of_the_split(data: Path) -> None:
    portraits = [photo for photo in photographs(data) if photo.kind == "portrait"]
    assert {photo.subject for photo in portraits} == {"Ann_Example"}
    assert len({photo.is_held_out for photo in portraits}) == 1


def test_about_a_fifth_is_held_out_and_always_the_same() -> None:
    photos = [Photograph(Path(f"{number}.jpg"), "chip", f"{number}") for number in range(5000)]
    held = [photo.subject for photo in photos if photo.is_held_out]
    assert 900 < len(held) < 1100
    assert held[:3] == [photo.subject for photo in photos if photo.is_held_out][:3]


def test_a_folder_without_chips_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="No face chips"):
        photographs(tmp_path)


def test_a_chips_own_labels_go_to_its_largest_face_and_the_others_are_ignored() -> None:
    photo = Photograph(Path("utkface/x.jpg"), "chip", "x", 41.0, "male", "indian")
    targets = targets_of(photo, [coarse(Box(0, 0, 40, 40)), coarse(Box(20, 20, 180, 190))])
    assert targets.boxes.tolist() == [[20, 20, 180, 190]]
    assert targets.ignored.tolist() == [[0, 0, 40, 40]]
    assert float(targets.age[0]) == 41
    assert (int(targets.gender[0]), int(targets.ethnicity[0])) == (1, 2)
    assert bool(targets.has_point.all())


def test_a_models_age_and_gender_are_never_learnt_from() -> None:
    photo = Photograph(Path("lfw/x.jpg"), "portrait", "x")
    targets = targets_of(photo, [coarse(Box(20, 20, 180, 190))])
    assert np.isnan(float(targets.age[0]))
    assert int(targets.gender[0]) == int(targets.ethnicity[0]) == MISSING_CLASS


def test_unsure_faces_are_ignored_and_unsteady_or_small_ones_give_no_points() -> None:
    photo = Photograph(Path("lfw/x.jpg"), "portrait", "x")
    targets = targets_of(
        photo,
        [
            coarse(Box(0, 0, 100, 100), spread=0.1),
            coarse(Box(100, 0, 130, 40)),
            coarse(Box(0, 100, 90, 190), score=0.3),
            coarse(Box(100, 100, 190, 190), unsure=True),
        ],
    )
    assert len(targets) == 2
    assert len(targets.ignored) == 2
    assert not bool(targets.has_point.any())


def test_a_large_photograph_is_kept_smaller_and_its_labels_with_it(tmp_path: Path) -> None:
    path = tmp_path / "scenes" / "wide.jpg"
    path.parent.mkdir()
    cv2.imwrite(str(path), np.zeros((640, 1280, 3), dtype=np.uint8))
    photo = Photograph(path, "scene", "wide")
    pictures = RealPictures.of([photo], {photo.key: [coarse(Box(100, 100, 300, 400))]})
    picture = pictures.picture(0)
    assert picture.pixels.shape == (320, 640, 3)
    assert picture.targets.boxes.tolist() == [[50, 50, 150, 200]]
    assert picture.targets.landmarks[0, 0].tolist() == [25, 25]


def test_photographs_without_a_sure_face_are_left_out() -> None:
    photo = Photograph(Path("lfw/x.jpg"), "portrait", "x")
    assert len(RealPictures.of([photo], {photo.key: [coarse(Box(0, 0, 90, 90), score=0.4)]})) == 0
