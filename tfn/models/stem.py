"""The shared stem: VGG-16's thirteen convolutions as five stacks (T01)."""

from __future__ import annotations

import pickle
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models import vgg16

from tfn.config import STRIDE

VGG_CHANNELS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
RGB_MEAN = (0.485, 0.456, 0.406)
RGB_STD = (0.229, 0.224, 0.225)
CAFFE_MEAN = (103.939, 116.779, 123.68)
"""Of blue, green and red, in 0 to 255: for VGG-16 weights that come from Caffe."""


class WeightsMissing(FileNotFoundError):
    """Pre-trained weights were asked for and are not there; the message says where they were looked for."""


class VggStem(nn.Module):
    """Image in, one map per stack out; no batch norm, pool5 dropped.

    ``width`` multiplies every channel count (T10: 1/8 in tests). ``channels[k]``: channels of stack k's map.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self.channels: dict[int, int] = {}
        self.strides = dict(STRIDE)
        self.stacks = nn.ModuleList()
        before = 3
        for number, widths in enumerate(VGG_CHANNELS, start=1):
            layers: list[nn.Module] = [] if number == 1 else [nn.MaxPool2d(2)]
            for wanted in widths:
                after = max(1, round(wanted * width))
                layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(inplace=True)]
                before = after
            self.stacks.append(nn.Sequential(*layers))
            self.channels[number] = before

    def forward(self, images: Tensor) -> dict[int, Tensor]:
        """(B, 3, H, W) normalised RGB to {stack: (B, C, H / stride, W / stride)}."""
        maps: dict[int, Tensor] = {}
        value = images
        for number, stack in enumerate(self.stacks, start=1):
            value = stack(value)
            maps[number] = value
        return maps

    def initialise(self) -> None:
        """He-normal weights, biases 0 (T33)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)


def load_imagenet(stem: VggStem, weights: Path | None) -> dict[str, Tensor]:
    """Copy ImageNet's VGG-16 convolutions into the stem; returns the whole state, whose fc6/fc7 task nets take.

    weights: a torchvision ``vgg16`` state file, or None for torchvision's own download. Raises WeightsMissing if
    they cannot be had: a random start must be asked for, it never happens silently.
    """
    try:
        if weights is not None:
            state = torch.load(weights, map_location="cpu", weights_only=True)
        else:
            state = vgg16(weights="IMAGENET1K_V1").state_dict()
    except (OSError, EOFError, RuntimeError, pickle.UnpicklingError) as error:
        place = weights if weights is not None else "torchvision's download"
        raise WeightsMissing(
            f"VGG-16 weights were asked for and {place} gave none ({error}). Give the file's path, or ask for a "
            "random start."
        ) from error
    own = [module for module in stem.modules() if isinstance(module, nn.Conv2d)]
    given = [key for key in state if key.startswith("features.") and key.endswith(".weight")]
    try:
        with torch.no_grad():
            for module, key in zip(own, given, strict=True):
                if module.bias is None:
                    raise TypeError("a VGG convolution has a bias")
                module.weight.copy_(state[key])
                module.bias.copy_(state[key.replace(".weight", ".bias")])
    except (KeyError, ValueError, RuntimeError) as error:
        raise WeightsMissing(f"These weights are not those of torchvision's vgg16: {error}.") from error
    return dict(state)
