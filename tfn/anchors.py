"""Anchor boxes of the region proposal networks (T03, T04)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def cell_anchors(scales: Sequence[float], ratios: Sequence[float], *, rounding: bool = False) -> Tensor:
    """The anchors of one location, centred on the origin: (len(scales) * len(ratios), 4) xyxy in pixels.

    A ratio is height over width and keeps the area: w = s / sqrt(r), h = s * sqrt(r). Order: scale by scale,
    inside a scale ratio by ratio. ``rounding``: whole-pixel sides (T04).
    """
    scale = torch.as_tensor(scales, dtype=torch.float64)[:, None]
    root = torch.as_tensor(ratios, dtype=torch.float64).sqrt()[None, :]
    width, height = (scale / root).reshape(-1), (scale * root).reshape(-1)
    if rounding:
        width, height = width.round(), height.round()
    return torch.stack((-width / 2, -height / 2, width / 2, height / 2), dim=1)


def grid_anchors(
    height: int,
    width: int,
    stride: int,
    scales: Sequence[float],
    ratios: Sequence[float],
    *,
    rounding: bool = False,
) -> Tensor:
    """All anchors of one map of ``height`` x ``width`` cells: (height * width * A, 4) float32 xyxy, input pixels.

    Centre of cell (y, x): ((x + 0.5) * stride, (y + 0.5) * stride). Flat index ((y * W + x) * A + a), where a
    counts as in ``cell_anchors`` (T04).
    """
    ys = (torch.arange(height, dtype=torch.float64) + 0.5) * stride
    xs = (torch.arange(width, dtype=torch.float64) + 0.5) * stride
    y, x = torch.meshgrid(ys, xs, indexing="ij")
    centres = torch.stack((x, y, x, y), dim=-1).reshape(-1, 1, 4)
    return (centres + cell_anchors(scales, ratios, rounding=rounding)[None]).reshape(-1, 4).to(torch.float32)
