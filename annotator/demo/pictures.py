"""The demo's pictures: a public-domain portrait that scikit-image carries, and scenes of rendered people."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from annotator.demo.portraits import UNIT, Person, Plane, render_person

Draw = Callable[[], bytes]
"""Makes the bytes of one picture file."""

QUALITY: Final = 92
EXIF_ORIENTATION: Final = 0x0112
TURNED_CLOCKWISE: Final = 6
SCENE_PEOPLE: Final = (1, 2, 1, 3, 1, 2, 1, 1, 3, 2, 1, 2, 1, 3)
"""How many people stand in each rendered scene."""


class DemoPictureMissing(Exception):
    """A picture that an installed package should carry is not there."""


def photographs() -> dict[str, Draw]:
    """File names and makers of the photographs. Eileen Collins, NASA, public domain (skimage.data.astronaut)."""
    return {
        "astronaut.png": lambda: astronaut_file().read_bytes(),
        "astronaut-mirrored.jpg": lambda: _jpeg(ImageOps.mirror(_astronaut())),
        "astronaut-turned.jpg": _turned_camera,
        "astronaut-close.jpg": lambda: _jpeg(
            _astronaut().crop((140, 0, 340, 240)).resize((800, 960), Image.Resampling.LANCZOS)
        ),
    }


def rendered() -> dict[str, Draw]:
    """File names and makers of the rendered scenes."""
    return {
        f"scene-{number:02}.jpg": partial(_scene, number, people)
        for number, people in enumerate(SCENE_PEOPLE, start=1)
    }


def pictures_write(*, folder: Path, pictures: dict[str, Draw]) -> None:
    """Write the pictures that the folder lacks, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in pictures.items():
        if not (folder / name).exists():
            fresh = folder.parent / f".{folder.name}-{name}.{os.getpid()}"
            fresh.write_bytes(draw())
            fresh.replace(folder / name)


def astronaut_file() -> Path:
    """The portrait inside scikit-image, found without importing it. Raises DemoPictureMissing."""
    spec = find_spec("skimage")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "data" / "astronaut.png"
        if path.is_file():
            return path
    raise DemoPictureMissing("scikit-image with its astronaut portrait is not installed; run `make setup`.")


def _astronaut() -> Image.Image:
    with Image.open(astronaut_file()) as portrait:
        return portrait.convert("RGB")


def _turned_camera() -> bytes:
    """As a camera held sideways writes it: pixels lying down, EXIF saying how to set them up."""
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = TURNED_CLOCKWISE
    upright = _astronaut().crop((60, 0, 452, 512)).resize((784, 1024), Image.Resampling.LANCZOS)
    return _jpeg(upright.transpose(Image.Transpose.ROTATE_90), exif=exif.tobytes())


def _jpeg(picture: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, subsampling=0, **options)
    return buffer.getvalue()


def _scene(number: int, people: int) -> bytes:
    """A scene of 960 x 720 pixels; its number is the seed of everything in it."""
    random = np.random.default_rng(number)
    width, height = 960, 720
    picture = _backdrop(width, height, random)
    sizes = sorted(random.uniform(0.30, 0.52, people) if people > 1 else random.uniform(0.42, 0.68, 1))
    places = (np.arange(people) + 0.5) / people
    for size, place in zip(sizes, random.permutation(places), strict=True):
        centre = (width * (place + random.uniform(-0.04, 0.04)), height * random.uniform(0.40, 0.48))
        _stand(picture, Person.drawn(random), random, face_height=size * height, centre=centre)
    picture += random.normal(0, 0.012, picture.shape).astype(np.float32)
    return _jpeg(Image.fromarray((np.clip(picture, 0, 1) * 255).round().astype(np.uint8)))


def _stand(
    picture: Plane,
    person: Person,
    random: np.random.Generator,
    *,
    face_height: float,
    centre: tuple[float, float],
) -> None:
    """Put a person into the picture: ``face_height`` pixels from brow line to chin, the face around ``centre``."""
    colour, cover = render_person(person, random)
    scale = face_height / (2.2 * UNIT)
    rows, columns = cover.shape
    move = cv2.getRotationMatrix2D((columns / 2, rows * 0.47), person.roll, scale)
    move[:, 2] += np.array(centre) - (columns / 2, rows * 0.47)
    # Continue the clothes below the canvas: nobody floats.
    colour, cover = (cv2.copyMakeBorder(p, 0, 2 * rows, 0, 0, cv2.BORDER_REPLICATE) for p in (colour, cover))
    size = (picture.shape[1], picture.shape[0])
    small, mask = (cv2.warpAffine(p, move, size, flags=cv2.INTER_AREA) for p in (colour, cover))
    picture *= 1 - mask[..., None]
    picture += small * mask[..., None]


def _backdrop(width: int, height: int, random: np.random.Generator) -> Plane:
    """A wall out of focus: a slope of light and a few blurred shapes."""
    base = random.uniform(0.40, 0.72) + random.uniform(-0.05, 0.05, 3)
    slope = np.linspace(1.1, 0.8, height)[:, None, None] * np.linspace(0.92, 1.05, width)[None, :, None]
    wall: NDArray[np.float32] = (base * slope).astype(np.float32)
    for _ in range(int(random.integers(2, 6))):
        corner = (int(random.integers(-100, width)), int(random.integers(-100, height)))
        far = (corner[0] + int(random.integers(80, 400)), corner[1] + int(random.integers(80, 500)))
        shade = tuple(
            float(v)
            for v in np.clip(base + random.uniform(-0.22, 0.22) + random.uniform(-0.05, 0.05, 3), 0, 1)
        )
        cv2.rectangle(wall, corner, far, shade, -1)
    return cv2.GaussianBlur(wall, (0, 0), 18)
