"""Pictures made from originals: upright, sRGB, without any metadata, never larger than the original.

Made on first use and kept under ``derivatives/``, which may be deleted at any time. An image larger than the
preview also keeps its full-size pixels as tiles, so that a crop of a small face need not decode all of it.
"""

from __future__ import annotations

import itertools
import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from annotator.common.errors import Invalid
from annotator.images.models import Image
from annotator.images.services.storing import file_read, file_store
from jfa_pipeline.core.pixels import RgbPixels, decode

PREVIEW: Final = 2048
TILE: Final = 1024
QUALITY: Final = 92
FULL_SIZE_FROM: Final = 1.3
"""A crop is cut from full-size tiles once it needs this many times the preview's resolution."""

PIXELS_ALLOWED: Final = (16, 2048)
REGION_ALLOWED: Final = 8
"""A crop may be at most this many times the image's longer side."""


def upright_pixels(image: Image) -> RgbPixels:
    """Full-size sRGB pixels (H, W, 3) of the upright image, turned as a sweep said.

    Raises FileNotFoundError if the original is gone from the storage, PixelsRefused if it is damaged.
    """
    return decode(file_read(image.file), rotation=image.rotation)


def image_jpeg(image: Image, side: int) -> bytes:
    """JPEG of the whole upright image, its longer side ``side`` px, or as it is where it is smaller.

    Raises FileNotFoundError and PixelsRefused like ``upright_pixels``.
    """
    path = _path(image, f"{side}.jpg")
    kept = _kept(path)
    if kept is not None:
        return kept
    pixels = decode(file_read(image.file), rotation=image.rotation, min_side=side)
    made = jpeg_of(_shrunk(pixels, image, side))
    file_store(path=path, chunks=[made], durable=False)
    return made


def image_scale(image: Image, side: int) -> float:
    """Pixels of ``image_jpeg(image, side)`` for one pixel of the image, at most 1."""
    return min(1.0, side / max(image.width, image.height))


def crop_jpeg(image: Image, x: float, y: float, w: float, h: float, pixels: int) -> bytes:
    """JPEG of the region (x, y, w, h) of the upright image, ``pixels`` wide and in proportion high.

    The region is in the continuous frame of the image, may have fractions, and is black outside the image.
    Raises Invalid ``crop`` for a region or size out of bounds, FileNotFoundError and PixelsRefused.
    """
    largest = REGION_ALLOWED * max(image.width, image.height)
    low, high = PIXELS_ALLOWED
    if not all(map(math.isfinite, (x, y, w, h))) or not (0 < w <= largest and 0 < h <= largest):
        raise Invalid("crop", "The region needs a width and height above 0 and not far beyond the image.")
    if max(abs(x), abs(y)) > 2 * largest:
        raise Invalid("crop", "The region lies too far outside the image.")
    height = max(1, round(pixels * h / w))
    if not (low <= pixels <= high and height <= high):
        raise Invalid("crop", f"A crop is {low} to {high} px a side, not {pixels} x {height}.")
    scale = image_scale(image, PREVIEW)
    if scale == 1 or pixels / w <= FULL_SIZE_FROM * scale:
        level = _from_jpeg(image_jpeg(image, PREVIEW))
        sx, sy = level.shape[1] / image.width, level.shape[0] / image.height
        region = (x * sx, y * sy, w * sx, h * sy)
        window, origin = _window(level, region)
    else:
        region = (x, y, w, h)
        window, origin = _window_of_tiles(image, region)
    return jpeg_of(_resampled(window, origin, region, (pixels, height)))


def derivatives_make(*, image: Image, pixels: RgbPixels) -> None:
    """Keep what the first person would otherwise wait for: preview, thumbnail, tiles of a large image.

    ``pixels``: the full-size upright pixels (H, W, 3), as ``upright_pixels`` gives them.
    """
    preview = _shrunk(pixels, image, PREVIEW)
    file_store(path=_path(image, f"{PREVIEW}.jpg"), chunks=[jpeg_of(preview)], durable=False)
    thumbnail = _shrunk(preview, image, 256)
    file_store(path=_path(image, "256.jpg"), chunks=[jpeg_of(thumbnail)], durable=False)
    if max(image.width, image.height) > PREVIEW:
        _tiles_make(image, pixels)


def jpeg_of(pixels: RgbPixels) -> bytes:
    """RGB pixels (H, W, 3) as JPEG bytes that carry nothing but pixels."""
    bgr = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2BGR)
    fine = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    made, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY, *fine])
    if not made:
        raise ValueError(f"OpenCV could not write a JPEG of shape {pixels.shape}.")
    return bytes(data)


def _path(image: Image, name: str) -> str:
    folder = f"derivatives/{image.dataset_id}/{image.sha256[:2]}"
    return f"{folder}/{image.sha256}_{image.rotation}_{name}"


def _kept(path: str) -> bytes | None:
    """A derivative made before; None if there is none, or a power cut left it incomplete."""
    try:
        data = file_read(path)
    except FileNotFoundError:
        return None
    return data if data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9" else None


def _from_jpeg(data: bytes) -> RgbPixels:
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError("A derivative is damaged: delete the folder `derivatives`, it is made again.")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def _shrunk(pixels: RgbPixels, image: Image, side: int) -> RgbPixels:
    scale = image_scale(image, side)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    smaller = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)
    return smaller.astype(np.uint8, copy=False)


Region = tuple[float, float, float, float]


def _bounds(region: Region, width: int, height: int) -> tuple[int, int, int, int]:
    """The whole pixels that a region needs, with two around it: (left, top, right, bottom), inside the image."""
    x, y, w, h = region
    left, right = math.floor(x) - 2, math.ceil(x + w) + 2
    top, bottom = math.floor(y) - 2, math.ceil(y + h) + 2
    return max(0, left), max(0, top), min(width, right), min(height, bottom)


def _window(level: RgbPixels, region: Region) -> tuple[RgbPixels, tuple[int, int]]:
    left, top, right, bottom = _bounds(region, level.shape[1], level.shape[0])
    return level[top : max(top, bottom), left : max(left, right)], (left, top)


def _window_of_tiles(image: Image, region: Region) -> tuple[RgbPixels, tuple[int, int]]:
    left, top, right, bottom = _bounds(region, image.width, image.height)
    if left >= right or top >= bottom:
        return np.zeros((0, 0, 3), np.uint8), (left, top)
    window = np.zeros((bottom - top, right - left, 3), np.uint8)
    rows = range(top // TILE, (bottom - 1) // TILE + 1)
    columns = range(left // TILE, (right - 1) // TILE + 1)
    for row, column in itertools.product(rows, columns):
        tile = _tile(image, row, column)
        y0, x0 = row * TILE, column * TILE
        y1, x1 = y0 + tile.shape[0], x0 + tile.shape[1]
        a, b, c, d = max(y0, top), min(y1, bottom), max(x0, left), min(x1, right)
        window[a - top : b - top, c - left : d - left] = tile[a - y0 : b - y0, c - x0 : d - x0]
    return window, (left, top)


def _tile(image: Image, row: int, column: int) -> RgbPixels:
    path = _path(image, f"tile_{row}_{column}.jpg")
    kept = _kept(path)
    if kept is None:
        _tiles_make(image, upright_pixels(image))
        kept = file_read(path)
    return _from_jpeg(kept)


def _tiles_make(image: Image, pixels: RgbPixels) -> None:
    rows, columns = math.ceil(image.height / TILE), math.ceil(image.width / TILE)
    for row, column in itertools.product(range(rows), range(columns)):
        tile = pixels[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
        path = _path(image, f"tile_{row}_{column}.jpg")
        file_store(path=path, chunks=[jpeg_of(tile)], durable=False)


def _resampled(
    window: RgbPixels, origin: tuple[int, int], region: Region, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """The region at (width, height) = ``size``. Window and region are in the same pixels; see ``_window``.

    The middle of output pixel i lies at region start + (i + 1/2) * step. Shrinking first averages areas.
    """
    width, height = size
    if window.size == 0:
        return np.zeros((height, width, 3), np.uint8)
    x, y, w, h = region
    step_x, step_y = w / width, h / height
    keep_x = keep_y = 1.0
    shrinks = step_x > 1 or step_y > 1
    if shrinks:
        rows = max(1, round(window.shape[0] / max(step_y, 1)))
        columns = max(1, round(window.shape[1] / max(step_x, 1)))
        keep_x, keep_y = columns / window.shape[1], rows / window.shape[0]
        reduced = cv2.resize(np.ascontiguousarray(window), (columns, rows), interpolation=cv2.INTER_AREA)
        window = reduced.astype(np.uint8, copy=False)
    back = np.array(
        [
            [step_x * keep_x, 0, (x - origin[0] + step_x / 2) * keep_x - 0.5],
            [0, step_y * keep_y, (y - origin[1] + step_y / 2) * keep_y - 0.5],
        ]
    )
    made = cv2.warpAffine(
        np.ascontiguousarray(window),
        back,
        (width, height),
        flags=(cv2.INTER_LINEAR if shrinks else cv2.INTER_CUBIC) | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
    )
    return made.astype(np.uint8, copy=False)
