"""A network and pictures so small that a training step takes a few milliseconds."""

import socket
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from tfn.config import SampleConfig, TfnConfig
from tfn.data.pictures import ProceduralPictures
from tfn.data.procedural import Scene
from tfn.models.network import Network
from tfn.presets import tiny


@pytest.fixture
def micro() -> TfnConfig:
    config = tiny()
    return replace(
        config,
        width=1 / 32,
        fc_width=16,
        dropout=0.5,
        short_side=64,
        long_side=64,
        rpn=replace(config.rpn, channels=8, test_after_nms=10, train_after_nms=20),
        samples=SampleConfig(rois_per_image=8, jitters=2),
    )


@pytest.fixture
def pictures() -> ProceduralPictures:
    return ProceduralPictures(6, seed=5, scene=Scene(side=64, face=(20, 36), faces=(1, 1)))


@pytest.fixture
def network(micro: TfnConfig) -> Network:
    torch.manual_seed(0)
    return Network(micro)


@pytest.fixture
def free_port() -> Callable[[], int]:
    def find() -> int:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            return int(listener.getsockname()[1])

    return find
