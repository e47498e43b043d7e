"""The multilayer assistant RPN: one small network per level, one list of proposals (T03, T20)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torchvision.ops import nms

from tfn.anchors import grid_anchors
from tfn.box_coding import clip_boxes, decode_boxes
from tfn.config import RpnConfig


class RpnOutput(NamedTuple):
    """Of one batch. N counts the anchors of all levels, first level first (T04).

    logits: (B, N, 2), background then face. deltas: (B, N, 4). anchors: (N, 4) input pixels.
    """

    logits: Tensor
    deltas: Tensor
    anchors: Tensor


class LevelRpn(nn.Module):
    """3x3 convolution, ReLU, then 1x1 heads for two logits (or one) and four offsets per anchor."""

    def __init__(self, channels_in: int, channels: int, anchors: int, logits: Literal[1, 2]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels, 3, padding=1)
        self.logits = nn.Conv2d(channels, anchors * logits, 1)
        self.deltas = nn.Conv2d(channels, anchors * 4, 1)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, H, W) to logits (B, H * W * A, 2) and deltas (B, H * W * A, 4), flat index as T04.

        A single logit stands beside a background of 0: the softmax of (0, z) is the sigmoid of z, and so are losses.
        """
        hidden = torch.relu(self.conv(features))
        batch = features.shape[0]
        deltas = self.deltas(hidden).permute(0, 2, 3, 1).reshape(batch, -1, 4)
        logits = self.logits(hidden).permute(0, 2, 3, 1).reshape(batch, deltas.shape[1], -1)
        if logits.shape[2] == 1:
            logits = torch.cat((torch.zeros_like(logits), logits), dim=2)
        return logits, deltas


class AssistantRpn(nn.Module):
    """The RPNs of all levels side by side; a plain RPN is the case of one level."""

    def __init__(self, config: RpnConfig, channels: dict[int, int], strides: dict[int, int]) -> None:
        super().__init__()
        self.config = config
        self.strides = [strides[level] for level in config.levels]
        shapes = [len(scales) * len(config.ratios) for scales in config.scales]
        self.levels = nn.ModuleList(
            LevelRpn(channels[level], config.channels, shape, 2 if config.objectness == "softmax" else 1)
            for level, shape in zip(config.levels, shapes, strict=True)
        )

    def forward(self, maps: dict[int, Tensor]) -> RpnOutput:
        """Maps of the stem to logits, deltas and anchors over the union of the levels."""
        logits, deltas, anchors = [], [], []
        for index, level in enumerate(self.config.levels):
            features = maps[level]
            level_logits, level_deltas = self.levels[index](features)
            logits.append(level_logits)
            deltas.append(level_deltas)
            height, width = int(features.shape[2]), int(features.shape[3])
            grid = grid_anchors(
                height,
                width,
                self.strides[index],
                self.config.scales[index],
                self.config.ratios,
                rounding=self.config.anchor_rounding,
            )
            anchors.append(grid.to(features.device))
        return RpnOutput(torch.cat(logits, dim=1), torch.cat(deltas, dim=1), torch.cat(anchors))

    @torch.no_grad()
    def proposals(self, output: RpnOutput, sizes: list[tuple[int, int]]) -> list[Tensor]:
        """Per image the (M, 4) best boxes: decoded, clipped, long enough, NMS over the merged levels (T20).

        sizes: (height, width) of each image in input pixels.
        """
        before = self.config.train_before_nms if self.training else self.config.test_before_nms
        after = self.config.train_after_nms if self.training else self.config.test_after_nms
        scores = output.logits.float().softmax(dim=2)[..., 1]
        found = []
        for index, (height, width) in enumerate(sizes):
            score, rank = scores[index].topk(min(before, scores.shape[1]))
            boxes = decode_boxes(output.deltas[index, rank].float(), output.anchors[rank])
            boxes = clip_boxes(boxes, height, width)
            long_enough = ((boxes[:, 2:] - boxes[:, :2]) >= self.config.min_side).all(dim=1)
            boxes, score = boxes[long_enough], score[long_enough]
            found.append(boxes[nms(boxes, score, self.config.nms_iou)[:after]])
        return found
