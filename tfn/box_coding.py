"""Box offsets (T11) and landmark offsets (T12, equation 5). Boxes are continuous xyxy, w = x2 - x1."""

from __future__ import annotations

import math

import torch
from torch import Tensor

MAX_LOG_RATIO = math.log(1000 / 16)
"""Largest decoded log side ratio (T11)."""


def centres_and_sides(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """((..., 2) centres, (..., 2) sides) of (..., 4) boxes."""
    sides = boxes[..., 2:] - boxes[..., :2]
    return boxes[..., :2] + sides / 2, sides


def encode_boxes(
    boxes: Tensor, anchors: Tensor, stds: tuple[float, float, float, float] = (1, 1, 1, 1)
) -> Tensor:
    """Offsets (tx, ty, tw, th) from ``anchors`` to ``boxes``, both (N, 4) with positive sides (T11).

    tx = (x - xa) / wa, ty likewise, tw = ln(w / wa), th likewise, each divided by its ``stds``.
    """
    centre, side = centres_and_sides(boxes)
    anchor_centre, anchor_side = centres_and_sides(anchors)
    shift = (centre - anchor_centre) / anchor_side
    growth = torch.log(side / anchor_side)
    return torch.cat((shift, growth), dim=-1) / boxes.new_tensor(stds)


def decode_boxes(
    deltas: Tensor, anchors: Tensor, stds: tuple[float, float, float, float] = (1, 1, 1, 1)
) -> Tensor:
    """Inverse of ``encode_boxes``; the logarithms are clipped from above at ln(1000 / 16)."""
    scaled = deltas * deltas.new_tensor(stds)
    anchor_centre, anchor_side = centres_and_sides(anchors)
    centre = anchor_centre + scaled[..., :2] * anchor_side
    half = anchor_side * torch.exp(scaled[..., 2:].clamp(max=MAX_LOG_RATIO)) / 2
    return torch.cat((centre - half, centre + half), dim=-1)


def encode_landmarks(points: Tensor, boxes: Tensor) -> Tensor:
    """Equation (5): q = ((cx - u) / w, (cy - v) / h), *centre minus point*.

    points: (N, P, 2) pixels. boxes: (N, 4), the boxes that the features were pooled from. Returns (N, P, 2).
    A point right of or below the centre has a negative q; HyperFace uses the opposite sign.
    """
    centre, side = centres_and_sides(boxes)
    return (centre[:, None] - points) / side[:, None]


def decode_landmarks(offsets: Tensor, boxes: Tensor) -> Tensor:
    """Inverse of ``encode_landmarks``: (N, P, 2) points in pixels."""
    centre, side = centres_and_sides(boxes)
    return centre[:, None] - offsets * side[:, None]


def clip_boxes(boxes: Tensor, height: float, width: float) -> Tensor:
    """(N, 4) boxes cut to an image of ``height`` x ``width`` pixels."""
    limits = boxes.new_tensor((width, height, width, height))
    return boxes.clamp(min=0).minimum(limits)


def grow_boxes(boxes: Tensor, factor: float) -> Tensor:
    """(N, 4) boxes with the same centres and sides times ``factor`` (T42)."""
    if factor == 1.0:
        return boxes
    centre, side = centres_and_sides(boxes)
    half = side * (factor / 2)
    return torch.cat((centre - half, centre + half), dim=-1)
