"""Named configurations: the paper's, and a tiny one that trains in minutes on two cores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tfn.config import FusionConfig, SampleConfig, TestConfig, TfnConfig, tfn


def paper() -> TfnConfig:
    """VGG-16 and 4096-wide task nets, every default the paper's."""
    return tfn()


def tiny() -> TfnConfig:
    """The same network an eighth as wide, for tests and for learning on small pictures."""
    config = tfn()
    return replace(
        config,
        width=1 / 8,
        fc_width=256,
        dropout=0.0,
        roi_op="align",
        short_side=128,
        long_side=256,
        rpn=replace(
            config.rpn,
            channels=64,
            scales=((16, 32, 64), (96, 128, 192)),
            train_before_nms=1000,
            train_after_nms=200,
            test_before_nms=500,
            test_after_nms=100,
        ),
        detection=FusionConfig(stacks=(3, 4, 5)),
        landmarks=FusionConfig(stacks=(3, 4, 5)),
        samples=SampleConfig(rois_per_image=64),
        test=TestConfig(max_faces=50),
    )


PRESETS: Final[dict[str, Callable[[], TfnConfig]]] = {"paper": paper, "tiny": tiny}
