"""The mini-batch objective: equation (1) term by term, each from the network's raw outputs and the targets."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from tfn.assign import FACE, IGNORED, assign_anchors, assign_rois, match_faces
from tfn.box_coding import clip_boxes, decode_boxes, encode_boxes, encode_landmarks, grow_boxes
from tfn.config import TfnConfig
from tfn.losses import (
    AgeTarget,
    attribute_losses,
    detection_losses,
    heatmap_loss,
    landmark_loss,
    rpn_losses,
)
from tfn.models.network import Maps, Network
from tfn.models.rpn import RpnOutput
from tfn.models.task_nets import Attributes
from tfn.sampling import inside_border, sample_anchors, sample_rois
from tfn.targets import Targets
from tfn.train.stages import Stage

Sizes = list[tuple[int, int]]


@dataclass(slots=True)
class FaceSamples:
    """Boxes that landmark and attribute nets learn from (T22), and the face each belongs to, image by image."""

    boxes: list[Tensor]
    owners: list[Tensor]

    def gathered(self, targets: list[Targets], name: str) -> Tensor:
        """One label of every sampled box, all images concatenated."""
        return torch.cat(
            [getattr(target, name)[owner] for target, owner in zip(targets, self.owners, strict=True)]
        )


@dataclass(slots=True)
class Criterion:
    """Losses of one stage. ``steps_done`` drives A16's warm-up on true boxes."""

    config: TfnConfig
    stage: Stage
    steps_done: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def __call__(
        self,
        network: Network,
        images: Tensor,
        sizes: Sizes,
        targets: list[Targets],
        generator: torch.Generator,
    ) -> dict[str, Tensor]:
        """Every loss term of the stage on one mini-batch, by name; their sum is equation (1)."""
        maps = network.stem(images)
        losses: dict[str, Tensor] = {}
        output = network.propose(maps)
        proposals = network.rpn.proposals(output, sizes)
        if "rpn" in self.stage.losses:
            losses |= self.rpn_terms(output, sizes, targets, generator)
        refined = [target.boxes for target in targets]
        if "detection" in self.stage.losses:
            terms, refined = self.detection_terms(network, maps, proposals, sizes, targets, generator)
            losses |= terms
        if not self.stage.is_frozen_detector and "landmarks" in self.stage.losses:
            predicted = refined if network.two_step else proposals
            if self.steps_done < self.config.samples.truth_only_steps:
                predicted = [box.new_zeros(0, 4) for box in predicted]
            samples = self.face_samples(predicted, targets)
            losses |= self.landmark_terms(
                network, network.pool("landmarks", maps, samples.boxes), samples, targets
            )
            losses |= self.attribute_terms(
                network, network.pool("attributes", maps, samples.boxes), samples, targets
            )
        self.steps_done += 1
        return losses

    def rpn_terms(
        self, output: RpnOutput, sizes: Sizes, targets: list[Targets], generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Equation (2) over the sampled anchors of all images (T19, T20)."""
        logits, deltas, labels, coded = [], [], [], []
        anchors = output.anchors.cpu()
        for index, target in enumerate(targets):
            label, owner = assign_anchors(anchors, target.boxes.cpu(), target.ignored.cpu(), self.config.rpn)
            label[~inside_border(anchors, *sizes[index], self.config.rpn.allowed_border)] = IGNORED
            kept = sample_anchors(label, self.config.rpn, generator)
            logits.append(output.logits[index, kept])
            deltas.append(output.deltas[index, kept])
            labels.append(label[kept])
            coded.append(_coded(target.boxes.cpu(), owner[kept], label[kept], anchors[kept]))
        device = output.logits.device
        label, wanted = torch.cat(labels).to(device), torch.cat(coded).to(device)
        self.counts["anchors"] = len(label)
        self.counts["face_anchors"] = int((label == FACE).sum())
        classify, box = rpn_losses(torch.cat(logits), torch.cat(deltas), label, wanted, self.config.loss)
        return {"rpn_class": classify, "rpn_box": box}

    def detection_terms(
        self,
        network: Network,
        maps: Maps,
        proposals: list[Tensor],
        sizes: Sizes,
        targets: list[Targets],
        generator: torch.Generator,
    ) -> tuple[dict[str, Tensor], list[Tensor]]:
        """Equation (3) over the sampled proposals (T21); also the refined boxes of the samples (Part 8 on T22)."""
        boxes, labels, coded = [], [], []
        for index, target in enumerate(targets):
            rois = torch.cat((proposals[index].cpu(), target.boxes.cpu()))
            label, owner = assign_rois(
                rois, target.boxes.cpu(), target.ignored.cpu(), self.config.samples.roi_positive_iou
            )
            kept = sample_rois(label, self.config.samples, generator)
            boxes.append(rois[kept].to(proposals[index].device))
            labels.append(label[kept])
            coded.append(
                _coded(target.boxes.cpu(), owner[kept], label[kept], rois[kept], self.config.box_stds)
            )
        output = network.detect(maps, boxes)
        device = output.logits.device
        label, wanted = torch.cat(labels).to(device), torch.cat(coded).to(device)
        self.counts["rois"] = len(label)
        self.counts["face_rois"] = int((label == FACE).sum())
        classify, box = detection_losses(output.logits, output.deltas, label, wanted, self.config.loss)
        refined = []
        for index, deltas in enumerate(torch.split(output.deltas.detach().float(), [len(b) for b in boxes])):
            decoded = decode_boxes(deltas, boxes[index], self.config.box_stds)
            refined.append(clip_boxes(decoded, *sizes[index]))
        return {"detection_class": classify, "detection_box": box}, refined

    def face_samples(self, predicted: list[Tensor], targets: list[Targets]) -> FaceSamples:
        """All true faces plus predicted ones with IoU > 0.7, detached, at most 64 an image (T22)."""
        boxes, owners = [], []
        limit = self.config.samples.faces_per_image
        for found, target in zip(predicted, targets, strict=True):
            kept, owner = match_faces(found.detach().cpu(), target.boxes.cpu(), self.config.samples.face_iou)
            every = torch.cat((torch.arange(len(target)), owner))[:limit]
            box = torch.cat((target.boxes, found.detach()[kept.to(found.device)]))[:limit]
            boxes.append(box)
            owners.append(every.to(target.boxes.device))
        self.counts["faces"] = sum(len(box) for box in boxes)
        return FaceSamples(boxes, owners)

    def landmark_terms(
        self, network: Network, pooled: Tensor, samples: FaceSamples, targets: list[Targets]
    ) -> dict[str, Tensor]:
        """First half of equation (4) on pooled features of the sampled boxes."""
        output = network.landmarks_from(pooled)
        points = samples.gathered(targets, "landmarks")
        known = samples.gathered(targets, "has_point")
        boxes = grow_boxes(torch.cat(samples.boxes), self.config.landmark_expand)
        if self.config.landmark_head == "coordinates":
            return {
                "landmarks": landmark_loss(output, encode_landmarks(points, boxes), known, self.config.loss)
            }
        cells, inside = heatmap_cells(points, boxes, self.config.heatmap_size)
        return {"landmarks": heatmap_loss(output, cells, known & inside, self.config.loss)}

    def attribute_terms(
        self, network: Network, pooled: Tensor, samples: FaceSamples, targets: list[Targets]
    ) -> dict[str, Tensor]:
        """Second half of equation (4) on pooled features of the sampled boxes."""
        logits: Attributes = network.attributes_from(pooled)
        age = AgeTarget(samples.gathered(targets, "age"), samples.gathered(targets, "age_sd"))
        return attribute_losses(
            logits,
            age,
            samples.gathered(targets, "gender"),
            samples.gathered(targets, "ethnicity"),
            self.config.loss,
        )


def heatmap_cells(points: Tensor, boxes: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Cell of each point in its box's grid and whether it lies inside (T42).

    points: (N, 68, 2) and boxes: (N, 4) in pixels. Returns integer (column, row) (N, 68, 2) and (N, 68) bool;
    a point on the right or bottom edge belongs to the last cell.
    """
    corner, side = boxes[:, None, :2], (boxes[:, 2:] - boxes[:, :2])[:, None]
    share = (points - corner) / side
    inside = ((share >= 0) & (share <= 1)).all(dim=2)
    cells = torch.floor(share * size).clamp(0, size - 1).nan_to_num(0).long()
    return cells, inside


def _coded(
    faces: Tensor,
    owners: Tensor,
    labels: Tensor,
    boxes: Tensor,
    stds: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
) -> Tensor:
    """Box targets of the FACE rows, zeros elsewhere: (N, 4)."""
    coded = torch.zeros(len(boxes), 4)
    positive = labels == FACE
    if bool(positive.any()):
        coded[positive] = encode_boxes(faces[owners[positive]], boxes[positive], stds)
    return coded
