"""Labelled pictures from release folders and from every format that reads into release records."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch

from jfa_pipeline.core.ibug68 import POINTS
from jfa_pipeline.core.labels import MISSING
from jfa_pipeline.core.pixels import PixelsRefused, decode
from jfa_pipeline.core.policy import LABELS
from jfa_pipeline.formats.coco import read_coco
from jfa_pipeline.formats.native import read_native
from jfa_pipeline.formats.records import ACCEPTED, ReleaseFace, ReleaseImage
from tfn.data.pictures import Picture, PictureUnreadable
from tfn.targets import MISSING_CLASS, Targets

SPLITS: Final = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class RecordPictures:
    """Pictures whose labels are release records. ``path_of``: where a picture's file lies.

    genders, ethnicities: the classes in the network's order; another word, such as "unsure", is a missing label.
    ignored_flags: faces with one of these are ignore regions (A17), for evaluation only: by default none is.
    """

    entries: Sequence[tuple[ReleaseImage, Sequence[ReleaseFace]]]
    path_of: Callable[[ReleaseImage], Path]
    genders: tuple[str, ...]
    ethnicities: tuple[str, ...]
    ignored_flags: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.entries)

    def picture(self, index: int) -> Picture:
        """Decoded upright. Raises PictureUnreadable for a missing or corrupt file, or one of another size."""
        image, faces = self.entries[index]
        path = self.path_of(image)
        try:
            pixels = decode(path.read_bytes())
        except OSError as error:
            raise PictureUnreadable(image.file_name, f"cannot be opened ({error.strerror})") from error
        except PixelsRefused as error:
            raise PictureUnreadable(image.file_name, str(error)) from error
        if pixels.shape[:2] != (image.height, image.width):
            raise PictureUnreadable(
                image.file_name,
                f"is {pixels.shape[1]} x {pixels.shape[0]}, not {image.width} x {image.height} as its labels say",
            )
        return Picture(
            pixels,
            targets_of(faces, self.genders, self.ethnicities, self.ignored_flags),
            image.file_name,
        )


def release_pictures(
    folder: Path, split: str | None = None, *, verify: bool = True, ignore_flagged: bool = False
) -> RecordPictures:
    """A release folder of the platform, one split or all of it; classes from its policy.

    ignore_flagged: faces with a flag that removes every label are ignore regions (A17).

    Raises NativeFormatError for a damaged folder, ValueError for a split it does not have.
    """
    dataset = read_native(folder, verify=verify)
    entries = [(image, faces) for image, faces in dataset.entries() if split in (None, image.split)]
    if split is not None and not entries:
        raise ValueError(f"{folder.name} has no picture in the split '{split}'.")
    policy = dataset.policy
    flags = [flag for flag, removed in policy.flags.items() if set(removed) == set(LABELS)]
    ignored = frozenset(flags if ignore_flagged else ())
    return RecordPictures(entries, dataset.image_path, policy.genders, policy.ethnicities, ignored)


def coco_pictures(
    annotations: Path, images: Path, genders: tuple[str, ...], ethnicities: tuple[str, ...]
) -> RecordPictures:
    """A COCO file. ``images``: the folder its file names start from; our own releases': the release folder.

    Raises CocoInvalid.
    """
    dataset = read_coco(annotations)
    if dataset.policy is not None:
        genders, ethnicities = dataset.policy.genders, dataset.policy.ethnicities

    def path_of(image: ReleaseImage) -> Path:
        return images / (image.path if image.sha256 else image.file_name)

    return RecordPictures(list(dataset.entries()), path_of, genders, ethnicities)


def targets_of(
    faces: Iterable[ReleaseFace],
    genders: tuple[str, ...],
    ethnicities: tuple[str, ...],
    ignored_flags: frozenset[str] = frozenset(),
) -> Targets:
    """Accepted faces as labels, the others as ignore regions.

    A flagged face keeps its box, a positive for detection, and misses whatever its policy removed (T23).
    """
    every = list(faces)
    counted = [face.status == ACCEPTED and not (face.labels.flags & ignored_flags) for face in every]
    accepted = [face for face, counts in zip(every, counted, strict=True) if counts]
    regions = [tuple(face.labels.box) for face, counts in zip(every, counted, strict=True) if not counts]
    boxes = torch.tensor([tuple(face.labels.box) for face in accepted], dtype=torch.float32).reshape(-1, 4)
    points = torch.zeros(len(accepted), POINTS, 2)
    seen = torch.zeros(len(accepted), POINTS, dtype=torch.bool)
    for row, face in enumerate(accepted):
        if face.labels.landmarks is not None and face.labels.visibility is not None:
            points[row] = torch.from_numpy(np.nan_to_num(face.labels.landmarks))
            seen[row] = torch.from_numpy(face.labels.visibility != MISSING)
    return replace(
        Targets.of_boxes(boxes),
        landmarks=points,
        has_point=seen,
        age=torch.tensor([_number(face.age.mean) for face in accepted], dtype=torch.float32),
        age_sd=torch.tensor([_number(face.age.sd) for face in accepted], dtype=torch.float32),
        gender=_classes([face.labels.gender for face in accepted], genders),
        ethnicity=_classes([face.labels.ethnicity for face in accepted], ethnicities),
        ignored=torch.tensor(regions, dtype=torch.float32).reshape(-1, 4),
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _classes(words: Sequence[str | None], classes: tuple[str, ...]) -> torch.Tensor:
    numbers = [classes.index(word) if word in classes else MISSING_CLASS for word in words]
    return torch.tensor(numbers, dtype=torch.long)
