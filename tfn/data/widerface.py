"""WIDER FACE in its own layout: ``WIDER_train/images/EVENT/FILE.jpg`` beside ``wider_face_split/*_bbx_gt.txt``.

A picture's block: its path, the number of faces, then one line a face: x, y, width, height, and six flags, of
which the fourth says that the face is invalid. A picture without faces still has one line, of zeros.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import torch

from tfn.data.files import DatasetLayoutError, FilePictures, Labelled
from tfn.targets import Targets

_FIELDS: Final = 10
_INVALID: Final = 7


def widerface_pictures(folder: Path, split: Literal["train", "val"]) -> FilePictures:
    """Boxes only (T31). Invalid faces, and boxes without area, are ignore regions.

    Raises DatasetLayoutError naming the file and line.
    """
    listing = folder / "wider_face_split" / f"wider_face_{split}_bbx_gt.txt"
    if not listing.is_file():
        raise DatasetLayoutError(f"{listing.name} is not in {folder.name}/wider_face_split.")
    pictures = folder / f"WIDER_{split}" / "images"
    lines = listing.read_text(encoding="utf-8").splitlines()
    files = []
    at = 0
    while at < len(lines):
        name = lines[at].strip()
        if not name:
            at += 1
            continue
        try:
            count = int(lines[at + 1])
            rows = [_row(line) for line in lines[at + 2 : at + 2 + count]]
        except (IndexError, ValueError) as error:
            raise DatasetLayoutError(f"{listing.name}, line {at + 1} ({name}): {error}.") from error
        if len(rows) != count:
            raise DatasetLayoutError(f"{listing.name} ends inside the faces of {name}.")
        files.append(Labelled(pictures / name, name, _targets(rows)))
        at += 2 + max(count, 1)
    return FilePictures(files)


def _row(line: str) -> list[int]:
    values = [int(value) for value in line.split()]
    if len(values) != _FIELDS:
        raise ValueError(f"a face has {_FIELDS} numbers, not {len(values)}")
    return values


def _targets(rows: list[list[int]]) -> Targets:
    faces: list[tuple[int, ...]] = []
    regions: list[tuple[int, ...]] = []
    for row in rows:
        x, y, width, height = row[:4]
        if width <= 0 or height <= 0:
            continue
        (regions if row[_INVALID] else faces).append((x, y, x + width, y + height))
    boxes, ignored = (torch.tensor(part, dtype=torch.float32).reshape(-1, 4) for part in (faces, regions))
    return replace(Targets.of_boxes(boxes), ignored=ignored)
