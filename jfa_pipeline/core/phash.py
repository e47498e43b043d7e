"""A perceptual hash: 64 bits that change little when a picture is scaled, recompressed or brightened.

The sign of the 64 lowest frequencies of a 32 x 32 grey picture against their median (the discrete cosine
transform hash; Zauner 2010, section 3.2.1).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE: Final = 32
KEPT: Final = 8
FLAT: Final = 2.0
"""Grey levels of standard deviation below which a picture has no pattern to compare."""


def phash(pixels: NDArray[np.uint8]) -> int | None:
    """Hash of upright (H, W, 3) RGB pixels as a signed 64-bit integer; None for a picture without a pattern."""
    reduced = cv2.resize(np.ascontiguousarray(pixels), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(reduced, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if float(grey.std()) < FLAT:
        return None
    low = cv2.dct(grey)[:KEPT, :KEPT].ravel()
    bits = low > np.median(low[1:])  # the first one is the mean brightness
    return int(np.packbits(bits).view(">i8")[0])


def hamming(a: int, b: int) -> int:
    """Bits in which two signed 64-bit hashes differ, 0 to 64."""
    return ((a ^ b) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()
