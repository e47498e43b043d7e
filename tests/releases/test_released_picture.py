"""What a release ships of a photograph: no metadata, upright, the pixels people saw."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from jfa_pipeline.core.pixels import decode
from jfa_pipeline.formats.released_picture import NotPlainJpeg, jpeg_without_metadata, released_picture

SECRET = b"51.4778N 0.0014W taken by Jane"


def picture(width: int = 80, height: int = 48) -> Image.Image:
    """A smooth picture whose four corners differ."""
    y, x = np.mgrid[0:height, 0:width]
    channels = [x * 255 // width, y * 255 // height, (x + y) * 127 // (width + height)]
    return Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8))


def jpeg(image: Image.Image | None = None, **options: Any) -> bytes:
    buffer = io.BytesIO()
    (image or picture()).save(buffer, "JPEG", quality=90, **options)
    return buffer.getvalue()


def exif(orientation: int = 1) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = SECRET.decode()
    return tags.tobytes()


def test_it_cuts_metadata_out_of_a_jpeg_and_keeps_its_coded_pixels() -> None:
    bare, full = jpeg(), jpeg(exif=exif(), comment=SECRET, icc_profile=None)
    assert SECRET in full
    shipped = released_picture(full)
    assert (shipped.how, shipped.extension, shipped.width, shipped.height) == ("stripped", "jpg", 80, 48)
    assert shipped.data == bare
    assert np.array_equal(decode(shipped.data), decode(full))


def test_it_drops_what_a_phone_appends_to_the_picture() -> None:
    assert released_picture(jpeg() + b"ftypmp42" + SECRET).data == jpeg()


def test_it_drops_the_thumbnail_inside_jfif() -> None:
    plain = jpeg()
    assert plain[2:4] == b"\xff\xe0"
    thumbnail = b"\xff\xe0" + (16 + 3).to_bytes(2, "big") + plain[6:18] + b"\x01\x01" + b"RGB"
    assert jpeg_without_metadata(plain[:2] + thumbnail + plain[20:]) == plain


def test_it_follows_the_scans_of_a_progressive_jpeg_to_the_end() -> None:
    full = jpeg(progressive=True, exif=exif(), comment=SECRET)
    shipped = released_picture(full)
    assert shipped.how == "stripped"
    assert SECRET not in shipped.data
    assert np.array_equal(decode(shipped.data), decode(full))


def test_it_keeps_restart_markers() -> None:
    full = jpeg(restart_marker_blocks=2, exif=exif())
    assert np.array_equal(decode(released_picture(full).data), decode(full))


def test_it_ships_a_grey_jpeg_as_it_is() -> None:
    full = jpeg(picture().convert("L"), exif=exif())
    shipped = released_picture(full)
    assert shipped.how == "stripped"
    assert np.array_equal(decode(shipped.data), decode(full))


@pytest.mark.parametrize("orientation", range(2, 9))
def test_it_turns_the_pixels_and_drops_the_tag(orientation: int) -> None:
    full = jpeg(exif=exif(orientation))
    shipped = released_picture(full)
    assert shipped.how == "reencoded"
    assert (shipped.width, shipped.height) == ((48, 80) if orientation >= 5 else (80, 48))
    assert SECRET not in shipped.data
    difference = decode(shipped.data).astype(int) - decode(full).astype(int)
    assert np.abs(difference).max() <= 8


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_it_turns_by_the_quarter_that_a_sweep_found(degrees: int) -> None:
    full = jpeg()
    shipped = released_picture(full, rotation=degrees)
    assert decode(shipped.data).shape == decode(full, rotation=degrees).shape
    difference = decode(shipped.data).astype(int) - decode(full, rotation=degrees).astype(int)
    assert np.abs(difference).max() <= 8


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_it_ships_other_formats_as_png_without_loss(kind: str) -> None:
    buffer = io.BytesIO()
    picture().save(buffer, kind)
    shipped = released_picture(buffer.getvalue())
    assert (shipped.how, shipped.extension) == ("png", "png")
    assert np.array_equal(decode(shipped.data), np.asarray(picture()))


def test_it_ships_no_text_of_a_png() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    buffer = io.BytesIO()
    picture().save(buffer, "PNG", pnginfo=text)
    assert SECRET in buffer.getvalue()
    assert SECRET not in released_picture(buffer.getvalue()).data


@pytest.mark.parametrize("original", [jpeg(exif=exif()), jpeg(exif=exif(6)), jpeg(picture().convert("CMYK"))])
def test_it_ships_what_it_shipped_once_more_unchanged(original: bytes) -> None:
    first = released_picture(original).data
    assert released_picture(first).data == first


def test_it_ships_a_png_once_more_unchanged() -> None:
    buffer = io.BytesIO()
    picture().save(buffer, "BMP")
    first = released_picture(buffer.getvalue()).data
    assert released_picture(first).data == first


@settings(max_examples=200)
@given(st.integers(0, 200), st.binary(max_size=40))
def test_it_says_so_when_there_is_no_structure_to_follow(keep: int, rest: bytes) -> None:
    """Cut and damaged files end in NotPlainJpeg or a picture, never in another error or an endless loop."""
    with contextlib.suppress(NotPlainJpeg):
        assert jpeg_without_metadata(jpeg()[:keep] + rest)[:2] == b"\xff\xd8"
