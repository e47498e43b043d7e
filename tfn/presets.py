"""Named configurations: the paper's, and a tiny one that trains in minutes on two cores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tfn.config import FusionConfig, LossConfig, SampleConfig, TestConfig, TfnConfig, tfn


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
        roi_samples=1,
        start="he",
        box_stds=(0.1, 0.1, 0.2, 0.2),
        short_side=128,
        long_side=256,
        rpn=replace(
            config.rpn,
            channels=64,
            scales=((16, 24, 32), (48, 64, 96)),
            train_before_nms=300,
            train_after_nms=100,
            test_before_nms=300,
            test_after_nms=100,
        ),
        detection=FusionConfig(stacks=(3, 4, 5)),
        landmarks=FusionConfig(stacks=(3, 4, 5)),
        samples=SampleConfig(rois_per_image=32, faces_per_image=12),
        loss=LossConfig(age_target="votes", landmarks=5.0, age=0.5),
        test=TestConfig(max_faces=50),
    )


def fast() -> TfnConfig:
    """MobileNetV2 with a neck, RoIAlign, small task nets, sub-pixel heatmaps, age from votes (Part 6).

    For CPUs and for few labels: give its stem the face-trained start of ``tfn.models.centerface_weights``.
    """
    config = tfn()
    return replace(
        config,
        backbone="mobile",
        fc_width=512,
        roi_op="align",
        roi_samples=1,
        start="he",
        landmark_head="heatmap",
        heatmap_size=56,
        heatmap_encode=(96, 96),
        heatmap_decode=(64, 32),
        landmark_expand=1.2,
        box_stds=(0.1, 0.1, 0.2, 0.2),
        rpn=replace(
            config.rpn,
            channels=96,
            train_before_nms=2000,
            train_after_nms=300,
            test_before_nms=2000,
            test_after_nms=150,
        ),
        detection=FusionConfig(stacks=(3, 4), channels=64),
        landmarks=FusionConfig(stacks=(3, 4), channels=96, pooled=14),
        attributes=FusionConfig(channels=128),
        samples=replace(config.samples, rois_per_image=32, faces_per_image=8),
        loss=replace(config.loss, age_target="votes", age=0.3),
        test=replace(config.test, sub_pixel=True),
    )


PRESETS: Final[dict[str, Callable[[], TfnConfig]]] = {"paper": paper, "fast": fast, "tiny": tiny}
