"""How much of the disk a training will need, and whether it is there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import torch

from tfn.data.batches import Augmentation
from tfn.data.records import RecordPictures
from tfn.models.network import Network
from tfn.train.face_table import versions

WEIGHT_COPIES: Final = 8
"""A checkpoint holds the weights, two moments of the optimiser and a moving average; while one is written the
one before it is still there."""

BYTES_A_VALUE: Final = {"weight": 4, "feature": 2}
PROBE_SIDE: Final = 64
TASK_OF_STAGE: Final = {"S3": "landmarks", "S4": "attributes"}


class DiskTooSmall(OSError):
    """There is less room on the disk than the training needs; the message has both numbers."""


def bytes_needed(
    network: Network, pictures: RecordPictures, stages: tuple[str, ...], augmentation: Augmentation
) -> int:
    """Bytes of the checkpoints, one network a stage, and the pooled features of S3 and S4 (T27).

    Of the features: every face times its true box, detection and jitters, in every version of its picture.
    """
    weights = BYTES_A_VALUE["weight"] * sum(parameter.numel() for parameter in network.parameters())
    faces = sum(len(faces) for _, faces in pictures.entries)
    rows = faces * (2 + network.config.samples.jitters) * len(versions(augmentation))
    features = sum(
        rows * _values_a_row(network, TASK_OF_STAGE[stage]) * BYTES_A_VALUE["feature"]
        for stage in stages
        if stage in TASK_OF_STAGE
    )
    return weights * (WEIGHT_COPIES + len(stages) + 1) + features


def check_room(folder: Path, needed: int, min_free: int) -> None:
    """Raises DiskTooSmall if ``needed`` bytes would leave less than ``min_free`` on the folder's disk."""
    free = shutil.disk_usage(folder).free
    if free - needed < min_free:
        raise DiskTooSmall(
            f"This training needs about {needed:,} bytes for checkpoints and features, and {min_free:,} bytes "
            f"have to stay free, but its disk has {free:,} bytes free. Make room, or train on fewer pictures."
        )


@torch.no_grad()
def _values_a_row(network: Network, task: str) -> int:
    """Values of one box's pooled features, found by pooling one."""
    device = next(network.parameters()).device
    maps = network.stem(torch.zeros(1, 3, PROBE_SIDE, PROBE_SIDE, device=device))
    box = torch.tensor([[8.0, 8.0, 40.0, 40.0]], device=device)
    return int(network.pool(task, maps, [box]).numel())
