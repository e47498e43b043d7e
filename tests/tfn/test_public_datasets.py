"""Readers of WIDER FACE, 300-W and MORPH II on files in their own layout, and the paper's experiments on those."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from jfa_pipeline.formats.ibug_pts import write_pts
from tfn.config import TfnConfig
from tfn.data.batches import NO_AUGMENTATION
from tfn.data.files import DatasetLayoutError
from tfn.data.morph2 import morph2_pictures
from tfn.data.pictures import ProceduralPictures
from tfn.data.procedural import Scene
from tfn.data.w300 import w300_pictures
from tfn.data.widerface import widerface_pictures
from tfn.model_file import load_model
from tfn.reproduce import TABLE_IV, TABLE_V, Run, reproduce
from tfn.train.events import Silent

DRAWN = ProceduralPictures(4, 7, Scene(side=64, face=(24, 36), faces=(1, 1)))

WIDER_LISTING = """0--Parade/0_Parade_1.jpg
3
10 12 20 24 0 0 0 0 0 0
40 8 16 18 2 0 0 1 2 0
5 5 0 0 0 0 0 0 0 0
0--Parade/0_Parade_2.jpg
0
0 0 0 0 0 0 0 0 0 0
1--Handshaking/1_Handshaking_3.jpg
1
20 20 30 30 1 0 1 0 0 1
"""


def picture(path: Path, number: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), DRAWN.picture(number % len(DRAWN)).pixels[..., ::-1])


@pytest.fixture
def wider(tmp_path: Path) -> Path:
    folder = tmp_path / "wider"
    for split in ("train", "val"):
        listing = folder / "wider_face_split" / f"wider_face_{split}_bbx_gt.txt"
        listing.parent.mkdir(parents=True, exist_ok=True)
        listing.write_text(WIDER_LISTING)
        for number, line in enumerate(line for line in WIDER_LISTING.splitlines() if line.endswith(".jpg")):
            picture(folder / f"WIDER_{split}" / "images" / line, number)
    return folder


@pytest.fixture
def w300(tmp_path: Path) -> Path:
    folder = tmp_path / "w300"
    for place, suffix in (
        ("lfpw/trainset", ".png"),
        ("helen/trainset", ".jpg"),
        ("afw", ".jpg"),
        ("300W/01_Indoor", ".png"),
        ("300W/02_Outdoor", ".png"),
    ):
        for number in range(2):
            file = folder / place / f"image_{number:04}{suffix}"
            picture(file, number)
            write_pts(file.with_suffix(".pts"), DRAWN.picture(number).targets.landmarks[0].numpy())
    return folder


@pytest.fixture
def morph(tmp_path: Path) -> Path:
    folder = tmp_path / "morph"
    rows = ["id_num,picture_num,dob,doa,race,gender,facial_hair,age,age_diff,glasses,photo"]
    for person in range(24):
        race, gender = "BWH"[person % 3], "MMMF"[person // 3 % 4]
        name = f"Album2/{person:06}_0{gender}{20 + person}.JPG"
        rows.append(f"{person:06},0,1/1/1970,1/1/2000,{race},{gender},NULL,{20 + person},0,0,{name}")
        picture(folder / name, person)
    (folder / "MORPH_2008_nonCommercial.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_it_reads_wider_face_with_invalid_faces_as_ignore_regions(wider: Path) -> None:
    pictures = widerface_pictures(wider, "train")
    assert len(pictures) == 3
    first, second, third = (pictures.picture(number) for number in range(3))
    assert first.name == "0--Parade/0_Parade_1.jpg"
    assert first.targets.boxes.tolist() == [[10, 12, 30, 36]]
    assert first.targets.ignored.tolist() == [[40, 8, 56, 26]]
    assert not first.targets.has_point.any()
    assert (len(second.targets), third.targets.boxes.tolist()) == (0, [[20, 20, 50, 50]])


def test_it_reads_300w_and_makes_boxes_that_reach_over_the_forehead(w300: Path) -> None:
    pictures = w300_pictures(w300, "train", forehead=0.5)
    assert [file.name for file in pictures.files][::2] == [
        "lfpw/trainset/image_0000.png", "helen/trainset/image_0000.jpg", "afw/image_0000.jpg",
    ]  # fmt: skip
    targets = pictures.picture(0).targets
    truth = DRAWN.picture(0).targets.landmarks[0]
    np.testing.assert_allclose(targets.landmarks[0], truth, atol=1e-4)
    low, high = truth.min(dim=0).values, truth.max(dim=0).values
    top = float(low[1] - 0.5 * (high[1] - low[1]))
    assert targets.boxes[0].tolist() == pytest.approx(
        [float(low[0]), top, float(high[0]), float(high[1])], abs=1e-4
    )
    assert len(w300_pictures(w300, "test")) == len(w300_pictures(w300, "indoor")) * 2


def test_it_reads_morph_and_splits_people_as_the_literature_does(morph: Path) -> None:
    parts = morph2_pictures(morph, lambda path: (1, 2, 50, 60), size=8)
    races = {name: [int(file.targets.ethnicity[0]) for file in part.files] for name, part in parts.items()}
    assert sum(len(found) for found in races.values()) == 24
    for name in ("S1", "S2"):
        assert sorted(races[name]) == [0, 0, 0, 0, 1, 1, 1, 1]
        assert sum(int(file.targets.gender[0]) for file in parts[name].files) == 6
    assert set(races["S3"]) == {2}
    file = parts["S1"].files[0]
    assert float(file.targets.age[0]) == 20 + int(file.subject)
    people = [{file.subject for file in part.files} for part in parts.values()]
    assert not people[0] & people[1]
    (morph / "S1.txt").write_text("000000_0M20.JPG\n")
    (morph / "S2.txt").write_text("000001_0M21.JPG\n")
    given = morph2_pictures(morph, lambda path: (1, 2, 50, 60))
    assert [len(given[part]) for part in ("S1", "S2", "S3")] == [1, 1, 22]


def test_it_names_what_a_folder_lacks(wider: Path, w300: Path, morph: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetLayoutError, match="wider_face_train_bbx_gt"):
        widerface_pictures(tmp_path, "train")
    listing = wider / "wider_face_split" / "wider_face_train_bbx_gt.txt"
    listing.write_text("a/b.jpg\n1\n1 2 3\n")
    with pytest.raises(DatasetLayoutError, match=r"line 1 \(a/b.jpg\)"):
        widerface_pictures(wider, "train")
    (w300 / "afw" / "image_0000.jpg").unlink()
    with pytest.raises(DatasetLayoutError, match="no picture beside it"):
        w300_pictures(w300, "train")
    (morph / "MORPH_2008_nonCommercial.csv").write_text("id_num,photo\n1,a.jpg\n")
    with pytest.raises(DatasetLayoutError, match="age, gender, race"):
        morph2_pictures(morph, lambda path: (0, 0, 1, 1))


@pytest.fixture
def run_of(micro: TfnConfig, tmp_path: Path) -> Callable[..., Run]:
    config = replace(micro, rpn=replace(micro.rpn, scales=((16, 24, 32), (40, 48, 64))))

    def make(folder: Path, model: str | None = None) -> Run:
        return Run(
            folder,
            tmp_path / "out",
            config,
            start="random",
            model=None if model is None else Path(model),
            steps=2,
            batch=2,
            augmentation=NO_AUGMENTATION,
        )

    return make


def test_it_runs_the_three_experiments_one_after_the_other(
    wider: Path, w300: Path, morph: Path, run_of: Callable[..., Run]
) -> None:
    first = reproduce("widerface", run_of(wider), Silent())
    assert (first["faces_n"], first["paper"]) == (2, None)
    second = reproduce("300w", run_of(w300, first["network"]), Silent())
    assert second["paper"] == TABLE_IV
    assert 0 <= second["ours"]["auc_0.1"] <= 1
    assert second["ours"]["nme_interocular_n"] == 4
    assert load_model(Path(second["network"])).stages == ("S2", "S3")
    third = reproduce("morph2", run_of(morph, second["network"]), Silent())
    assert third["paper"] == TABLE_V
    assert set(third["ours"]) == {"S1", "S2", "age_mae_average"}


def test_it_refuses_an_unknown_experiment(wider: Path, run_of: Callable[..., Run]) -> None:
    with pytest.raises(ValueError, match="none of widerface"):
        reproduce("aflw", run_of(wider), Silent())
