"""From raw outputs to labels with an uncertainty: decoding, probabilities, spreads (T12, T13, T42, A6)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from jfa_pipeline.core.ibug68 import POINTS
from tfn.box_coding import centres_and_sides, decode_landmarks, grow_boxes
from tfn.config import TfnConfig
from tfn.models.task_nets import Attributes

PROBES = (
    (0.05, 0.0, 1.0),
    (-0.05, 0.0, 1.0),
    (0.0, 0.05, 1.0),
    (0.0, -0.05, 1.0),
    (0.0, 0.0, 1.06),
    (0.0, 0.0, 0.94),
)
"""Shifts in box sides and a growth: how the boxes are varied to see how far the landmarks wander."""


class Temperatures(NamedTuple):
    """Divisors of the logits, fitted on held-out faces (Part 6, 10); points: factor of the landmark spread."""

    score: float = 1.0
    age: float = 1.0
    gender: float = 1.0
    ethnicity: float = 1.0
    points: float = 1.0


class Answers(NamedTuple):
    """Labels of M faces. age: (M,) years; age_sd: (M,) years; gender, ethnicity: (M, classes) probabilities."""

    age: Tensor
    age_sd: Tensor
    gender: Tensor
    ethnicity: Tensor


def answers(logits: Attributes, config: TfnConfig, warmth: Temperatures) -> Answers:
    """Age by expectation or argmax (A6), its spread, and class probabilities."""
    share = (logits.age.float() / warmth.age).softmax(dim=1)
    years = torch.arange(share.shape[1], device=share.device, dtype=share.dtype)
    mean = (share * years).sum(dim=1)
    sd = (share * (years[None] - mean[:, None]).square()).sum(dim=1).sqrt()
    age = mean if config.test.age_decode == "expectation" else share.argmax(dim=1).to(share.dtype)
    return Answers(
        age,
        sd,
        (logits.gender.float() / warmth.gender).softmax(dim=1),
        (logits.ethnicity.float() / warmth.ethnicity).softmax(dim=1),
    )


def warmed_scores(scores: Tensor, temperature: float) -> Tensor:
    """(M,) face probabilities with their log-odds divided by the temperature; the order stays."""
    return torch.sigmoid(torch.logit(scores.double(), eps=1e-9) / temperature).to(scores.dtype)


def landmark_points(raw: Tensor, boxes: Tensor, config: TfnConfig) -> Tensor:
    """(M, 68, 2) points in input pixels from the landmark net's output for ``boxes`` (M, 4)."""
    grown = grow_boxes(boxes, config.landmark_expand)
    if config.landmark_head == "coordinates":
        return decode_landmarks(raw.float(), grown)
    cells = heatmap_peaks(raw.float()[:, :POINTS], sub_pixel=config.test.sub_pixel)
    side = (grown[:, 2:] - grown[:, :2])[:, None]
    return grown[:, None, :2] + cells / raw.shape[-1] * side


def heatmap_peaks(maps: Tensor, *, sub_pixel: bool) -> Tensor:
    """(M, P, 2) continuous (x, y) in cells of (M, P, S, S) logits: centre of the best cell (T42).

    sub_pixel: the soft-argmax over the 3x3 cells around it, with the logits' own weights.
    """
    count, points, size, _ = maps.shape
    best = maps.flatten(2).argmax(dim=2)
    row, column = best // size, best % size
    centre = torch.stack((column, row), dim=2).float() + 0.5
    if not sub_pixel:
        return centre
    padded = functional.pad(maps, (1, 1, 1, 1), value=float("-inf"))
    steps = torch.arange(3, device=maps.device)
    down = (row[..., None] + steps)[..., :, None] * (size + 2)
    at = (down + (column[..., None] + steps)[..., None, :]).flatten(2)
    around = padded.flatten(2).gather(2, at).softmax(dim=2).view(count, points, 3, 3)
    offsets = steps.float() - 1
    shift_x = (around.sum(dim=2) * offsets).sum(dim=2)
    shift_y = (around.sum(dim=3) * offsets).sum(dim=2)
    return centre + torch.stack((shift_x, shift_y), dim=2)


def heatmap_spread(maps: Tensor) -> Tensor:
    """(M, P) root of the summed variances of x and y of the spatial softmax, in shares of the grid's side."""
    size = maps.shape[-1]
    share = maps.flatten(2).float().softmax(dim=2).view_as(maps)
    at = (torch.arange(size, device=maps.device, dtype=share.dtype) + 0.5) / size
    variance = torch.zeros(maps.shape[:2], device=maps.device)
    for axis in (2, 3):
        along = share.sum(dim=axis)
        mean = (along * at).sum(dim=2)
        variance = variance + (along * (at - mean[..., None]).square()).sum(dim=2)
    return variance.sqrt()


def probed_boxes(boxes: Tensor) -> Tensor:
    """(M * 6, 4): each box moved or resized a little in six ways, face by face."""
    centre, side = centres_and_sides(boxes)
    varied = []
    for dx, dy, growth in PROBES:
        middle = centre + boxes.new_tensor((dx, dy)) * side
        varied.append(torch.cat((middle - side * growth / 2, middle + side * growth / 2), dim=1))
    return torch.stack(varied, dim=1).reshape(-1, 4)


def wandering(points: Tensor, probed: Tensor, boxes: Tensor) -> Tensor:
    """(M, 68) root mean square distance of the probes' points from the answer, in square roots of the box area.

    points: (M, 68, 2). probed: (M * 6, 68, 2), in the order of ``probed_boxes``.
    """
    others = probed.view(len(points), len(PROBES), POINTS, 2)
    distance = (others - points[:, None]).square().sum(dim=3).mean(dim=1).sqrt()
    area = (boxes[:, 2:] - boxes[:, :2]).prod(dim=1).clamp(min=1e-12)
    return distance / area.sqrt()[:, None]


def entropy(share: Tensor) -> Tensor:
    """(M,) entropy in nats of (M, K) probabilities."""
    return -(share * share.clamp(min=1e-12).log()).sum(dim=1)
