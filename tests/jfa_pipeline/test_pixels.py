"""Files in, upright sRGB pixels out: orientations, conversions, refusals."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from jfa_pipeline.core.pixels import PixelsRefused, decode, inspect
from tests.fixtures.colour_profiles import linear_profile, renamed_srgb_profile

WIDTH, HEIGHT = 60, 40


def scene() -> NDArray[np.uint8]:
    """(40, 60, 3): a different colour in each corner region, so that every turn and flip differs."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[:20, :30] = (250, 10, 10)
    pixels[:20, 30:] = (10, 250, 10)
    pixels[20:, :30] = (10, 10, 250)
    pixels[20:, 30:] = (200, 200, 10)
    return pixels


def saved(picture: Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


# How the camera was held: what it stored, made from the upright scene by the inverse of the EXIF rule.
STORED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_turns_each_of_the_eight_orientations_upright(format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(STORED[orientation](scene()))
    options: dict[str, Any] = {"lossless": True} if format == "WEBP" else {}
    if format == "JPEG":
        options = {"quality": 100, "subsampling": 0}
    data = saved(Image.fromarray(stored), format, exif=exif.tobytes(), **options)
    facts, pixels = inspect(data)
    assert (facts.width, facts.height, facts.orientation) == (WIDTH, HEIGHT, orientation)
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(pixels.astype(int) - scene()).max() <= 6  # JPEG's rounding
    assert (decode(data) == pixels).all()


def test_it_agrees_with_pillow_about_every_orientation() -> None:
    from PIL import ImageOps

    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        data = saved(Image.fromarray(scene()), "PNG", exif=exif.tobytes())
        expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
        assert (decode(data) == expected).all(), orientation


def test_it_turns_clockwise_after_the_orientation() -> None:
    data = saved(Image.fromarray(scene()), "PNG")
    quarter = decode(data, rotation=90)
    assert quarter.shape == (WIDTH, HEIGHT, 3)
    assert tuple(quarter[0, -1]) == (250, 10, 10)  # the top-left colour is now at the top right
    assert (decode(data, rotation=270)[::-1, ::-1] == quarter).all()
    with pytest.raises(ValueError, match="quarter turns"):
        decode(data, rotation=45)


def test_it_lays_transparency_on_white() -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[..., 0] = 200
    pixels[:20, :, 3] = 255
    pixels[20:, :, 3] = 0
    facts, flat = inspect(saved(Image.fromarray(pixels), "PNG"))
    assert facts.converted == "alpha"
    assert tuple(flat[0, 0]) == (200, 0, 0)
    assert tuple(flat[39, 0]) == (255, 255, 255)


def test_it_keeps_the_high_byte_of_sixteen_bits() -> None:
    values = np.full((40, 40), 0x1234, np.uint16)
    values[0, 0] = 0xFFFF
    for format in ("PNG", "TIFF"):
        facts, flat = inspect(saved(Image.fromarray(values), format))
        assert facts.converted == "16_bit"
        assert tuple(flat[1, 1]) == (0x12, 0x12, 0x12)
        assert tuple(flat[0, 0]) == (255, 255, 255)


def test_it_sees_sixteen_bits_in_a_colour_png_that_pillow_reads_as_eight() -> None:
    rows = b"".join(b"\x00" + struct.pack(">3H", 0xAB00, 0x1000, 0xFF00) * 40 for _ in range(40))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 40, 40, 16, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    facts, flat = inspect(data)
    assert facts.converted == "16_bit"
    assert tuple(flat[5, 5]) == (0xAB, 0x10, 0xFF)


@pytest.mark.parametrize(
    ("mode", "converted"), [("L", "grey"), ("1", "bilevel"), ("P", "palette"), ("RGB", ""), ("LA", "alpha")]
)
def test_it_names_what_it_converts_from(mode: str, converted: str) -> None:
    facts, flat = inspect(saved(Image.fromarray(scene()).convert(mode), "PNG"))
    assert facts.converted == converted
    assert flat.shape == (HEIGHT, WIDTH, 3)


def test_it_converts_cmyk_by_the_plain_formula_without_a_profile() -> None:
    cyan = Image.new("CMYK", (40, 40), (255, 0, 0, 0))
    facts, flat = inspect(saved(cyan, "TIFF"))
    assert facts.converted == "cmyk"
    assert tuple(flat[0, 0]) == (0, 255, 255)


def test_it_brings_a_linear_colour_profile_to_srgb() -> None:
    gamma_one = linear_profile()
    middle = Image.new("RGB", (40, 40), (55, 55, 55))
    facts, flat = inspect(saved(middle, "PNG", icc_profile=gamma_one))
    assert facts.converted == "colour_profile"
    # sRGB's curve: 55/255 = 0.2157 linear is 0.5019 encoded, level 128.
    assert np.abs(flat[0, 0].astype(int) - 128).max() <= 2


def test_it_knows_srgb_by_what_it_does_not_by_its_name() -> None:
    middle = Image.new("RGB", (40, 40), (55, 55, 55))
    facts, flat = inspect(saved(middle, "PNG", icc_profile=renamed_srgb_profile()))
    assert facts.converted == ""
    assert tuple(flat[0, 0]) == (55, 55, 55)


def test_it_goes_on_without_a_colour_profile_that_is_broken() -> None:
    facts, _ = inspect(saved(Image.fromarray(scene()), "PNG", icc_profile=b"not a profile" * 20))
    assert facts.converted == ""


def test_it_reads_a_large_jpeg_reduced_but_no_smaller_than_asked() -> None:
    large = Image.fromarray(np.repeat(np.repeat(scene(), 40, 0), 40, 1))
    data = saved(large, "JPEG")
    assert max(decode(data, min_side=500).shape) == 600
    assert max(decode(data, min_side=601).shape) == 1200
    assert max(decode(data, min_side=9000).shape) == 2400


def refused(data: bytes) -> str:
    with pytest.raises(PixelsRefused) as caught:
        inspect(data)
    assert caught.value.message.endswith(".")
    return caught.value.code


def test_it_refuses_what_is_no_still_picture() -> None:
    frames = [Image.new("RGB", (40, 40), c) for c in ("red", "green")]
    assert refused(b"") == "empty"
    assert refused(b"Dear diary, " * 20) == "not_an_image"
    assert refused(b"BMW and other cars, a long list of names") == "not_an_image"
    assert refused(b"PK\x03\x04 office file") == "not_an_image"
    assert refused(saved(frames[0], "GIF")) == "unsupported_format"
    assert refused(saved(frames[0], "AVIF")) == "unsupported_format"
    for format in ("GIF", "PNG", "WEBP"):
        assert refused(saved(frames[0], format, save_all=True, append_images=frames[1:])) == "animated"
    assert refused(saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])) == "several_pages"
    assert refused(saved(Image.new("F", (40, 40)), "TIFF")) == "unsupported_format"
    assert refused(saved(Image.new("RGB", (31, 400)), "PNG")) == "too_small"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_it_calls_a_file_that_ends_early_truncated(format: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (80, 90, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), format)
    assert refused(data[: int(len(data) * share)]) == "truncated"


def test_it_refuses_a_bomb_by_its_header() -> None:
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    bomb += struct.pack(">I", 10) + b"IDAT" + b"0123456789" + struct.pack(">I", 0)
    assert refused(bomb) == "decompression_bomb"
    assert refused(b"P6\n13000 13000\n255\n" + b"\0" * 100) == "decompression_bomb"


def test_it_calls_flipped_bytes_damage() -> None:
    data = bytearray(saved(Image.fromarray(scene()), "PNG"))
    data[data.index(b"IDAT") + 4] ^= 0xFF
    assert refused(bytes(data)) == "damaged"


def test_it_takes_the_first_picture_of_a_phones_multi_picture_file() -> None:
    first, second = Image.fromarray(scene()), Image.new("RGB", (WIDTH, HEIGHT), "white")
    data = saved(first, "MPO", save_all=True, append_images=[second], quality=95)
    facts, pixels = inspect(data)
    assert (facts.format, facts.converted) == ("JPEG", "")
    assert np.abs(pixels.astype(int) - scene())[:15, :25].max() < 6  # away from the blurred colour edges
