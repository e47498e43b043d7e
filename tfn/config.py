"""Every choice of the network family as a named field; defaults are the paper where it speaks.

The comment behind a field names the spec item or ambiguity it answers (spec models.md: T.., A..). Tables of
all of them: docs/paper/choices.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

STACKS: Final = (1, 2, 3, 4, 5)
"""The five convolution stacks of VGG-16; a stack's map is its last one after ReLU, before pooling (T01)."""

STRIDE: Final = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16}
"""Input pixels per cell of each stack's map."""

Framework = Literal["tfn", "ormm", "trmm", "srmm"]
LandmarkHead = Literal["coordinates", "heatmap"]
PixelForm = Literal["imagenet", "caffe"]


@dataclass(frozen=True, slots=True)
class RpnConfig:
    """The region proposal network. Defaults: the multilayer assistant RPN (T03, T04, T19, T20)."""

    levels: tuple[int, ...] = (4, 5)  # T03: stacks with an RPN of their own
    scales: tuple[tuple[float, ...], ...] = (
        (16, 32, 64),
        (128, 256, 512),
    )  # T03: side of the ratio-1 anchor, px
    ratios: tuple[float, ...] = (0.5, 1.0, 2.0)  # T03: height over width
    channels: int = 256  # T03: of the 3x3 convolution
    objectness: Literal["softmax", "sigmoid"] = "softmax"  # T03: two logits an anchor, or one
    anchor_rounding: bool = False  # T04: round anchors to whole pixels as py-faster-rcnn does
    positives: Literal["top", "threshold"] = (
        "top"  # T19: the top anchors per face, or IoU > 0.7 or best (T35)
    )
    positives_per_face: int = 3  # T19
    positive_iou: float = 0.7  # T35: only for positives="threshold"
    negative_iou: float | None = (
        0.3  # A1: below it an anchor is background; None: every other anchor is (literal)
    )
    batch_per_image: int = 256  # T20
    positive_share: float = 0.5  # T20
    allowed_border: float | None = None  # T20: drop anchors further outside than this many px; None keeps all
    min_side: float = 3.0  # T20: px; must not kill faces of 16 px
    nms_iou: float = 0.7  # T20
    train_before_nms: int = 12_000  # T20
    train_after_nms: int = 2_000  # T20
    test_before_nms: int = 6_000  # T20
    test_after_nms: int = 300  # T20


@dataclass(frozen=True, slots=True)
class FusionConfig:
    """One task-oriented feature-fused block (T05-T07) or its automatic variant (T43)."""

    stacks: tuple[int, ...] = (3, 4, 5)  # T06
    channels: int = 512  # T05: output of the 1x1 reduction
    pooled: int = 7  # T05: RoI grid
    normalise: bool = (
        True  # T07: L2 across channels with a learnable scale; False: plain conv5 baselines (T38)
    )
    scale_init: float = 20.0  # A4
    scale_learnable: bool = True  # A4
    relu: bool = True  # A5: after the 1x1
    automatic: bool = False  # T43: squeeze-and-excite reweighting before the reduction
    automatic_per_stack: bool = False  # A10


@dataclass(frozen=True, slots=True)
class SampleConfig:
    """Which boxes the task nets learn from (T21, T22, T26)."""

    rois_per_image: int = 128  # T21
    roi_positive_share: float = 0.25  # T21
    roi_positive_iou: float = 0.5  # T21: strict
    face_iou: float = 0.7  # T22: a predicted face counts from here, strict
    faces_per_image: int = 64  # T22
    truth_only_steps: int = (
        0  # A16: first steps of S1 in which landmark and attribute nets see true boxes only
    )
    jitters: int = 4  # T26: per face in S3 and S4; 0 switches jitter off (A11)
    jitter_shift: float = 0.1  # T26: of the box side
    jitter_log_scale: float = 0.1  # T26
    jitter_draws: int = 10  # T26: failed draws before a jitter is dropped
    jitter_each_epoch: bool = (
        False  # Part 8 on T26: False draws once per (image, face), so features can be cached
    )


@dataclass(frozen=True, slots=True)
class LossConfig:
    """Weights of equations (1)-(4) and what the paper leaves open about them."""

    rpn_box: float = 1.0
    detection_box: float = 1.0
    landmarks: float = 1.0
    age: float = 1.0
    gender: float = 1.0
    ethnicity: float = 1.0
    reduction: Literal["mean", "sum"] = "mean"  # A3, T18
    landmark_loss: Literal["smooth_l1", "wing"] = "smooth_l1"  # T17; wing(10, 2): Part 6, 4
    heatmap: Literal["spatial", "channels"] = (
        "spatial"  # A9: softmax over the grid, or 68 + background per pixel
    )
    age_target: Literal["class", "votes"] = "class"  # T13; votes: N(mean, max(sd, 1)) (Part 6, 3)


@dataclass(frozen=True, slots=True)
class TestConfig:
    """Turning outputs into faces (Part 8)."""

    score: float = 0.05
    nms_iou: float = 0.3
    max_faces: int = 300
    age_decode: Literal["expectation", "argmax"] = "expectation"  # A6
    sub_pixel: bool = False  # T42: 3x3 soft-argmax around the best heatmap cell


@dataclass(frozen=True, slots=True)
class TfnConfig:
    """One member of the family; see the constructors below and ``tfn.presets``."""

    framework: Framework = "tfn"
    srmm_branches: Literal[3, 5] = 3  # T37: 5 gives age, gender and ethnicity fc layers of their own
    backbone: Literal["vgg16", "mobile"] = "vgg16"
    width: float = 1.0  # T10: multiplies the channels of the stem
    fc_width: int = 4096  # T08, T10
    pooled_heads: bool = False  # global average pooling instead of fc6 on the 7x7 grid (Part 6, 2)
    dropout: float = 0.5  # T08
    genders: tuple[str, ...] = ("female", "male")  # Part 8: from the dataset's policy
    ethnicities: tuple[str, ...] = ("asian", "black", "white")  # Part 8: from the dataset's policy
    ages: int = 101  # T13
    roi_op: Literal["pool", "align"] = "pool"  # A19
    roi_samples: int = 2  # A19: bilinear samples per side of a cell, for roi_op="align"
    pixels: PixelForm = "imagenet"  # T33: RGB, mean and deviation; or BGR minus Caffe's means
    start: Literal["normal", "he"] = "normal"  # T33: new layers N(0, 0.01), or He-normal below the decisions
    landmark_head: LandmarkHead = "coordinates"  # T40
    heatmap_size: int = 112  # T40
    heatmap_encode: tuple[int, ...] = (512, 512, 512, 512)  # T40
    heatmap_decode: tuple[int, ...] = (256, 128, 64, 32)  # T40
    landmark_expand: float = 1.0  # T42: the box is grown by this before pooling for landmarks
    freeze_stacks: tuple[int, ...] = ()  # A14: (1, 2) is the Caffe habit
    box_stds: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)  # T11
    short_side: int = 600  # A13
    long_side: int = 1000  # A13
    rpn: RpnConfig = field(default_factory=RpnConfig)
    detection: FusionConfig = field(default_factory=FusionConfig)
    landmarks: FusionConfig = field(default_factory=lambda: FusionConfig(stacks=(4, 5)))
    attributes: FusionConfig = field(default_factory=FusionConfig)
    samples: SampleConfig = field(default_factory=SampleConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    test: TestConfig = field(default_factory=TestConfig)

    def __post_init__(self) -> None:
        """Raises ValueError for a combination that describes no network."""
        if len(self.rpn.levels) != len(self.rpn.scales):
            raise ValueError("rpn: give one tuple of scales per level.")
        fused = (self.detection, self.landmarks, self.attributes)
        if self.backbone == "mobile" and any(1 in fusion.stacks for fusion in fused):
            raise ValueError("The mobile backbone has no map at stride 1: leave stack 1 out.")
        if self.backbone == "mobile" and self.pixels != "imagenet":
            raise ValueError("The mobile backbone reads pixels as ImageNet's weights do (pixels='imagenet').")
        if self.framework != "tfn" and self.landmark_head != "coordinates":
            raise ValueError(f"{self.framework} has no heatmap head; it belongs to tfn (T40).")
        if self.srmm_branches == 5 and self.framework != "srmm":
            raise ValueError(f"{self.framework} has no five branches; they belong to srmm (T37).")
        if self.landmark_head == "heatmap":
            grown = self.landmarks.pooled * 2 ** len(self.heatmap_decode)
            if grown != self.heatmap_size:
                raise ValueError(
                    f"heatmap_decode doubles {self.landmarks.pooled} to {grown}, not {self.heatmap_size}."
                )


PLAIN_RPN: Final = RpnConfig(levels=(5,), scales=((128, 256, 512),), channels=512, positives="threshold")
"""The baselines' RPN: plain Faster R-CNN on conv5_3 (T35, T38)."""

PLAIN_POOLING: Final = FusionConfig(stacks=(5,), normalise=False)
"""conv5_3 pooled straight into fc6: no L2, no 1x1 (Part 8 on T35-T38)."""


def tfn() -> TfnConfig:
    """The paper's network (T01-T10)."""
    return TfnConfig()


def tfn_heatmap() -> TfnConfig:
    """TFN with the heatmap landmark net (T40)."""
    return TfnConfig(landmark_head="heatmap")


def tafn_heatmap() -> TfnConfig:
    """TFN whose heatmap landmark net fuses all five stacks automatically (T43)."""
    automatic = FusionConfig(stacks=STACKS, automatic=True)
    return TfnConfig(landmark_head="heatmap", landmarks=automatic)


def baseline(framework: Framework) -> TfnConfig:
    """ORMM, TRMM or SRMM (T35-T37)."""
    if framework == "tfn":
        raise ValueError("tfn is no baseline of itself; use tfn().")
    return TfnConfig(
        framework=framework,
        rpn=PLAIN_RPN,
        detection=PLAIN_POOLING,
        landmarks=PLAIN_POOLING,
        attributes=PLAIN_POOLING,
    )


def fusion_study(task: Literal["detection", "landmarks", "attributes"], stacks: tuple[int, ...]) -> TfnConfig:
    """Fusion(5) ... Fusion(12345) of one task; the tasks not under study fuse conv5_3 only (T29)."""
    only_top, studied = FusionConfig(stacks=(5,)), FusionConfig(stacks=stacks)
    return TfnConfig(
        detection=studied if task == "detection" else only_top,
        landmarks=studied if task == "landmarks" else only_top,
        attributes=studied if task == "attributes" else only_top,
    )
