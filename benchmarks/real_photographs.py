"""Photographs of a folder laid out like shared/data, with what is known about their faces (for ``tfn_real``).

Chips carry a person's age, gender and ethnicity in their names; nothing carries boxes or landmarks, so the coarse
provider's stand in. LFW and the scenes carry no attributes at all: those labels stay missing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
import torch

from benchmarks.coarse import read_stored
from jfa_pipeline.coarse.packaged import PackagedProvider
from jfa_pipeline.core.labels import FaceLabels
from tfn.data.pictures import Picture, PictureUnreadable
from tfn.targets import Targets

GENDERS: Final = ("female", "male")
ETHNICITIES: Final = ("asian", "black", "indian", "other", "white")
CHIP_GENDERS: Final = {"0": "male", "1": "female"}
CHIP_ETHNICITIES: Final = {"0": "white", "1": "black", "2": "asian", "3": "indian", "4": "other"}
FIFTH: Final = 5
"""One subject in so many is held out."""
LONGEST: Final = 640
"""Larger photographs are kept at this longer side, pixels."""
SURE: Final = 0.6
"""Score from which a coarse face is a face; what is below is an ignore region."""
STEADY: Final = 0.02
"""Mean spread of the coarse landmarks, in box sides, up to which they are learnt from."""
LANDMARK_SIDE_MIN: Final = 30.0
"""Smaller side of a box, in pixels of the kept photograph, from which landmarks are learnt (J06)."""

Kind = Literal["chip", "portrait", "scene"]


@dataclass(frozen=True, slots=True)
class Photograph:
    """subject: who is on it, or the file itself where nobody knows. Attributes: a person's, of the largest face."""

    path: Path
    kind: Kind
    subject: str
    age: float | None = None
    gender: str | None = None
    ethnicity: str | None = None

    @property
    def key(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def is_held_out(self) -> bool:
        """The fixed fifth: by a hash of the subject, so that nobody is in both parts."""
        return int(hashlib.sha256(self.subject.encode()).hexdigest(), 16) % FIFTH == 0


@dataclass(frozen=True, slots=True)
class CoarseLabel:
    """What the provider says about one face. spread: mean of its landmarks' wandering; unsure: J03."""

    labels: FaceLabels
    score: float
    spread: float
    unsure: bool

    @property
    def area(self) -> float:
        return self.labels.box.width * self.labels.box.height


Coarse = dict[str, list[CoarseLabel]]


def photographs(data: Path, limit: int = 0) -> list[Photograph]:
    """Chips, LFW and scenes in order of their names. limit: every n-th only, so that about so many chips stay.

    Raises SystemExit with a sentence if there are no chips.
    """
    chips = [chip for path in sorted((data / "utkface").glob("*.jpg")) if (chip := _chip(path)) is not None]
    if not chips:
        raise SystemExit(
            f"No face chips in {data / 'utkface'}. Give a folder laid out like shared/data with --data."
        )
    folders: tuple[tuple[str, Kind], ...] = (("lfw", "portrait"), ("scenes", "scene"))
    others = [
        Photograph(path, kind, _subject(path))
        for folder, kind in folders
        for path in sorted((data / folder).glob("*.jpg"))
    ]
    step = max(1, len(chips) // limit) if limit else 1
    return [*chips[::step], *others[::step]]


def _chip(path: Path) -> Photograph | None:
    """None for a name that is not [age]_[gender]_[ethnicity]_..."""
    parts = path.name.split("_")
    if len(parts) < 4 or not parts[0].isdigit():
        return None
    gender, ethnicity = CHIP_GENDERS.get(parts[1]), CHIP_ETHNICITIES.get(parts[2])
    if gender is None or ethnicity is None:
        return None
    return Photograph(path, "chip", path.name, min(float(parts[0]), 100.0), gender, ethnicity)


def _subject(path: Path) -> str:
    return re.sub(r"[-_]?\d+$", "", path.stem)


_provider: PackagedProvider | None = None


def _start_provider(second_detector: bool) -> None:
    global _provider  # one provider a process, made by the pool's initialiser
    _provider = PackagedProvider(second_detector=second_detector)


def _label(path: Path) -> list[CoarseLabel]:
    if _provider is None:
        raise RuntimeError("the pool starts its provider first")
    return [
        CoarseLabel(
            face.labels,
            face.score,
            float("inf") if face.point_spread_box is None else float(face.point_spread_box.mean()),
            face.needs_person,
        )
        for face in _provider.label(read_stored(path))
    ]


def coarse_labels(
    wanted: Iterable[Photograph], *, second_detector: bool, processes: int, kept: Path | None = None
) -> Coarse:
    """The packaged provider's faces of each photograph. kept: a JSON file to read them from and write them to."""
    if kept is not None and kept.is_file():
        stored = json.loads(kept.read_text(encoding="utf-8"))
        return {key: [_from_json(face) for face in faces] for key, faces in stored.items()}
    every = list(wanted)
    with ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=_start_provider, initargs=(second_detector,)
    ) as pool:
        found = dict(
            zip(
                (photo.key for photo in every),
                pool.map(_label, (photo.path for photo in every), chunksize=16),
                strict=True,
            )
        )
    if kept is not None:
        content = {key: [_to_json(face) for face in faces] for key, faces in found.items()}
        kept.write_text(json.dumps(content), encoding="utf-8")
    return found


def _to_json(face: CoarseLabel) -> dict[str, object]:
    return {
        "labels": face.labels.to_json(),
        "score": face.score,
        "spread": face.spread,
        "unsure": face.unsure,
    }


def _from_json(face: Mapping[str, object]) -> CoarseLabel:
    labels, score, spread = face["labels"], face["score"], face["spread"]
    if not isinstance(labels, Mapping) or not isinstance(score, float) or not isinstance(spread, float):
        raise ValueError("These are no coarse labels; remove the file and run again.")
    return CoarseLabel(FaceLabels.from_json(labels), score, spread, bool(face["unsure"]))


@dataclass(frozen=True, slots=True)
class RealPictures:
    """Photographs as pictures to learn from and to be judged by; those without a sure coarse face are left out."""

    photos: Sequence[Photograph]
    coarse: Coarse

    @classmethod
    def of(cls, photos: Iterable[Photograph], coarse: Coarse) -> RealPictures:
        """Only the photographs on which the provider is sure of a face."""
        return cls([photo for photo in photos if any(_is_sure(face) for face in coarse[photo.key])], coarse)

    def __len__(self) -> int:
        return len(self.photos)

    def picture(self, index: int) -> Picture:
        """Pixels with the longer side at most LONGEST, and its faces; a chip's own labels go to its largest face."""
        photo = self.photos[index]
        try:
            pixels = read_stored(photo.path)
        except OSError as error:
            raise PictureUnreadable(photo.key, str(error)) from error
        targets = targets_of(photo, self.coarse[photo.key])
        scale = LONGEST / max(pixels.shape[:2])
        if scale < 1:
            size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
            targets = _large_enough(targets.scaled(scale))
        return Picture(pixels, targets, photo.key)


def _is_sure(face: CoarseLabel) -> bool:
    return face.score >= SURE and not face.unsure


def targets_of(photo: Photograph, found: Sequence[CoarseLabel]) -> Targets:
    """Sure coarse faces as faces, the rest as ignore regions; on a chip only the largest face counts."""
    sure = [face for face in found if _is_sure(face)]
    if photo.kind == "chip":
        sure = sorted(sure, key=lambda face: -face.area)[:1]
    rest = [face for face in found if face not in sure]
    targets = Targets.of_boxes(torch.tensor([face.labels.box for face in sure]).view(-1, 4))
    for row, face in enumerate(sure):
        if face.labels.landmarks is not None and face.spread <= STEADY:
            targets.landmarks[row] = torch.from_numpy(face.labels.landmarks)
            targets.has_point[row] = True
    if photo.kind == "chip" and sure:
        if photo.age is not None:
            targets.age[0] = photo.age
        if photo.gender is not None:
            targets.gender[0] = GENDERS.index(photo.gender)
        if photo.ethnicity is not None:
            targets.ethnicity[0] = ETHNICITIES.index(photo.ethnicity)
    return _large_enough(
        replace(targets, ignored=torch.tensor([face.labels.box for face in rest]).view(-1, 4))
    )


def _large_enough(targets: Targets) -> Targets:
    """Landmarks of faces with a side of at most LANDMARK_SIDE_MIN are not used (J06)."""
    sides = (targets.boxes[:, 2:] - targets.boxes[:, :2]).amin(dim=1)
    return replace(targets, has_point=targets.has_point & (sides > LANDMARK_SIDE_MIN)[:, None])
