"""The task-oriented feature-fused block (T05-T07) and its automatic variant (T43)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torchvision.ops import roi_align, roi_pool

from tfn.config import FusionConfig

EPSILON = 1e-12


class L2Normalise(nn.Module):
    """x / max(||x||, 1e-12) across channels at each position, times a scale per channel (T07, A4)."""

    def __init__(self, channels: int, scale: float, *, learnable: bool) -> None:
        super().__init__()
        value = torch.full((channels,), float(scale))
        self.scale = nn.Parameter(value, requires_grad=learnable)

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape. A zero vector stays zero and has a finite gradient."""
        squares = features.square().sum(dim=1, keepdim=True)
        norm = squares.clamp(min=EPSILON**2).sqrt()
        return features / norm * self.scale[None, :, None, None]


class AutomaticFusion(nn.Module):
    """Reweighting of the concatenated channels: global average, one 1x1 layer, sigmoid (T43, A10)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weigh = nn.Conv2d(channels, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        return features * torch.sigmoid(self.weigh(features.mean(dim=(2, 3), keepdim=True)))


class FusedBlock(nn.Module):
    """RoI pooling from each chosen stack, L2 normalisation, concatenation, 1x1 reduction.

    With ``normalise`` off and a single stack it is the baselines' plain RoI pooling (T38): ``out_channels`` is
    then the stack's own width.
    """

    def __init__(
        self,
        config: FusionConfig,
        channels: dict[int, int],
        strides: dict[int, int],
        roi_op: Literal["pool", "align"],
        width: float = 1.0,
        roi_samples: int = 2,
    ) -> None:
        super().__init__()
        self.config = config
        self.roi_op = roi_op
        self.roi_samples = roi_samples
        self.scales = {stack: 1.0 / strides[stack] for stack in config.stacks}
        total = sum(channels[stack] for stack in config.stacks)
        self.widths = [channels[stack] for stack in config.stacks]
        self.normalise = nn.ModuleDict()
        self.automatic = nn.ModuleDict()
        self.reduce: nn.Conv2d | None = None
        self.out_channels: int = total
        if not config.normalise:
            if len(config.stacks) != 1:
                raise ValueError("Plain pooling takes one stack; fusing several needs normalise=True (T07).")
            return
        for stack in config.stacks:
            self.normalise[str(stack)] = L2Normalise(
                channels[stack], config.scale_init, learnable=config.scale_learnable
            )
        if config.automatic and config.automatic_per_stack:
            for stack in config.stacks:
                self.automatic[str(stack)] = AutomaticFusion(channels[stack])
        elif config.automatic:
            self.automatic["all"] = AutomaticFusion(total)
        self.out_channels = max(1, round(config.channels * width))
        self.reduce = nn.Conv2d(total, self.out_channels, 1)

    def pool(self, maps: dict[int, Tensor], boxes: list[Tensor]) -> Tensor:
        """Everything before the learnt layers: (N, sum of channels, 7, 7). Frozen stems let it be cached (T27)."""
        size = (self.config.pooled, self.config.pooled)
        parts = []
        for stack in self.config.stacks:
            rois = [box.to(maps[stack].dtype) for box in boxes]
            if self.roi_op == "align":
                parts.append(
                    roi_align(maps[stack], rois, size, self.scales[stack], self.roi_samples, aligned=True)
                )
            else:
                parts.append(roi_pool(maps[stack], rois, size, self.scales[stack]))
        return torch.cat(parts, dim=1)

    def fuse(self, pooled: Tensor) -> Tensor:
        """(N, sum of channels, 7, 7) to (N, out_channels, 7, 7)."""
        if self.reduce is None:
            return pooled
        parts = []
        for stack, part in zip(self.config.stacks, torch.split(pooled, self.widths, dim=1), strict=True):
            part = self.normalise[str(stack)](part)
            if str(stack) in self.automatic:
                part = self.automatic[str(stack)](part)
            parts.append(part)
        fused = torch.cat(parts, dim=1)
        if "all" in self.automatic:
            fused = self.automatic["all"](fused)
        reduced: Tensor = self.reduce(fused)
        return torch.relu(reduced) if self.config.relu else reduced

    def forward(self, maps: dict[int, Tensor], boxes: list[Tensor]) -> Tensor:
        """Maps of the stem and per-image (n, 4) boxes in input pixels to (N, out_channels, 7, 7)."""
        return self.fuse(self.pool(maps, boxes))
