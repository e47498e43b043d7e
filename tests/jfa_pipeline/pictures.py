"""Pictures that may be shown to anyone, for tests that need a real face."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def astronaut() -> NDArray[np.uint8]:
    """(512, 512, 3) RGB: the public-domain portrait inside scikit-image, one face about (175, 70)-(265, 190)."""
    from skimage.data import astronaut as picture

    return np.asarray(picture(), dtype=np.uint8)
