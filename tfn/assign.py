"""Which anchor, proposal or detection learns which face (T19, T21, T22; ties: A2 and Part 8)."""

from __future__ import annotations

import torch
from torch import Tensor

from tfn.config import RpnConfig

IGNORED = -1
BACKGROUND = 0
FACE = 1


def iou(a: Tensor, b: Tensor) -> Tensor:
    """(N, M) intersection over union in float64; pairs without area get 0."""
    first, second = a.double(), b.double()
    top_left = torch.maximum(first[:, None, :2], second[None, :, :2])
    bottom_right = torch.minimum(first[:, None, 2:], second[None, :, 2:])
    overlap = (bottom_right - top_left).clamp(min=0).prod(dim=2)
    area_a = (first[:, 2:] - first[:, :2]).clamp(min=0).prod(dim=1)
    area_b = (second[:, 2:] - second[:, :2]).clamp(min=0).prod(dim=1)
    union = area_a[:, None] + area_b[None, :] - overlap
    return torch.where(union > 0, overlap / union.clamp(min=1e-300), torch.zeros_like(overlap))


def assign_anchors(
    anchors: Tensor, faces: Tensor, ignored: Tensor, config: RpnConfig
) -> tuple[Tensor, Tensor]:
    """Labels and owners of the anchors of one image.

    anchors: (N, 4) over the union of all levels. faces: (G, 4). ignored: (R, 4) regions whose anchors are
    neither face nor background. Returns labels (N,) in {IGNORED, BACKGROUND, FACE} and owners (N,), the index
    of the face that a FACE anchor regresses to (0 elsewhere).

    positives="top" (T19): each face takes its ``positives_per_face`` anchors of highest IoU (> 0). IoU is
    computed in float64 and rounded to 1e-6 before ranking; ties go to the lowest flat index. An anchor claimed
    by two faces goes to the higher IoU, then to the face whose box is lexicographically smaller; the other
    face gets no replacement. The order in which faces are given does not matter.
    positives="threshold" (T35): IoU > ``positive_iou`` with any face, or best anchor of a face.
    Everything below ``negative_iou`` is background; the rest is ignored (A1), or background if it is None.
    """
    labels = torch.full((len(anchors),), BACKGROUND, dtype=torch.long)
    owners = torch.zeros(len(anchors), dtype=torch.long)
    if len(faces) == 0:
        return _without_ignored(labels, anchors, ignored), owners
    order = _lexicographic(faces)
    overlap = torch.round(iou(anchors, faces[order]) * 1e6) / 1e6
    best, best_face = overlap.max(dim=1)
    if config.negative_iou is not None:
        labels[best >= config.negative_iou] = IGNORED
    claims = torch.full_like(overlap, -1.0)
    if config.positives == "top":
        ranked = torch.sort(overlap, dim=0, descending=True, stable=True).indices[: config.positives_per_face]
        claims.scatter_(0, ranked, overlap.gather(0, ranked))
        claims[claims <= 0] = -1.0
    else:
        peak = overlap.max(dim=0).values
        claimed = (overlap > config.positive_iou) | ((overlap == peak) & (peak > 0))
        claims = torch.where(claimed, overlap, claims)
    strength, winner = claims.max(dim=1)
    positive = strength > 0
    labels[positive] = FACE
    owners[positive] = order[winner[positive]]
    if config.positives == "threshold":
        strong = positive & (best > config.positive_iou)
        owners[strong] = order[best_face[strong]]
    return _without_ignored(labels, anchors, ignored), owners


def assign_rois(rois: Tensor, faces: Tensor, ignored: Tensor, positive_iou: float) -> tuple[Tensor, Tensor]:
    """Labels (N,) and owners (N,) of proposals for the detection net: FACE if IoU > ``positive_iou``, strict (T21)."""
    labels = torch.full((len(rois),), BACKGROUND, dtype=torch.long)
    owners = torch.zeros(len(rois), dtype=torch.long)
    if len(faces):
        best, owners = iou(rois, faces).max(dim=1)
        labels[best > positive_iou] = FACE
    return _without_ignored(labels, rois, ignored), owners


def match_faces(predicted: Tensor, faces: Tensor, min_iou: float) -> tuple[Tensor, Tensor]:
    """Predicted faces that a landmark or attribute net may learn from (T22).

    Returns (kept, owners): indices into ``predicted`` with IoU > ``min_iou`` (strict) and the face each matches.
    """
    if len(predicted) == 0 or len(faces) == 0:
        none = torch.zeros(0, dtype=torch.long)
        return none, none
    best, owner = iou(predicted, faces).max(dim=1)
    kept = torch.nonzero(best > min_iou).flatten()
    return kept, owner[kept]


def _without_ignored(labels: Tensor, boxes: Tensor, ignored: Tensor) -> Tensor:
    """Background boxes that lie mostly (more than half of their area) inside an ignore region become IGNORED."""
    if len(ignored) and len(boxes):
        first, second = boxes.double(), ignored.double()
        top_left = torch.maximum(first[:, None, :2], second[None, :, :2])
        bottom_right = torch.minimum(first[:, None, 2:], second[None, :, 2:])
        inside = (bottom_right - top_left).clamp(min=0).prod(dim=2)
        area = (first[:, 2:] - first[:, :2]).clamp(min=0).prod(dim=1).clamp(min=1e-12)
        covered = (inside / area[:, None]).max(dim=1).values > 0.5
        touching = iou(boxes, ignored).max(dim=1).values > 0.3
        labels[(labels == BACKGROUND) & (covered | touching)] = IGNORED
    return labels


def _lexicographic(boxes: Tensor) -> Tensor:
    """Indices that sort (G, 4) boxes by (x1, y1, x2, y2)."""
    order = torch.arange(len(boxes))
    for column in (3, 2, 1, 0):
        order = order[torch.sort(boxes[order, column], stable=True).indices]
    return order
