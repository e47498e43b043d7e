"""What the simulated people look at: pictures as files, and what is true of them.

``procedural``: drawn faces, every label exact. ``chips``: UTKFace chips of a folder laid out like shared/data; age,
gender and ethnicity are in the file's name, the box is the coarse provider's, since nobody knows better, and there
are no landmarks. Chips are read where they lie and uploaded; they are never copied into the project (UTKFace is for
non-commercial research).
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np

from benchmarks.real_photographs import Photograph, photographs
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from tfn.data.procedural import ETHNICITIES, GENDERS, Scene, procedural_picture
from tfn.targets import Targets

Setting = Literal["procedural", "chips"]

SCENE: Final = Scene(side=128, face=(30.0, 64.0), faces=(2, 3))
CHIP_ETHNICITIES: Final = ("asian", "black", "indian", "other", "white")
UNLIKELY: Final = 1_000_003
"""Far more pictures than a seed ever draws: the pictures of two seeds differ."""


@dataclass(slots=True)
class Picture:
    """One file. faces: what is true of it; a chip has no box until the reference is known."""

    name: str
    content: bytes
    faces: list[FaceLabels]


@dataclass(slots=True)
class PictureSet:
    """The pictures of one seed, in batches that arrive one after the other."""

    setting: Setting
    genders: tuple[str, ...]
    ethnicities: tuple[str, ...]
    batches: list[list[Picture]]
    by_name: dict[str, Picture] = field(init=False)

    def __post_init__(self) -> None:
        self.by_name = {picture.name: picture for batch in self.batches for picture in batch}

    @property
    def has_landmarks(self) -> bool:
        return self.setting == "procedural"


def procedural_set(*, seed: int, batches: int, size: int) -> PictureSet:
    """``batches`` times ``size`` drawn pictures as PNG, none without a face."""
    drawn = _drawn(seed)
    made = [[next(drawn) for _ in range(size)] for _ in range(batches)]
    return PictureSet("procedural", GENDERS, ETHNICITIES, made)


def _drawn(seed: int) -> Iterator[Picture]:
    for number in range(UNLIKELY):
        pixels, targets = procedural_picture(SCENE, (seed + 1) * UNLIKELY + number)
        if len(targets):
            content = cv2.imencode(".png", np.ascontiguousarray(pixels[:, :, ::-1]))[1].tobytes()
            yield Picture(f"drawn-{seed}-{number:05d}.png", content, _labels_of(targets))


def _labels_of(targets: Targets) -> list[FaceLabels]:
    return [
        FaceLabels(
            box=Box(*targets.boxes[row].tolist()),
            landmarks=targets.landmarks[row].numpy(),
            age=float(targets.age[row]),
            gender=GENDERS[int(targets.gender[row])],
            ethnicity=ETHNICITIES[int(targets.ethnicity[row])],
        )
        for row in range(len(targets))
    ]


def chip_set(data: Path, *, seed: int, batches: int, size: int) -> PictureSet:
    """``batches`` times ``size`` chips of ``data``, drawn by the seed; of chips with equal bytes, one.

    Raises SystemExit with a sentence if there are too few.
    """
    chips = [photo for photo in photographs(data) if photo.kind == "chip"]
    kept: dict[bytes, Picture] = {}
    for index in np.random.default_rng(seed).permutation(len(chips)):
        if len(kept) == batches * size:
            break
        content = chips[index].path.read_bytes()
        kept.setdefault(content, Picture(chips[index].path.name, content, [_named(chips[index])]))
    if len(kept) < batches * size:
        raise SystemExit(f"{batches * size} different chips are needed and {data} has {len(kept)}.")
    pictures = list(kept.values())
    made = [pictures[start : start + size] for start in range(0, len(pictures), size)]
    return PictureSet("chips", GENDERS, CHIP_ETHNICITIES, made)


def _named(chip: Photograph) -> FaceLabels:
    """What the name of a chip says of its face; the box comes later."""
    return FaceLabels(Box(0, 0, 1, 1), age=chip.age, gender=chip.gender, ethnicity=chip.ethnicity)


def set_references(pictures: Sequence[Picture], coarse: Mapping[str, Sequence[FaceLabels]]) -> int:
    """Give chips the box of their largest coarse face; how many have none.

    Those get the median box of the others: the chips are aligned.
    """
    found = {
        picture.name: max(coarse[picture.name], key=lambda labels: labels.box.width * labels.box.height)
        for picture in pictures
        if coarse.get(picture.name)
    }
    if not found:
        raise ValueError("The coarse provider found no face on any chip of this batch.")
    middle = Box(*(statistics.median(side) for side in zip(*(f.box for f in found.values()), strict=True)))
    for picture in pictures:
        box = found[picture.name].box if picture.name in found else middle
        picture.faces = [replace(face, box=box) for face in picture.faces]
    return len(pictures) - len(found)
