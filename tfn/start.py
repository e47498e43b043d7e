"""What a new network starts from: random weights, ImageNet's VGG-16, or a face-trained small stem."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from tfn.config import TfnConfig
from tfn.models.centerface_weights import load_centerface
from tfn.models.mobile_stem import MobileStem
from tfn.models.network import Network
from tfn.models.stem import VggStem, WeightsMissing, load_imagenet
from tfn.models.task_nets import FullyConnected

FC_OF_VGG = {"fc6": "classifier.0", "fc7": "classifier.3"}


def new_network(config: TfnConfig, start: str, *, seed: int = 0) -> Network:
    """A network that starts from ``start``: "random", "imagenet", "centerface", or the last two as "NAME:FILE".

    "imagenet" fills the stem and, where the widths are VGG's, fc6 and fc7 of every task net (T08). Raises
    WeightsMissing if the weights cannot be had or do not fit, ValueError for another word.
    """
    torch.manual_seed(seed)
    network = Network(config)
    kind, _, file = start.partition(":")
    path = Path(file) if file else None
    if kind == "random":
        return network
    if kind == "imagenet":
        if not isinstance(network.stem, VggStem) or config.width != 1.0:
            raise WeightsMissing("ImageNet's VGG-16 fits the backbone vgg16 of width 1 only.")
        fill_task_nets(network, load_imagenet(network.stem, path))
        return network
    if kind == "centerface":
        if not isinstance(network.stem, MobileStem):
            raise WeightsMissing("CenterFace's weights fit the backbone mobile only; choose the preset fast.")
        load_centerface(network.stem, path)
        return network
    raise ValueError(f"'{start}' is no start: give random, imagenet[:FILE] or centerface[:FILE].")


def fill_task_nets(network: Network, state: dict[str, Tensor]) -> None:
    """Copy VGG-16's fc6 and fc7 into each task net of the same shape; others keep their start (T08)."""
    for part in network.modules():
        if not isinstance(part, FullyConnected):
            continue
        for own, theirs in FC_OF_VGG.items():
            layer: nn.Linear = getattr(part, own)
            weight = state[f"{theirs}.weight"]
            if layer.weight.shape == weight.shape:
                with torch.no_grad():
                    layer.weight.copy_(weight)
                    layer.bias.copy_(state[f"{theirs}.bias"])
