"""Equations (1)-(6): one function a loss term, missing labels give exactly zero gradient (T14-T18, T41)."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from jfa_pipeline.core.ibug68 import POINTS
from tfn.assign import FACE
from tfn.config import LossConfig
from tfn.models.task_nets import Attributes
from tfn.targets import MISSING_CLASS

WING_WIDTH = 10.0
WING_CURVATURE = 2.0


class AgeTarget(NamedTuple):
    """mean: (N,) years, NaN where missing. sd: (N,) spread of the votes, NaN where unknown."""

    mean: Tensor
    sd: Tensor


def smooth_l1(residual: Tensor) -> Tensor:
    """0.5 x^2 where |x| < 1, else |x| - 0.5, element by element (T17)."""
    size = residual.abs()
    return torch.where(size < 1, 0.5 * residual * residual, size - 0.5)


def wing(residual: Tensor, width: float = WING_WIDTH, curvature: float = WING_CURVATURE) -> Tensor:
    """Wing loss: w ln(1 + |x| / eps) below w, |x| - C above (Feng et al. 2018; Part 6, 4)."""
    size = residual.abs()
    offset = width - width * math.log(1 + width / curvature)
    return torch.where(size < width, width * torch.log1p(size / curvature), size - offset)


def rpn_losses(
    logits: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor, config: LossConfig
) -> tuple[Tensor, Tensor]:
    """Equation (2) over the sampled anchors: (classification, box).

    logits (S, 2), deltas (S, 4), labels (S,) in {0, 1}, targets (S, 4) (rows of background are not read).
    Both terms are divided by S (T18).
    """
    return _classify_and_regress(logits, deltas, labels, targets, config.reduction, config.rpn_box)


def detection_losses(
    logits: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor, config: LossConfig
) -> tuple[Tensor, Tensor]:
    """Equation (3) over the sampled proposals; shapes as in ``rpn_losses`` (T15)."""
    return _classify_and_regress(logits, deltas, labels, targets, config.reduction, config.detection_box)


def landmark_loss(offsets: Tensor, targets: Tensor, has_point: Tensor, config: LossConfig) -> Tensor:
    """First half of equation (4): sum over the known coordinates, mean over faces that have any (T16, T18).

    offsets, targets: (N, 68, 2) in the coding of equation (5). has_point: (N, 68) bool, the indicator per point.
    """
    known = has_point[..., None]
    residual = torch.where(known, offsets.float() - targets, torch.zeros_like(targets))
    term = smooth_l1(residual) if config.landmark_loss == "smooth_l1" else wing(residual * 100) / 100
    total = torch.where(known, term, torch.zeros_like(term)).sum()
    return config.landmarks * _reduce(total, has_point.any(dim=1).sum(), config.reduction)


def heatmap_loss(logits: Tensor, cells: Tensor, has_point: Tensor, config: LossConfig) -> Tensor:
    """Multinomial cross-entropy of the heatmap head (T41, A9).

    logits: (N, 68 | 69, S, S). cells: (N, 68, 2) integer (column, row) of the hot cell. has_point: (N, 68).
    spatial: per landmark a softmax over the S x S grid; mean over the face's points, then over faces.
    channels: per pixel a softmax over 68 landmarks and background.
    """
    faces, _, size, _ = logits.shape
    flat = cells[..., 1] * size + cells[..., 0]
    labelled = has_point.any(dim=1)
    if config.heatmap == "spatial":
        per_point = functional.cross_entropy(
            logits.float().reshape(faces * POINTS, size * size), flat.reshape(-1), reduction="none"
        ).view(faces, POINTS)
        per_point = torch.where(has_point, per_point, torch.zeros_like(per_point))
        per_face = per_point.sum(dim=1) / has_point.sum(dim=1).clamp(min=1)
    else:
        grid = torch.full((faces, size * size), POINTS, dtype=torch.long, device=logits.device)
        for point in range(POINTS):
            rows = torch.nonzero(has_point[:, point]).flatten()
            grid[rows, flat[rows, point]] = point
        per_pixel = functional.cross_entropy(logits.float().flatten(2), grid, reduction="none")
        per_face = torch.where(labelled, per_pixel.mean(dim=1), torch.zeros_like(per_pixel[:, 0]))
    return config.landmarks * _reduce(per_face.sum(), labelled.sum(), config.reduction)


def attribute_losses(
    logits: Attributes, age: AgeTarget, gender: Tensor, ethnicity: Tensor, config: LossConfig
) -> dict[str, Tensor]:
    """Second half of equation (4): age, gender, ethnicity, each over the faces that have that label (T16)."""
    return {
        "age": config.age * age_loss(logits.age, age, config),
        "gender": config.gender * class_loss(logits.gender, gender, config),
        "ethnicity": config.ethnicity * class_loss(logits.ethnicity, ethnicity, config),
    }


def age_class(age: Tensor, classes: int = 101) -> Tensor:
    """floor(a + 0.5), clipped to the classes (T13, A18)."""
    return torch.floor(age + 0.5).clamp(0, classes - 1).long()


def age_loss(logits: Tensor, target: AgeTarget, config: LossConfig) -> Tensor:
    """Softmax cross-entropy over 101 classes (T13), or learning the votes' distribution (Part 6, 3)."""
    known = ~torch.isnan(target.mean)
    if config.age_target == "class":
        classes = torch.where(known, target.mean, torch.zeros_like(target.mean))
        return class_loss(
            logits,
            torch.where(
                known, age_class(classes, logits.shape[1]), torch.full_like(classes, MISSING_CLASS).long()
            ),
            config,
        )
    if not bool(known.any()):
        return logits.float().sum() * 0.0
    mean = target.mean[known]
    soft = age_distribution(mean, target.sd[known], logits.shape[1])
    log_p = functional.log_softmax(logits[known].float(), dim=1)
    expected = (log_p.exp() * torch.arange(logits.shape[1], device=logits.device)).sum(dim=1)
    per_face = -(soft * log_p).sum(dim=1) + smooth_l1((expected - mean) / 10)
    return _reduce(per_face.sum(), known.sum(), config.reduction)


def age_distribution(mean: Tensor, sd: Tensor, classes: int = 101) -> Tensor:
    """(N, classes) Gaussian soft labels N(mean, max(sd, 1)), sd 2 where the votes' spread is unknown; rows sum to 1."""
    spread = torch.where(torch.isnan(sd), torch.full_like(sd, 2.0), sd).clamp(min=1.0)
    ages = torch.arange(classes, dtype=mean.dtype, device=mean.device)
    weight = torch.exp(-0.5 * ((ages[None] - mean[:, None]) / spread[:, None]).square())
    return weight / weight.sum(dim=1, keepdim=True)


def class_loss(logits: Tensor, target: Tensor, config: LossConfig) -> Tensor:
    """Cross-entropy over the rows whose target is not MISSING_CLASS; exactly 0 with zero gradient if none is."""
    known = target != MISSING_CLASS
    if not bool(known.any()):
        return logits.float().sum() * 0.0
    total = functional.cross_entropy(logits[known].float(), target[known], reduction="sum")
    return _reduce(total, known.sum(), config.reduction)


def _classify_and_regress(
    logits: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor, reduction: str, box_weight: float
) -> tuple[Tensor, Tensor]:
    count = torch.as_tensor(len(labels), device=logits.device)
    classification = functional.cross_entropy(logits.float(), labels, reduction="sum")
    positive = labels == FACE
    box = smooth_l1(deltas[positive].float() - targets[positive]).sum()
    return _reduce(classification, count, reduction), box_weight * _reduce(box, count, reduction)


def _reduce(total: Tensor, count: Tensor, reduction: str) -> Tensor:
    return total / count.clamp(min=1) if reduction == "mean" else total
