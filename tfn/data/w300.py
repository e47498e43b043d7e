"""300-W and its training parts in their own layout: pictures with a ``.pts`` file of 68 points beside each.

Training (A20): ``lfpw/trainset``, ``helen/trainset`` and ``afw``, 3,148 pictures. Test: ``300W/01_Indoor`` and
``300W/02_Outdoor``, 300 pictures each.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import torch

from jfa_pipeline.core.ibug68 import POINTS
from jfa_pipeline.formats.ibug_pts import PtsInvalid, read_pts
from tfn.data.files import DatasetLayoutError, FilePictures, Labelled, box_around
from tfn.targets import Targets

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "train": ("lfpw/trainset", "helen/trainset", "afw"),
    "indoor": ("300W/01_Indoor",),
    "outdoor": ("300W/02_Outdoor",),
    "test": ("300W/01_Indoor", "300W/02_Outdoor"),
}
SUFFIXES: Final = (".png", ".jpg", ".jpeg")
FOREHEAD: Final = 0.3
"""How far above the brows the face's box reaches, in heights of the points' box (J07; not printed, [D])."""


def w300_pictures(
    folder: Path, part: Literal["train", "indoor", "outdoor", "test"], *, forehead: float = FOREHEAD
) -> FilePictures:
    """One face a picture, with 68 points; its box is made from them. Raises DatasetLayoutError."""
    files = []
    for name in PARTS[part]:
        place = folder / name
        if not place.is_dir():
            raise DatasetLayoutError(f"{name} is not in {folder.name}.")
        for points_file in sorted(place.glob("*.pts")):
            picture = next(
                (
                    points_file.with_suffix(suffix)
                    for suffix in SUFFIXES
                    if points_file.with_suffix(suffix).is_file()
                ),
                None,
            )
            if picture is None:
                raise DatasetLayoutError(f"{name}/{points_file.name} has no picture beside it.")
            try:
                points = torch.from_numpy(read_pts(points_file))
            except PtsInvalid as error:
                raise DatasetLayoutError(f"{name}/{error}") from error
            known = Targets.of_boxes(box_around(points, forehead)[None])
            targets = replace(
                known, landmarks=points[None].clone(), has_point=torch.ones(1, POINTS, dtype=torch.bool)
            )
            files.append(Labelled(picture, f"{name}/{picture.name}", targets))
    if not files:
        raise DatasetLayoutError(f"There is no .pts file in {', '.join(PARTS[part])} of {folder.name}.")
    return FilePictures(files)
