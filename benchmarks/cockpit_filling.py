"""Drawn faces with pre-labels for the labelling pages, on photographs of realistic size.

Import it after ``django.setup()``. A photograph is a mosaic of faces that tfn.data.procedural draws: drawing hundreds
of faces into one large picture takes minutes, laying tiles beside each other does not.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from annotator.datasets.models import Dataset
from annotator.faces.services import faces_prelabel_many
from annotator.images.models import Image
from annotator.work.services.opening import items_open_for_images
from jfa_pipeline.coarse.protocol import CoarseFace
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from tfn.data.procedural import ETHNICITIES, GENDERS, Scene, procedural_picture

Pixels = NDArray[np.uint8]

JPEG_QUALITY: Final = 92
HAND_SD_BOX: Final = 0.02
"""How far pre-labelled points lie off, in sides of the box: about what the coarse provider reaches."""

MADE_BY: Final = "benchmarks.cockpit"


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One drawn face. pixels: (side, side, 3) RGB; labels: in the tile's own pixels."""

    pixels: Pixels
    labels: FaceLabels


@dataclass(frozen=True, slots=True, eq=False)
class Mosaic:
    """content: the JPEG. faces: in its pixels."""

    name: str
    content: bytes
    faces: list[FaceLabels]


def tiles_drawn(*, count: int, side: int, seed: int) -> list[Tile]:
    """So many different faces, each about half as wide as its tile."""
    scene = Scene(side=side, face=(0.36 * side, 0.6 * side), faces=(1, 1), occluded_share=0.0)
    tiles: list[Tile] = []
    for number in itertools.count(seed):
        pixels, targets = procedural_picture(scene, number)
        if len(targets):
            labels = FaceLabels(
                box=Box(*targets.boxes[0].tolist()),
                landmarks=targets.landmarks[0].numpy(),
                gender=GENDERS[int(targets.gender[0])],
                ethnicity=ETHNICITIES[int(targets.ethnicity[0])],
            )
            tiles.append(Tile(pixels, labels))
        if len(tiles) == count:
            break
    return tiles


def mosaic_of(name: str, tiles: Sequence[Tile], *, across: int, random: np.random.Generator) -> Mosaic:
    """Tiles in rows of ``across``, drawn with replacement only where there are not enough; points a little off."""
    side = tiles[0].pixels.shape[0]
    rows = [tiles[start : start + across] for start in range(0, len(tiles), across)]
    pixels = np.zeros((side * len(rows), side * across, 3), np.uint8)
    faces: list[FaceLabels] = []
    for row, line in enumerate(rows):
        for column, tile in enumerate(line):
            x, y = column * side, row * side
            pixels[y : y + side, x : x + side] = tile.pixels
            faces.append(_moved(tile.labels, x, y, random))
    content = cv2.imencode(
        ".jpg", np.ascontiguousarray(pixels[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    )[1]
    return Mosaic(name, content.tobytes(), faces)


def _moved(labels: FaceLabels, x: int, y: int, random: np.random.Generator) -> FaceLabels:
    box = labels.box
    assert labels.landmarks is not None  # every tile has its points
    off = random.normal(0, HAND_SD_BOX * max(box.width, box.height), labels.landmarks.shape)
    return replace(
        labels,
        box=Box(box.x1 + x, box.y1 + y, box.x2 + x, box.y2 + y),
        landmarks=labels.landmarks + np.array([x, y]) + off,
    )


def faces_fill(dataset_id: int, mosaics: Sequence[Mosaic]) -> int:
    """Store the mosaics' faces as pre-labels of the imported images and open their work; how many there are now.

    Faces that the platform's own provider found meanwhile are work as well. Raises ValueError for an image that was
    not imported.
    """
    dataset = Dataset.objects.select_related("policy").get(pk=dataset_id)
    assert dataset.policy is not None  # made together with the dataset
    by_name = {mosaic.name: mosaic for mosaic in mosaics}
    with transaction.atomic():
        images = list(
            Image.objects.select_for_update(of=("self",))
            .select_related("dataset__policy")
            .filter(dataset=dataset)
            .order_by("pk")
        )
        if {image.name for image in images} != set(by_name):
            raise ValueError(f"{len(by_name)} images were uploaded and {len(images)} are there.")
        seen = [
            (
                image,
                [
                    CoarseFace(labels=labels, score=0.9, detector=MADE_BY)
                    for labels in by_name[image.name].faces
                ],
            )
            for image in images
        ]
        made = faces_prelabel_many(seen=seen, made_by=MADE_BY, policy_version=dataset.policy)
        items_open_for_images(images=images)
    return len(made)
