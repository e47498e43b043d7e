"""The second, independent detector: dlib's frontal face detector (HOG features, five linear filters)."""

from __future__ import annotations

from typing import Final

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.coarse.protocol import RgbImage, checked_rgb

_LONG_SIDE: Final = 1000
_ENLARGE_MAX: Final = 2.0


class DlibHog:
    """Finds faces from about 80 pixels in the scaled image; squares that end at brows and chin."""

    def __init__(self, *, score_min: float = 0.3) -> None:
        """score_min: distance from the decision plane; 0 is dlib's own threshold, 0.3 drops its doubtful tail."""
        self.score_min = score_min
        self._detector = dlib.get_frontal_face_detector()

    def detect(self, image: RgbImage) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Boxes (N, 4) xyxy and scores (N,), best first, of an upright (H, W, 3) RGB image.

        The image is scaled to a longer side of 1,000 pixels, but never to more than twice its size. Boxes
        are in the image's continuous frame: dlib's inclusive right and bottom pixels get one added.
        """
        image = checked_rgb(image)
        height, width = image.shape[:2]
        scale = min(_ENLARGE_MAX, _LONG_SIDE / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        found, scores, _ = self._detector.run(cv2.resize(image, size, interpolation=how), 0, self.score_min)
        boxes = np.array(
            [(r.left(), r.top(), r.right() + 1, r.bottom() + 1) for r in found], dtype=np.float64
        )
        back = np.array([width / size[0], height / size[1]] * 2)
        return boxes.reshape(-1, 4) * back, np.array(scores, dtype=np.float64)
