"""What is known about the faces of one training image."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from jfa_pipeline.core.ibug68 import FLIP, POINTS

MISSING_CLASS = -1


@dataclass(frozen=True, slots=True)
class Targets:
    """Labels of the G faces of one image, in input pixels; a missing label is marked, never encoded as a class.

    boxes: (G, 4). landmarks: (G, 68, 2), anything finite where unknown. has_point: (G, 68) bool; a face
    without landmarks has none. age: (G,) mean apparent age, NaN where unknown. age_sd: (G,) spread of people's
    votes, NaN where unknown. gender, ethnicity: (G,) class numbers, MISSING_CLASS where unknown.
    ignored: (R, 4) regions that are neither face nor background.
    """

    boxes: Tensor
    landmarks: Tensor
    has_point: Tensor
    age: Tensor
    age_sd: Tensor
    gender: Tensor
    ethnicity: Tensor
    ignored: Tensor

    def __len__(self) -> int:
        return len(self.boxes)

    @classmethod
    def of_boxes(cls, boxes: Tensor) -> Targets:
        """Faces of which only the box is known (T23)."""
        count = len(boxes)
        unknown = torch.full((count,), float("nan"))
        none = torch.full((count,), MISSING_CLASS, dtype=torch.long)
        return cls(
            boxes=boxes.float(),
            landmarks=torch.zeros(count, POINTS, 2),
            has_point=torch.zeros(count, POINTS, dtype=torch.bool),
            age=unknown,
            age_sd=unknown.clone(),
            gender=none,
            ethnicity=none.clone(),
            ignored=torch.zeros(0, 4),
        )

    def scaled(self, factor: float) -> Targets:
        """The same labels for the image resized by ``factor``."""
        return replace(
            self, boxes=self.boxes * factor, landmarks=self.landmarks * factor, ignored=self.ignored * factor
        )

    def flipped(self, width: float) -> Targets:
        """The same labels for the mirrored image, ``width`` pixels wide (T34)."""
        order = torch.from_numpy(FLIP)
        landmarks = self.landmarks[:, order].clone()
        landmarks[..., 0] = width - landmarks[..., 0]
        return replace(
            self,
            boxes=_mirror(self.boxes, width),
            landmarks=landmarks,
            has_point=self.has_point[:, order],
            ignored=_mirror(self.ignored, width),
        )

    def to(self, device: torch.device | str) -> Targets:
        """All tensors on another device."""
        return Targets(**{f.name: getattr(self, f.name).to(device) for f in fields(self)})


def _mirror(boxes: Tensor, width: float) -> Tensor:
    x1, y1, x2, y2 = boxes.unbind(dim=1)
    return torch.stack((width - x2, y1, width - x1, y2), dim=1)
