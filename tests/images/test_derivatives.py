"""Derivatives: upright, without metadata, exact in the image's frame, fast."""

from __future__ import annotations

import hashlib
import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import PngImagePlugin

from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset
from annotator.images.models import Image
from annotator.images.services.derivatives import (
    crop_jpeg,
    derivatives_make,
    image_jpeg,
    upright_pixels,
)
from jfa_pipeline.core.pixels import inspect

SECRETS = (
    b"GPSLatitude",
    b"Anna Example",
    b"http://ns.adobe.com",
    b"ICC_PROFILE",
    b"Exif",
    b"secret comment",
)


def stored(dataset: Dataset, data: bytes, **columns: Any) -> Image:
    """An Image row for a file, as an import makes it."""
    facts, _ = inspect(data)
    sha = hashlib.sha256(data).hexdigest()
    path = f"originals/{dataset.pk}/{sha[:2]}/{sha}"
    default_storage.save(path, ContentFile(data))
    return Image.objects.create(
        dataset=dataset,
        sha256=sha,
        file=path,
        name="a",
        bytes=len(data),
        format=facts.format,
        width=facts.width,
        height=facts.height,
        orientation=facts.orientation,
        **columns,
    )


def opened(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(PillowImage.open(io.BytesIO(data)))


def checkerboard(width: int, height: int, cell: int = 16) -> NDArray[np.uint8]:
    y, x = np.mgrid[:height, :width]
    pattern = ((x // cell + y // cell) % 2 * 200 + 20).astype(np.uint8)
    return np.repeat(pattern[..., None], 3, axis=2)


def corners(width: int = 300, height: int = 200) -> NDArray[np.uint8]:
    pixels = np.full((height, width, 3), 128, np.uint8)
    pixels[: height // 2, : width // 2] = (220, 20, 20)
    pixels[: height // 2, width // 2 :] = (20, 220, 20)
    pixels[height // 2 :, : width // 2] = (20, 20, 220)
    return pixels


def saved(pixels: NDArray[np.uint8], format: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_shows_each_orientation_upright(dataset: Dataset, orientation: int) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    undo = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}[orientation]
    transpose = PillowImage.Transpose
    turn = {
        2: transpose.FLIP_LEFT_RIGHT,
        3: transpose.ROTATE_180,
        4: transpose.FLIP_TOP_BOTTOM,
        5: transpose.TRANSPOSE,
        6: transpose.ROTATE_270,
        7: transpose.TRANSVERSE,
        8: transpose.ROTATE_90,
    }
    camera = PillowImage.fromarray(corners())
    camera = camera if undo == 1 else camera.transpose(turn[undo])
    buffer = io.BytesIO()
    camera.save(buffer, "JPEG", quality=95, exif=exif.tobytes())
    image = stored(dataset, buffer.getvalue())
    shown = opened(image_jpeg(image, 1024))
    assert shown.shape == (200, 300, 3)
    assert np.abs(shown.astype(int) - corners()).mean() < 2
    assert (image.width, image.height) == (300, 200)


def test_it_turns_as_the_sweep_said(dataset: Dataset) -> None:
    image = stored(dataset, saved(corners()))
    image.rotation, image.width, image.height = 90, 200, 300
    image.save()
    shown = opened(image_jpeg(image, 1024))
    assert shown.shape == (300, 200, 3)
    assert np.abs(shown[10, -10].astype(int) - (220, 20, 20)).max() < 10
    assert upright_pixels(image).shape == (300, 200, 3)


def test_it_strips_every_kind_of_metadata(dataset: Dataset) -> None:
    exif = PillowImage.Exif()
    exif[0x013B] = "Anna Example"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    xmp = b'<x:xmpmeta xmlns:x="http://ns.adobe.com/x/">GPSLatitude</x:xmpmeta>'
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Anna Example, secret comment")
    files = [
        saved(
            corners(), "JPEG", exif=exif.tobytes(), xmp=xmp, icc_profile=profile, comment=b"secret comment"
        ),
        saved(corners(), "PNG", exif=exif.tobytes(), icc_profile=profile, pnginfo=text),
        saved(corners(), "WEBP", exif=exif.tobytes(), xmp=xmp, icc_profile=profile),
    ]
    for data in files:
        assert any(secret in data for secret in SECRETS)
        image = stored(dataset, data)
        for made in (image_jpeg(image, 256), image_jpeg(image, 1024), crop_jpeg(image, 10, 10, 50, 50, 64)):
            assert not any(secret in made for secret in SECRETS)
            shown = PillowImage.open(io.BytesIO(made))
            assert not shown.getexif()
            assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_it_never_makes_an_image_larger(dataset: Dataset) -> None:
    image = stored(dataset, saved(corners()))
    assert opened(image_jpeg(image, 4096)).shape == (200, 300, 3)
    assert opened(image_jpeg(image, 256)).shape == (171, 256, 3)


def test_it_leaves_the_original_as_it_was(dataset: Dataset) -> None:
    data = saved(corners())
    image = stored(dataset, data)
    image_jpeg(image, 1024)
    crop_jpeg(image, 0, 0, 100, 100, 64)
    with default_storage.open(image.file) as file:
        assert file.read() == data


@pytest.mark.parametrize("size", [(300, 200), (3000, 2000)])
def test_it_cuts_whole_pixels_where_they_are(dataset: Dataset, size: tuple[int, int]) -> None:
    pixels = checkerboard(*size)
    image = stored(dataset, saved(pixels))
    cut = opened(crop_jpeg(image, 40, 24, 128, 128, 128))
    assert np.abs(cut.astype(int) - pixels[24:152, 40:168]).mean() < 3


def test_it_places_fractions_of_a_pixel(dataset: Dataset) -> None:
    # A ramp whose value is its x: a crop shifted by half a pixel and enlarged 4 times shows exactly that shift.
    ramp = np.repeat(np.tile(np.arange(256, dtype=np.uint8), (100, 1))[..., None], 3, axis=2)
    image = stored(dataset, saved(ramp))
    cut = opened(crop_jpeg(image, 100.5, 20, 32, 32, 128)).astype(float)
    middle_x = 100.5 + (np.arange(128) + 0.5) * 0.25
    assert np.abs(cut[64, :, 0] - (middle_x - 0.5)).max() < 2
    assert abs(float((cut[64, :, 0] - (middle_x - 0.5)).mean())) < 0.3
    half = opened(crop_jpeg(image, 10, 10, 80, 80, 40)).astype(float)
    middle_x = 10 + (np.arange(40) + 0.5) * 2
    assert abs(float((half[20, 1:-1, 0] - (middle_x - 0.5)[1:-1]).mean())) <= 0.5


def test_it_is_black_outside_the_image(dataset: Dataset) -> None:
    image = stored(dataset, saved(np.full((100, 100, 3), 200, np.uint8)))
    cut = opened(crop_jpeg(image, -50, -50, 100, 100, 100))
    assert cut[:45, :45].max() < 8
    assert cut[55:, 55:].min() > 190
    assert opened(crop_jpeg(image, 300, 300, 50, 50, 32)).max() == 0


@pytest.mark.parametrize(
    "region",
    [
        (0, 0, 0, 10, 64),
        (0, 0, 10, -1, 64),
        (float("nan"), 0, 5, 5, 64),
        (0, 0, 5, 5, 5000),
        (0, 0, 5, 5, 4),
        (1e9, 0, 5, 5, 64),
    ],
)
def test_it_refuses_a_region_that_makes_no_sense(dataset: Dataset, region: Any) -> None:
    image = stored(dataset, saved(corners()))
    with pytest.raises(Invalid):
        crop_jpeg(image, *region)


def test_it_makes_a_derivative_again_after_a_power_cut_left_half_of_it(
    dataset: Dataset, files_folder: Path
) -> None:
    image = stored(dataset, saved(corners()))
    whole = image_jpeg(image, 256)
    (kept,) = files_folder.glob("derivatives/**/*_256.jpg")
    kept.write_bytes(whole[:100])
    assert image_jpeg(image, 256) == whole
    assert kept.read_bytes() == whole


def test_it_cuts_a_face_out_of_24_megapixels_without_decoding_them_all(dataset: Dataset) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (400, 600, 3), dtype=np.uint8)
    image = stored(dataset, saved(np.repeat(np.repeat(noise, 10, 0), 10, 1), "JPEG", quality=90))
    derivatives_make(image=image, pixels=upright_pixels(image))
    start = time.perf_counter()
    upright_pixels(image)
    whole = time.perf_counter() - start
    for region in ((2900.3, 1400.2, 300, 300, 512), (1000, 500, 2400, 2400, 768)):
        crop_jpeg(image, *region)
        times = []
        for _ in range(5):
            start = time.perf_counter()
            crop_jpeg(image, *region)
            times.append(time.perf_counter() - start)
        # 20 and 40 ms on one idle core, decoding all of it 300; a busy machine slows both.
        assert min(times) < whole / 2
