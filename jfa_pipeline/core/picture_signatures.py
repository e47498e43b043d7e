"""What a file is by its first bytes, whatever its name says, and whether it ends before its own format's end."""

from __future__ import annotations

import struct
from typing import Final

OTHER_PICTURES: Final = {
    "GIF": "GIF",
    "HEIF": "HEIC/HEIF",
    "AVIF": "AVIF",
    "JXL": "JPEG XL",
    "JPEG2000": "JPEG 2000",
    "PSD": "Photoshop",
    "ICO": "icon",
    "SVG": "SVG",
    "PCX": "PCX",
    "DDS": "DDS",
    "QOI": "QOI",
    "PDF": "PDF",
    "RAW": "camera raw",
}
"""Formats that are pictures and do not come in, with the name people know."""

ARCHIVES: Final = {
    "zip": "a zip archive (or an office file)",
    "gzip": "a gzip archive",
    "7z": "a 7z archive",
    "rar": "a rar archive",
    "bzip2": "a bzip2 archive",
    "xz": "an xz archive",
    "tar": "a tar archive",
}

_STARTS: Final = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"\xff\x0a", "JXL"),
    (b"\x00\x00\x00\x0cJXL ", "JXL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"8BPS", "PSD"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"DDS ", "DDS"),
    (b"qoif", "QOI"),
    (b"%PDF-", "PDF"),
    (b"FUJIFILMCCD-RAW", "RAW"),
)
_ARCHIVE_STARTS: Final = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
)


def picture_in(data: bytes) -> str | None:
    """The picture format of the content: a key of pixels.FORMATS or OTHER_PICTURES; None for anything else."""
    for start, name in _STARTS:
        if data.startswith(start) and (name != "BMP" or _is_bmp(data)):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in (b"avif", b"avis"):
            return "AVIF"
        if brand in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis"):
            return "HEIF"
        return None
    if data[:1] == b"P" and data[1:2] in (b"1", b"2", b"3", b"4", b"5", b"6") and data[2:3].isspace():
        return "PPM"
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<svg") or (head.startswith(b"<?xml") and b"<svg" in head):
        return "SVG"
    return None


def archive_in(data: bytes) -> str | None:
    """A key of ARCHIVES if the content is an archive."""
    for start, name in _ARCHIVE_STARTS:
        if data.startswith(start):
            return name
    return "tar" if data[257:262] == b"ustar" else None


def ends_early(data: bytes, kind: str) -> bool:
    """Whether a file that failed to decode lacks the end that its format must have."""
    match kind:
        case "JPEG" | "MPO":
            return b"\xff\xd9" not in data[-64:]
        case "PNG":
            return b"IEND" not in data[-64:]
        case "WEBP":
            return len(data) < 12 or len(data) < 8 + int(struct.unpack_from("<I", data, 4)[0])
        case "BMP":
            return len(data) < 14 or len(data) < int(struct.unpack_from("<I", data, 2)[0])
        case "TIFF":
            return _tiff_directory_outside(data)
        case _:
            return False


def _is_bmp(data: bytes) -> bool:
    """ "BM" starts many a text; a bitmap's second header has one of a few sizes."""
    return len(data) < 18 or int(struct.unpack_from("<I", data, 14)[0]) in (12, 40, 52, 56, 64, 108, 124)


def _tiff_directory_outside(data: bytes) -> bool:
    if len(data) < 8:
        return True
    order = "<" if data[:2] == b"II" else ">"
    return int(struct.unpack_from(f"{order}I", data, 4)[0]) + 2 > len(data)
