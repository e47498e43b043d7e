"""The top module: image, stem, proposals, final boxes, then landmarks and attributes (T02, T35-T38)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torchvision.ops import nms

from tfn.box_coding import clip_boxes, decode_boxes, grow_boxes
from tfn.config import FusionConfig, TfnConfig
from tfn.models.fused_block import FusedBlock
from tfn.models.heatmap_net import HeatmapHead
from tfn.models.mobile_stem import MobileStem
from tfn.models.rpn import AssistantRpn, RpnOutput
from tfn.models.stem import VggStem
from tfn.models.task_nets import (
    AttributeDecision,
    Attributes,
    Detection,
    DetectionDecision,
    FullyConnected,
    LandmarkDecision,
    SeparateFullyConnected,
)

Maps = dict[int, Tensor]


class FinalBoxes(NamedTuple):
    """Faces of one image after the second refinement and NMS. boxes: (M, 4) input pixels. scores: (M,)."""

    boxes: Tensor
    scores: Tensor


class Faces(NamedTuple):
    """Everything the network says about one image, in input pixels; M faces.

    landmarks: raw landmark output for these boxes. attributes: logits.
    """

    boxes: Tensor
    scores: Tensor
    landmarks: Tensor
    attributes: Attributes


class Network(nn.Module):
    """One member of the family.

    TFN and SRMM keep three branches apart; TRMM shares fc6/fc7 of landmarks and attributes; ORMM hangs every
    decision off one fc7 on the proposals. ``self.branches`` maps a task to the branch that computes its features.
    """

    def __init__(self, config: TfnConfig) -> None:
        super().__init__()
        self.config = config
        self.stem: VggStem | MobileStem = (
            VggStem(config.width) if config.backbone == "vgg16" else MobileStem(config.width)
        )
        channels, strides = self.stem.channels, self.stem.strides
        self.rpn = AssistantRpn(config.rpn, channels, strides)
        self.two_step = config.framework != "ormm"
        self.separate = config.srmm_branches == 5
        shared = {"ormm": "detection", "trmm": "faces"}.get(config.framework)
        self.branches = {
            "detection": "detection",
            "landmarks": shared or "landmarks",
            "attributes": shared or "attributes",
        }
        fusions = {
            "detection": config.detection,
            "landmarks": config.landmarks,
            "attributes": config.attributes,
        }
        self.blocks = nn.ModuleDict()
        self.fc = nn.ModuleDict()
        widths: dict[str, int] = {}
        for task, branch in self.branches.items():
            if branch in self.blocks:
                continue
            block = FusedBlock(
                fusions[task], channels, strides, config.roi_op, config.width, config.roi_samples
            )
            self.blocks[branch] = block
            widths[branch] = block.out_channels
            if not (task == "landmarks" and config.landmark_head == "heatmap"):
                separate = self.separate and task == "attributes"
                self.fc[branch] = self._fully_connected(block, fusions[task], separate=separate)
        width = config.fc_width
        self.detection_decision = DetectionDecision(width)
        self.landmark_decision: LandmarkDecision | HeatmapHead
        if config.landmark_head == "heatmap":
            self.landmark_decision = HeatmapHead(
                widths["landmarks"],
                config.heatmap_encode,
                config.heatmap_decode,
                background=config.loss.heatmap == "channels",
            )
        else:
            self.landmark_decision = LandmarkDecision(width)
        self.attribute_decision = AttributeDecision(
            width, config.ages, len(config.genders), len(config.ethnicities), separate=self.separate
        )
        self._initialise()

    def forward(self, images: Tensor, sizes: list[tuple[int, int]]) -> list[Faces]:
        """Normalised (B, 3, H, W) images, padded right and below, and their own (height, width) in pixels."""
        maps = self.stem(images)
        proposals = self.rpn.proposals(self.rpn(maps), sizes)
        finals = self.final_boxes(maps, proposals, sizes)
        boxes = [final.boxes for final in finals]
        landmarks = self.landmarks(maps, boxes)
        attributes = self.attributes(maps, boxes)
        return _per_image(finals, landmarks, attributes)

    def propose(self, maps: Maps) -> RpnOutput:
        """The region proposal networks' raw output."""
        output: RpnOutput = self.rpn(maps)
        return output

    def detect(self, maps: Maps, boxes: list[Tensor]) -> Detection:
        """Face or not and refined offsets for per-image (n, 4) proposals."""
        out: Detection = self.detection_decision(self._features("detection", maps, boxes))
        return out

    def landmarks(self, maps: Maps, boxes: list[Tensor]) -> Tensor:
        """(N, 68, 2) offsets of equation (5), or (N, 68 | 69, 112, 112) heatmap logits, for the given boxes."""
        return self.landmarks_from(self.pool("landmarks", maps, boxes))

    def attributes(self, maps: Maps, boxes: list[Tensor]) -> Attributes:
        """Logits of age, gender and ethnicity for the given boxes."""
        return self.attributes_from(self.pool("attributes", maps, boxes))

    def pool(self, task: str, maps: Maps, boxes: list[Tensor]) -> Tensor:
        """What a task net sees before its first learnt layer; with a frozen stem it can be cached (T27)."""
        if task == "landmarks":
            boxes = [grow_boxes(box, self.config.landmark_expand) for box in boxes]
        block = self.blocks[self.branches[task]]
        if not isinstance(block, FusedBlock):
            raise TypeError("blocks hold FusedBlock modules")
        return block.pool(maps, boxes)

    def landmarks_from(self, pooled: Tensor) -> Tensor:
        """The landmark net on pooled features."""
        out: Tensor = self.landmark_decision(self._hidden("landmarks", pooled))
        return out

    def attributes_from(self, pooled: Tensor) -> Attributes:
        """The attribute net on pooled features."""
        out: Attributes = self.attribute_decision(self._hidden("attributes", pooled))
        return out

    @torch.no_grad()
    def final_boxes(
        self, maps: Maps, proposals: list[Tensor], sizes: list[tuple[int, int]]
    ) -> list[FinalBoxes]:
        """Filter and refine the proposals, then NMS (T02; Part 8, final detections)."""
        test = self.config.test
        detection = self.detect(maps, proposals)
        counts = [len(boxes) for boxes in proposals]
        finals = []
        for boxes, logits, deltas, (height, width) in zip(
            proposals,
            torch.split(detection.logits, counts),
            torch.split(detection.deltas, counts),
            sizes,
            strict=True,
        ):
            scores = logits.float().softmax(dim=1)[:, 1]
            refined = clip_boxes(decode_boxes(deltas.float(), boxes, self.config.box_stds), height, width)
            proper = ((refined[:, 2:] - refined[:, :2]) >= 1).all(dim=1) & (scores > test.score)
            refined, scores, origin = refined[proper], scores[proper], boxes[proper]
            kept = nms(refined, scores, test.nms_iou)[: test.max_faces]
            finals.append(FinalBoxes(refined[kept] if self.two_step else origin[kept], scores[kept]))
        return finals

    def _features(self, task: str, maps: Maps, boxes: list[Tensor]) -> Tensor:
        return self._hidden(task, self.pool(task, maps, boxes))

    def _hidden(self, task: str, pooled: Tensor) -> Tensor:
        branch = self.branches[task]
        block = self.blocks[branch]
        if not isinstance(block, FusedBlock):
            raise TypeError("blocks hold FusedBlock modules")
        fused = block.fuse(pooled)
        if branch not in self.fc:
            return fused
        hidden: Tensor = self.fc[branch](fused)
        return hidden

    def _fully_connected(self, block: FusedBlock, fusion: FusionConfig, *, separate: bool) -> nn.Module:
        config = self.config
        kind = SeparateFullyConnected if separate else FullyConnected
        return kind(
            block.out_channels, fusion.pooled, config.fc_width, config.dropout, pooled=config.pooled_heads
        )

    def _initialise(self) -> None:
        """New layers N(0, 0.01), box heads N(0, 0.001), biases 0; the stem's own start until weights come (T33)."""
        self.stem.initialise()
        for name, module in self.named_modules():
            if name.startswith("stem.") or not isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
                continue
            narrow = self.config.start == "he" and name.startswith(("blocks.", "fc."))
            if narrow or name.startswith("landmark_decision.layers"):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            else:
                nn.init.normal_(module.weight, std=0.001 if name.endswith("deltas") else 0.01)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def _per_image(finals: list[FinalBoxes], landmarks: Tensor, attributes: Attributes) -> list[Faces]:
    counts = [len(final.boxes) for final in finals]
    split = zip(
        finals,
        torch.split(landmarks, counts),
        *(torch.split(logits, counts) for logits in attributes),
        strict=True,
    )
    return [
        Faces(final.boxes, final.scores, points, Attributes(age, gender, ethnicity))
        for final, points, age, gender, ethnicity in split
    ]
