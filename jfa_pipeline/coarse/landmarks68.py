"""iBUG-68 landmarks of any box: dlib's 68-point predictor on a levelled crop.

The predictor (an ensemble of regression trees) was trained on 300-W inside the squares of dlib's own
detector, so a box of another convention has to be turned into such a square first. Both ways of doing that
were calibrated where the two detectors found the same frontal face (157 faces of the unlabelled portraits
and scenes): from a CenterFace box by shift and size, and, better, from CenterFace's five points by the
similarity that puts them where they lie in dlib's square.
"""

from __future__ import annotations

import math
from typing import Final

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.coarse.model_files import packaged_file
from jfa_pipeline.coarse.protocol import RgbImage
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import POINTS, Landmarks

FIVE_POINTS_IN_SQUARE: Final = np.array(
    [(0.2945, 0.285), (0.7055, 0.285), (0.5, 0.502), (0.33, 0.65), (0.67, 0.65)]
)
"""Where eyes, nose tip and mouth corners lie in dlib's square (median of the calibration, made symmetric)."""

SQUARE_SIDE_PER_BOX: Final = 1.04
SQUARE_SHIFT_DOWN_PER_BOX: Final = 0.12
"""dlib's square against sqrt(area) of a CenterFace box: its side, and how far its centre lies lower."""

_SQUARE: Final = 240
_MARGIN: Final = 100
_CROP: Final = _SQUARE + 2 * _MARGIN
_STARTS: Final = ((0.0, 0.0), (0.05, 0.0), (-0.05, 0.0), (0.0, 0.05), (0.0, -0.05))
_STEADY: Final = 0.02
_OVERSAMPLE_MAX: Final = 8

_Affine = NDArray[np.float64]
"""Shape (2, 3): image pixels to crop pixels, both in the continuous frame."""


class Landmarks68:
    """Predicts from five slightly shifted squares and takes the median, which steadies small and odd faces."""

    def __init__(self) -> None:
        path = packaged_file("face_recognition_models", "models/shape_predictor_68_face_landmarks.dat")
        self._predictor = dlib.shape_predictor(str(path))
        self._mean_shape = self._shapes(np.full((_CROP, _CROP, 3), 128, np.uint8)).mean(axis=0)

    def predict(
        self, image: RgbImage, box: Box, points: NDArray[np.float64] | None, *, square: bool = False
    ) -> tuple[Landmarks, NDArray[np.float32]]:
        """Landmarks (68, 2) of the face in ``box`` and their spread (68,), image pixels, continuous frame.

        points: (5, 2) eyes, nose tip, mouth corners, if the detector gave them. square: the box already is
        one of dlib's squares. The spread is the mean distance of the predictions from their median, divided
        by the square root of the box area: how much the answer depends on where the predictor started.
        """
        starts = [] if points is None else [_from_points(points)]
        starts.append(_from_box(box, square=square))
        side = math.sqrt(box.width * box.height)
        best: NDArray[np.float64] | None = None
        best_spread = math.inf
        for start in starts:
            rough = np.median(self._predictions(image, start), axis=0)
            found = self._predictions(image, similarity(rough, self._mean_shape))
            spread = float(_spread(found, side).mean())
            if spread < best_spread:
                best, best_spread = found, spread
            if best_spread < _STEADY:
                break
        assert best is not None  # noqa: S101  there is always at least one start
        return np.median(best, axis=0).astype(np.float32), _spread(best, side).astype(np.float32)

    def _predictions(self, image: RgbImage, to_crop: _Affine) -> NDArray[np.float64]:
        """(5, 68, 2) predictions in image pixels, one a start."""
        inside = cv2.invertAffineTransform(to_crop)
        shapes = self._shapes(levelled_crop(image, to_crop, _CROP))
        return np.asarray(shapes @ inside[:, :2].T + inside[:, 2])

    def _shapes(self, crop: RgbImage) -> NDArray[np.float64]:
        """(5, 68, 2) predictions in crop pixels."""
        found = np.empty((len(_STARTS), POINTS, 2))
        for row, (right, down) in enumerate(_STARTS):
            x, y = round(_MARGIN + right * _SQUARE), round(_MARGIN + down * _SQUARE)
            shape = self._predictor(crop, dlib.rectangle(x, y, x + _SQUARE - 1, y + _SQUARE - 1))
            found[row] = [(point.x, point.y) for point in shape.parts()]
        return found + 0.5


def _spread(found: NDArray[np.float64], side: float) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(found - np.median(found, axis=0), axis=2).mean(axis=0) / side)


def _from_points(points: NDArray[np.float64]) -> _Affine:
    return similarity(points, FIVE_POINTS_IN_SQUARE * _SQUARE + _MARGIN)


def _from_box(box: Box, *, square: bool) -> _Affine:
    size = math.sqrt(box.width * box.height)
    side = size if square else SQUARE_SIDE_PER_BOX * size
    x, y = box.centre
    y += 0 if square else SQUARE_SHIFT_DOWN_PER_BOX * size
    zoom = _SQUARE / side
    return np.array([[zoom, 0, _CROP / 2 - zoom * x], [0, zoom, _CROP / 2 - zoom * y]])


def similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> _Affine:
    """Least-squares rotation, scaling and shift (2, 3) that takes (N, 2) source points to target points."""
    rows = np.zeros((2 * len(source), 4))
    rows[0::2] = np.column_stack([source[:, 0], -source[:, 1], np.ones(len(source)), np.zeros(len(source))])
    rows[1::2] = np.column_stack([source[:, 1], source[:, 0], np.zeros(len(source)), np.ones(len(source))])
    a, b, x, y = np.linalg.lstsq(rows, target.reshape(-1), rcond=None)[0]
    return np.array([[a, -b, x], [b, a, y]])


def levelled_crop(image: RgbImage, to_crop: _Affine, size: int) -> RgbImage:
    """The (size, size, 3) crop that ``to_crop`` maps image pixels to; outside the image its edge goes on.

    A face much larger than the crop is first drawn at a multiple of the size and then averaged down, so that
    fine texture does not alias.
    """
    zoom = float(np.hypot(to_crop[0, 0], to_crop[1, 0]))
    times = min(_OVERSAMPLE_MAX, max(1, math.ceil(0.6 / zoom)))
    to_pixels = to_crop * times
    # OpenCV counts from the centre of the first pixel, the continuous frame from its corner.
    to_pixels[:, 2] += to_pixels[:, :2] @ (0.5, 0.5) - 0.5
    drawn = cv2.warpAffine(
        image,
        to_pixels,
        (size * times, size * times),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if times > 1:
        drawn = cv2.resize(drawn, (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(drawn, dtype=np.uint8)
