"""Photograph files: what may come in, and their pixels as the rest of the pipeline sees them.

``inspect`` judges a file's bytes; ``decode`` gives its upright sRGB pixels. Everything else in the project sees
only what ``decode`` gives: (H, W, 3) uint8 RGB, EXIF orientation applied, no metadata.

Formats that come in: JPEG (a phone's multi-picture file counts as its first picture), PNG, WebP, BMP, TIFF,
PPM/PGM/PBM, one picture each. What 8-bit RGB cannot hold is converted, and ``ImageFacts.converted`` names it:

==================  =================================================================================
``16_bit``          16 bits a channel: the high byte is kept
``cmyk``            converted by the file's own colour profile, else by the plain formula
``lab``, ``ycbcr``  converted to RGB
``alpha``           laid on white
``palette``         looked up (and laid on white where it has transparency)
``grey``            the same value in all three channels
``bilevel``         black and white as 0 and 255
``colour_profile``  an RGB profile other than sRGB, such as Display P3: converted to sRGB
==================  =================================================================================
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from jfa_pipeline.core.picture_signatures import ARCHIVES, OTHER_PICTURES, archive_in, ends_early, picture_in

MAX_PIXELS: Final = 150_000_000
MAX_SIDE: Final = 60_000
MIN_SIDE: Final = 32
"""A face needs more than 30 px a side to be labelled (J07), so a smaller picture holds none."""

FORMATS: Final = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "BMP": "bmp", "TIFF": "tif", "PPM": "ppm"}
"""Pillow's name of each format that comes in, and the extension under which its original is stored."""

OPENED: Final = (*FORMATS, "GIF")
"""The only decoders of Pillow that ever see a file."""

ORIENTATION_TAG: Final = 0x0112
DRAFT_FORMATS: Final = ("JPEG", "MPO")
SRGB_TOLERANCE: Final = 4
_SOME_COLOURS: Final = np.stack(
    np.meshgrid(*(np.linspace(0, 255, 9, dtype=np.uint8),) * 3, indexing="ij"), axis=-1
).reshape(1, -1, 3)
"""Shape (1, 729, 3): a grid over all of RGB."""

SIXTEEN_BIT_MODES: Final = ("I;16", "I;16L", "I;16B", "I;16N", "I")

RgbPixels = NDArray[np.uint8]
"""Shape (H, W, 3), RGB, sRGB, upright."""


class PixelsRefused(Exception):
    """The file is no picture that can come in. ``code`` is stable; the message is for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What a file is.

    format: a key of FORMATS. width, height: px of the upright image. orientation: EXIF value, 1 to 8.
    mode: Pillow's mode of the stored pixels. converted: what decoding converts from ("": nothing), see above.
    """

    format: str
    width: int
    height: int
    orientation: int
    mode: str
    converted: str


def inspect(data: bytes) -> tuple[ImageFacts, RgbPixels]:
    """The facts of a file and its upright pixels, (H, W, 3); every pixel is decoded to find damage.

    Raises PixelsRefused with one of the codes empty, not_an_image, unsupported_format, animated,
    several_pages, decompression_bomb, too_small, truncated, damaged, out_of_memory.
    """
    picture = _open(data)
    converted = _conversion_of(picture, data)
    orientation = _orientation_of(picture, data)
    width, height = picture.size
    if picture.format != "TIFF" and orientation >= 5:  # Pillow turns TIFF files itself
        width, height = height, width
    facts = ImageFacts(
        format="JPEG" if picture.format == "MPO" else str(picture.format),
        width=width,
        height=height,
        orientation=orientation,
        mode=picture.mode,
        converted=converted,
    )
    return facts, _pixels_of(picture, data, orientation)


def decode(data: bytes, *, rotation: int = 0, min_side: int | None = None) -> RgbPixels:
    """The upright sRGB pixels of a file, (H, W, 3) uint8, then turned clockwise by ``rotation`` degrees.

    ``min_side``: a JPEG may come out reduced by 2, 4 or 8, its longer side no shorter than this, which is
    faster. Raises PixelsRefused like ``inspect``; ValueError for a rotation that is no quarter turn.
    """
    picture = _open(data)
    orientation = _orientation_of(picture, data)
    if min_side is not None and picture.format in DRAFT_FORMATS:
        scale = min_side / max(picture.size)
        if scale < 1:
            wanted = (max(1, int(picture.width * scale)), max(1, int(picture.height * scale)))
            picture.draft(None, wanted)
    return turned(_pixels_of(picture, data, orientation), rotation)


def upright(pixels: RgbPixels, orientation: int) -> RgbPixels:
    """Stored pixels (H, W, 3) turned as their EXIF orientation (1 to 8) says; a view where possible."""
    match orientation:
        case 2:
            return pixels[:, ::-1]
        case 3:
            return pixels[::-1, ::-1]
        case 4:
            return pixels[::-1]
        case 5:
            return pixels.swapaxes(0, 1)
        case 6:
            return pixels[::-1].swapaxes(0, 1)
        case 7:
            return pixels[::-1, ::-1].swapaxes(0, 1)
        case 8:
            return pixels[:, ::-1].swapaxes(0, 1)
        case _:
            return pixels


def turned(pixels: RgbPixels, degrees: int) -> RgbPixels:
    """Pixels turned clockwise by 0, 90, 180 or 270 degrees. Raises ValueError for another angle."""
    if degrees % 90:
        raise ValueError(f"A picture is turned by quarter turns, not by {degrees} degrees.")
    return np.rot90(pixels, k=-(degrees // 90) % 4)


def _open(data: bytes) -> Image.Image:
    """The picture with its header read and judged, its pixels not decoded yet."""
    if not data:
        raise PixelsRefused("empty", "The file is empty.")
    kind = picture_in(data)
    if kind is None:
        found = archive_in(data)
        if found is not None:
            raise PixelsRefused("not_an_image", f"This is {ARCHIVES[found]}, not a picture.")
        raise PixelsRefused("not_an_image", "This is not a picture: its content has no known picture format.")
    if kind in OTHER_PICTURES and kind != "GIF":  # a GIF is opened to tell a moving one
        raise _unsupported(kind)
    try:
        with warnings.catch_warnings():
            # The limit is checked below, with a code of its own, before any pixel is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=OPENED)
        several = int(getattr(picture, "n_frames", 1)) > 1
    except Image.DecompressionBombError as error:
        raise PixelsRefused("decompression_bomb", _too_many_pixels()) from error
    except Exception as error:  # Pillow raises many kinds for a damaged header
        raise _broken(error, data, kind) from error
    if several and picture.format not in ("MPO", "TIFF"):
        raise PixelsRefused("animated", "This is an animation; only still pictures come in.")
    if several and picture.format == "TIFF":
        raise PixelsRefused("several_pages", "This TIFF file holds several pages; save each as its own file.")
    if picture.format not in (*FORMATS, "MPO"):
        raise _unsupported(str(picture.format))
    if picture.width * picture.height > MAX_PIXELS or max(picture.size) > MAX_SIDE:
        raise PixelsRefused("decompression_bomb", _too_many_pixels(picture.size))
    if min(picture.size) < MIN_SIDE:
        raise PixelsRefused(
            "too_small",
            f"The picture is {picture.width} x {picture.height} px; no face of more than 30 px fits in.",
        )
    return picture


def _conversion_of(picture: Image.Image, data: bytes) -> str:
    """What decoding converts from; raises PixelsRefused for samples that have no fixed range."""
    mode = picture.mode
    if mode == "F" or (mode == "I" and picture.format == "TIFF"):
        raise PixelsRefused(
            "unsupported_format",
            "The samples are floating-point or 32-bit numbers; save it with 8 or 16 bits.",
        )
    if mode in SIXTEEN_BIT_MODES or _bits_a_sample(picture, data) > 8:
        return "16_bit"
    named = {"CMYK": "cmyk", "LAB": "lab", "P": "palette", "L": "grey", "1": "bilevel", "YCbCr": "ycbcr"}
    if mode in named:
        return named[mode]
    if mode != "RGB" or "transparency" in picture.info:
        return "alpha"
    return "colour_profile" if _profile_to_srgb(picture) is not None else ""


def _bits_a_sample(picture: Image.Image, data: bytes) -> int:
    """Bits of one channel in the file; Pillow hides them, because it reads 48-bit colour as 24-bit."""
    if picture.format == "PNG":
        return data[24]
    if picture.format == "TIFF":
        bits: Any = getattr(picture, "tag_v2", {}).get(258, (8,))
        return max(bits) if isinstance(bits, tuple) else int(bits)
    if picture.format == "PPM":
        return _ppm_bits(data)
    return 8


def _ppm_bits(data: bytes) -> int:
    """16 if the file's largest value is above 255. The header is four words; ``#`` starts a comment."""
    words: list[bytes] = []
    for line in data[:4096].splitlines():
        words += line.split(b"#", 1)[0].split()
        if len(words) >= 4:
            break
    if words[0] in (b"P1", b"P4") or len(words) < 4 or not words[3].isdigit():
        return 8
    return 16 if int(words[3]) > 255 else 8


def _orientation_of(picture: Image.Image, data: bytes) -> int:
    if picture.format == "PNG":
        _load(picture, data)  # its EXIF block may come last: reading it would load, and hide the damage
    try:
        value = picture.getexif().get(ORIENTATION_TAG, 1)
    except (ValueError, TypeError, SyntaxError, struct.error, OSError, KeyError):  # a damaged EXIF block
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _pixels_of(picture: Image.Image, data: bytes, orientation: int) -> RgbPixels:
    is_tiff = picture.format == "TIFF"
    _load(picture, data)
    try:
        stored = np.asarray(_to_srgb(picture))
    except MemoryError as error:
        raise _out_of_memory() from error
    except (ValueError, OSError, ImageCms.PyCMSError) as error:
        raise _broken(error, data, str(picture.format)) from error
    return stored if is_tiff else upright(stored, orientation)


def _load(picture: Image.Image, data: bytes) -> None:
    try:
        picture.load()
    except Image.DecompressionBombError as error:
        raise PixelsRefused("decompression_bomb", _too_many_pixels()) from error
    except MemoryError as error:
        raise _out_of_memory() from error
    except Exception as error:  # Pillow raises many kinds for damaged data
        raise _broken(error, data, str(picture.format)) from error


def _to_srgb(picture: Image.Image) -> Image.Image:
    """A loaded picture as 8-bit sRGB, see the table above."""
    if picture.mode in SIXTEEN_BIT_MODES:
        values = np.asarray(picture).astype(np.int32)
        return Image.fromarray((values >> 8).clip(0, 255).astype(np.uint8)).convert("RGB")
    transform = _profile_to_srgb(picture)
    if "transparency" in picture.info or picture.mode in ("RGBA", "RGBa", "LA", "La", "PA"):
        clear = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        flat = Image.alpha_composite(white, clear).convert("RGB")
    elif picture.mode == "CMYK" and transform is not None:
        flat = picture
    elif picture.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        built = ImageCms.buildTransform(lab, ImageCms.createProfile("sRGB"), "LAB", "RGB")
        return ImageCms.applyTransform(picture, built) or picture
    else:
        flat = picture.convert("RGB")
    if transform is None or transform.input_mode != flat.mode:
        return flat
    return ImageCms.applyTransform(flat, transform) or flat


def _profile_to_srgb(picture: Image.Image) -> ImageCms.ImageCmsTransform | None:
    """The transform from the file's own colour profile to sRGB; None if it has none, a broken one, or sRGB."""
    raw = picture.info.get("icc_profile")
    if not raw:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(raw))
        space = profile.profile.xcolor_space.strip()
        if space not in ("RGB", "CMYK"):
            return None
        transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), space, "RGB")
        return None if space == "RGB" and _changes_nothing(transform) else transform
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether a transform moves no colour by more than rounding: many profiles are sRGB under another name."""
    colours = Image.fromarray(_SOME_COLOURS)
    moved = ImageCms.applyTransform(colours, transform)
    return moved is None or int(np.abs(np.asarray(moved, np.int16) - _SOME_COLOURS).max()) <= SRGB_TOLERANCE


def _out_of_memory() -> PixelsRefused:
    return PixelsRefused("out_of_memory", "This computer has too little memory for a picture of this size.")


def _unsupported(name: str) -> PixelsRefused:
    known = "JPEG, PNG, WebP, BMP, TIFF and PPM"
    return PixelsRefused(
        "unsupported_format",
        f"{OTHER_PICTURES.get(name, name)} files do not come in; save it as one of {known}.",
    )


def _too_many_pixels(size: tuple[int, int] | None = None) -> str:
    given = f"The file claims {size[0]} x {size[1]} px" if size else "The file would unpack to far more data"
    return f"{given}; a picture may have {MAX_PIXELS // 1_000_000} megapixels and {MAX_SIDE} px a side."


def _broken(error: Exception, data: bytes, kind: str) -> PixelsRefused:
    words = str(error).lower()
    if "decompressed data too large" in words:
        return PixelsRefused("decompression_bomb", "A text or profile block would unpack to far more data.")
    if "truncated" in words or ends_early(data, kind):
        return PixelsRefused("truncated", f"The {kind} file ends too early; copy it again from its source.")
    return PixelsRefused("damaged", f"The {kind} file is damaged and cannot be decoded.")
