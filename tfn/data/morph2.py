"""MORPH II in its own layout: ``MORPH_2008_nonCommercial.csv`` and the pictures it names under ``photo``.

Three sets as the literature splits them: S1 and S2 with as many black as white people and three men to one
woman, S3 with the rest. Files ``S1.txt`` and ``S2.txt`` (one picture name a line), where given, win over our draw.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import torch

from tfn.data.files import DatasetLayoutError, FilePictures, Labelled
from tfn.sampling import seeded
from tfn.targets import Targets

LISTING: Final = "MORPH_2008_nonCommercial.csv"
COLUMNS: Final = ("id_num", "race", "gender", "age", "photo")
GENDERS: Final = ("female", "male")
ETHNICITIES: Final = ("black", "white", "other")
SIZE: Final = 10_634
"""Pictures in S1, and in S2."""
SHARES: Final = {("B", "M"): 3 / 8, ("B", "F"): 1 / 8, ("W", "M"): 3 / 8, ("W", "F"): 1 / 8}
SEED: Final = 0

Part = Literal["S1", "S2", "S3"]
BoxOf = Callable[[Path], tuple[float, float, float, float]]


def morph2_pictures(folder: Path, box_of: BoxOf, *, size: int = SIZE) -> dict[Part, FilePictures]:
    """Age, gender and ethnicity (black, white, everything else: Part 8) of one face a picture.

    box_of: where the face of a picture is; the dataset has no boxes. People do not cross between S1 and S2.
    Raises DatasetLayoutError.
    """
    listing = folder / LISTING
    if not listing.is_file():
        raise DatasetLayoutError(f"{LISTING} is not in {folder.name}.")
    with listing.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or (missing := set(COLUMNS) - set(rows[0])):
        named = ", ".join(sorted(missing)) if rows else "every row"
        raise DatasetLayoutError(f"{LISTING} lacks {named}.")
    parts = _parts(folder, rows, size)
    return {
        part: FilePictures(
            [_labelled(folder, row, box_of) for row in rows if parts[Path(row["photo"]).name] == part]
        )
        for part in ("S1", "S2", "S3")
    }


def _parts(folder: Path, rows: list[dict[str, str]], size: int) -> dict[str, Part]:
    names = [Path(row["photo"]).name for row in rows]
    found: dict[str, Part] = dict.fromkeys(names, "S3")
    given: tuple[Part, Part] = ("S1", "S2")
    if all((folder / f"{part}.txt").is_file() for part in given):
        for part in given:
            for line in (folder / f"{part}.txt").read_text(encoding="utf-8").split():
                if Path(line).name not in found:
                    raise DatasetLayoutError(f"{part}.txt names {line}, which {LISTING} does not list.")
                found[Path(line).name] = part
        return found
    people: dict[tuple[str, str], dict[str, list[str]]] = {}
    for row, name in zip(rows, names, strict=True):
        people.setdefault((row["race"], row["gender"]), {}).setdefault(row["id_num"], []).append(name)
    for kind, share in SHARES.items():
        subjects = people.get(kind, {})
        order = sorted(subjects)
        mixed = torch.randperm(len(order), generator=seeded(SEED, "morph2", *kind)).tolist()
        room = {part: round(size * share) for part in given}
        for number in mixed:
            pictures = subjects[order[number]]
            part = max(given, key=lambda name: room[name])
            if len(pictures) <= room[part]:
                room[part] -= len(pictures)
                found.update(dict.fromkeys(pictures, part))
    return found


def _labelled(folder: Path, row: dict[str, str], box_of: BoxOf) -> Labelled:
    path = folder / row["photo"]
    try:
        age = float(row["age"])
        gender = {"F": 0, "M": 1}[row["gender"]]
    except (KeyError, ValueError) as error:
        raise DatasetLayoutError(
            f"{LISTING}, {row['photo']}: age or gender cannot be read ({error})."
        ) from error
    targets = replace(
        Targets.of_boxes(torch.tensor([box_of(path)])),
        age=torch.tensor([age]),
        gender=torch.tensor([gender]),
        ethnicity=torch.tensor([{"B": 0, "W": 1}.get(row["race"], 2)]),
    )
    return Labelled(path, row["photo"], targets, row["id_num"])
