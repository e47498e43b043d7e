"""What a release ships of a photograph: an upright picture without metadata, whose pixels the labels refer to.

Metadata (places, dates, serial numbers, thumbnails, a phone's appended film) never leaves with a release. A
JPEG that needs no turning keeps its compressed pixels bit for bit; only its other segments are cut out. What
must be turned or converted is written anew: a JPEG as JPEG (quality 95, full colour resolution), everything
else as PNG. The same input gives the same bytes, and a shipped file that comes back in is shipped unchanged.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final, Literal

from PIL import Image

from jfa_pipeline.core.pixels import ImageFacts, RgbPixels, inspect, turned

QUALITY: Final = 95
LOSSLESS: Final = ("", "grey")
"""Conversions that leave a JPEG's own pixels valid: none, or grey read as three equal channels."""

SOI, EOI, SOS, TEM = 0xD8, 0xD9, 0xDA, 0x01
RESTARTS: Final = range(0xD0, 0xD8)
APP0, APP14, COM = 0xE0, 0xEE, 0xFE
JFIF_LENGTH: Final = 16

How = Literal["stripped", "reencoded", "png"]


@dataclass(frozen=True, slots=True)
class ReleasedPicture:
    """data: the file's bytes; extension: "jpg" or "png"; width, height: its pixels; how: what was done."""

    data: bytes
    extension: str
    width: int
    height: int
    how: How


class NotPlainJpeg(ValueError):
    """The bytes have no segment structure that could be followed to the end of the picture."""


def released_picture(original: bytes, *, rotation: int = 0) -> ReleasedPicture:
    """The picture to ship for an original file, turned clockwise by ``rotation`` degrees after its EXIF turn.

    Raises PixelsRefused for a file that cannot be decoded.
    """
    facts, pixels = inspect(original)
    upright = turned(pixels, rotation)
    height, width = upright.shape[:2]
    if facts.format == "JPEG":
        if _keeps_its_pixels(facts, rotation):
            try:
                return ReleasedPicture(jpeg_without_metadata(original), "jpg", width, height, "stripped")
            except NotPlainJpeg:
                pass  # decodable all the same: written anew below
        return ReleasedPicture(_encoded(upright, "JPEG"), "jpg", width, height, "reencoded")
    return ReleasedPicture(_encoded(upright, "PNG"), "png", width, height, "png")


def jpeg_without_metadata(data: bytes) -> bytes:
    """The JPEG with its coded pixels and tables and nothing else; what follows the picture is dropped.

    Kept of the application segments: JFIF (without its thumbnail) and Adobe's, which says how colours are
    coded. Raises NotPlainJpeg.
    """
    if data[:2] != bytes((0xFF, SOI)):
        raise NotPlainJpeg("There is no start of a JPEG picture.")
    kept = [data[:2]]
    at = 2
    while True:
        at = _skip_fill(data, at)
        marker = data[at + 1]
        if marker == EOI:
            kept.append(data[at : at + 2])
            return b"".join(kept)
        if marker == TEM or marker in RESTARTS:
            kept.append(data[at : at + 2])
            at += 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end < at + 4 or end > len(data):
            raise NotPlainJpeg("A segment runs past the end of the file.")
        kept.append(_kept_of(marker, data[at:end]))
        at = end
        if marker == SOS:
            end = _end_of_scan(data, at)
            kept.append(data[at:end])
            at = end


def _keeps_its_pixels(facts: ImageFacts, rotation: int) -> bool:
    return facts.orientation == 1 and rotation == 0 and facts.converted in LOSSLESS


def _kept_of(marker: int, segment: bytes) -> bytes:
    """The segment (marker, length, content) as it is shipped; empty if it is left out."""
    if marker == APP0:
        if segment[4:9] != b"JFIF\0" or len(segment) < JFIF_LENGTH + 2:
            return b""
        return segment[:2] + JFIF_LENGTH.to_bytes(2, "big") + segment[4:16] + b"\0\0"
    if marker == APP14:
        return segment if segment[4:9] == b"Adobe" else b""
    is_metadata = APP0 < marker <= 0xEF or marker == COM
    return b"" if is_metadata else segment


def _skip_fill(data: bytes, at: int) -> int:
    """Position of the 0xFF right before the next marker's code; any number of 0xFF may fill the gap."""
    if at >= len(data) or data[at] != 0xFF:
        raise NotPlainJpeg("A marker was expected.")
    while at + 1 < len(data) and data[at + 1] == 0xFF:
        at += 1
    if at + 1 >= len(data):
        raise NotPlainJpeg("The file ends before the picture does.")
    return at


def _end_of_scan(data: bytes, at: int) -> int:
    """Position of the first marker after coded pixels; restart markers and stuffed bytes belong to them."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        code = data[at + 1]
        if code == 0xFF:
            at += 1
        elif code == 0x00 or code in RESTARTS:
            at += 2
        else:
            return at
    raise NotPlainJpeg("The file ends inside the coded pixels.")


def _encoded(pixels: RgbPixels, kind: Literal["JPEG", "PNG"]) -> bytes:
    buffer = io.BytesIO()
    options = {"quality": QUALITY, "subsampling": 0} if kind == "JPEG" else {"compress_level": 6}
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()
