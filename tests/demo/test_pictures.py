"""The demo's pictures: free to give away, the same every time, with faces that the detectors see."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from annotator.demo.pictures import SCENE_PEOPLE, photographs, pictures_write, rendered
from jfa_pipeline.coarse.centerface import CenterFace


def upright(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))


def test_it_draws_the_same_scene_every_time() -> None:
    draw = rendered()["scene-02.jpg"]
    assert draw() == draw()


def test_it_draws_another_scene_for_another_number() -> None:
    scenes = rendered()
    assert len(scenes) == len(SCENE_PEOPLE) == 14
    assert scenes["scene-01.jpg"]() != scenes["scene-03.jpg"]()


@pytest.mark.parametrize("number", [1, 2, 4])
def test_it_draws_people_whom_the_detector_sees(number: int) -> None:
    found = CenterFace().detect(upright(rendered()[f"scene-{number:02}.jpg"]()))
    assert len(found) == SCENE_PEOPLE[number - 1]


@pytest.mark.parametrize("name", list(photographs()))
def test_it_carries_photographs_with_one_face_each(name: str) -> None:
    assert len(CenterFace().detect(upright(photographs()[name]()))) == 1


def test_it_has_a_photograph_that_only_exif_sets_upright() -> None:
    with Image.open(io.BytesIO(photographs()["astronaut-turned.jpg"]())) as picture:
        assert picture.size == (1024, 784)
        assert picture.getexif()[0x0112] == 6


def test_it_writes_only_what_the_folder_lacks(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "kept.jpg").write_bytes(b"already here")
    pictures_write(folder=folder, pictures={"kept.jpg": lambda: b"drawn", "new.jpg": lambda: b"drawn"})
    assert (folder / "kept.jpg").read_bytes() == b"already here"
    assert (folder / "new.jpg").read_bytes() == b"drawn"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pictures"]
