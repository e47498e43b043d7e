"""fc6, fc7 and the decision layers of the task nets (T08, T09)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from jfa_pipeline.core.ibug68 import POINTS


class FullyConnected(nn.Module):
    """fc6 and fc7 with ReLU and dropout on a flattened grid, or after global average pooling (Part 6, 2)."""

    def __init__(self, channels: int, grid: int, width: int, dropout: float, *, pooled: bool) -> None:
        super().__init__()
        self.pooled = pooled
        self.fc6 = nn.Linear(channels if pooled else channels * grid * grid, width)
        self.fc7 = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)
        self.width = width

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, 7, 7) to (N, width)."""
        flat = features.mean(dim=(2, 3)) if self.pooled else features.flatten(1)
        hidden = self.dropout(torch.relu(self.fc6(flat)))
        out: Tensor = self.dropout(torch.relu(self.fc7(hidden)))
        return out


class SeparateFullyConnected(nn.Module):
    """fc6 and fc7 of age, gender and ethnicity side by side: SRMM with five branches (T37)."""

    def __init__(self, channels: int, grid: int, width: int, dropout: float, *, pooled: bool) -> None:
        super().__init__()
        self.nets = nn.ModuleList(
            FullyConnected(channels, grid, width, dropout, pooled=pooled) for _ in Attributes._fields
        )

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, 7, 7) to (N, 3 * width), one third for each attribute."""
        return torch.cat([net(features) for net in self.nets], dim=1)


class Detection(NamedTuple):
    """logits: (N, 2), background then face. deltas: (N, 4) against the box pooled from, class-agnostic."""

    logits: Tensor
    deltas: Tensor


class DetectionDecision(nn.Module):
    """Face or not, and the second box refinement."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.logits = nn.Linear(width, 2)
        self.deltas = nn.Linear(width, 4)

    def forward(self, hidden: Tensor) -> Detection:
        """(N, width) hidden units in."""
        return Detection(self.logits(hidden), self.deltas(hidden))


class LandmarkDecision(nn.Module):
    """136 offsets of equation (5)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.offsets = nn.Linear(width, POINTS * 2)

    def forward(self, hidden: Tensor) -> Tensor:
        """(N, width) to (N, 68, 2), centre minus point over the sides of the box pooled from."""
        out: Tensor = self.offsets(hidden)
        return out.view(-1, POINTS, 2)


class Attributes(NamedTuple):
    """Logits: age (N, 101), gender (N, classes), ethnicity (N, classes)."""

    age: Tensor
    gender: Tensor
    ethnicity: Tensor


class AttributeDecision(nn.Module):
    """Age, gender and ethnicity from one shared fc7 (T09), or each from its own third (T37)."""

    def __init__(self, width: int, ages: int, genders: int, ethnicities: int, *, separate: bool) -> None:
        super().__init__()
        self.separate = separate
        self.age = nn.Linear(width, ages)
        self.gender = nn.Linear(width, genders)
        self.ethnicity = nn.Linear(width, ethnicities)

    def forward(self, hidden: Tensor) -> Attributes:
        """(N, width) hidden units in; (N, 3 * width) if separate."""
        age, gender, ethnicity = hidden.chunk(3, dim=1) if self.separate else (hidden,) * 3
        return Attributes(self.age(age), self.gender(gender), self.ethnicity(ethnicity))
