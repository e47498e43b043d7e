"""A trained network as a provider of labels: photographs in, faces with uncertainties out."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor

from jfa_pipeline.coarse.protocol import CoarseFace, RgbImage, checked_rgb
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.stages import is_promotable
from tfn.box_coding import clip_boxes
from tfn.config import TfnConfig
from tfn.data.batches import PAD_TO, base_scale, normalised
from tfn.model_file import Model, load_model
from tfn.models.network import Network
from tfn.models.task_nets import Attributes
from tfn.postprocess import (
    Answers,
    Temperatures,
    answers,
    entropy,
    heatmap_spread,
    landmark_points,
    probed_boxes,
    wandering,
    warmed_scores,
)

SERVING_SCORE: Final = 0.5
"""Faces below it are not shown to people (Part 8, final detections); evaluation uses the configuration's 0.05."""


class NotServable(ValueError):
    """A network whose last stage left other parts stale (T24)."""


@dataclass(frozen=True, slots=True, eq=False)
class PredictedFace:
    """One face. coarse: its labels in the upright image's continuous frame, as the pre-label protocol wants them.

    gender, ethnicity: probability of each class. age_sd: years. uncertainty: per task, 0 is certain: detection
    1 - |2p - 1|, landmarks the mean spread over the square root of the box area, age sd / 10, gender and
    ethnicity entropy in nats (Part 6, 8); all after calibration.
    """

    coarse: CoarseFace
    age_sd: float
    gender: dict[str, float]
    ethnicity: dict[str, float]
    uncertainty: dict[str, float]


class RawFaces(NamedTuple):
    """What the network says about one image before any calibration, M faces; boxes and points in input pixels.

    spread: (M, 68) in square roots of the box area.
    """

    boxes: Tensor
    scores: Tensor
    points: Tensor
    spread: Tensor
    age: Tensor
    gender: Tensor
    ethnicity: Tensor


class Predictor:
    """Labels photographs. The answer for an image does not depend on the others in the call.

    On a CPU images go through one by one, which costs nothing there; on a GPU images of the same input size
    share a batch, so that none is padded because of another.
    """

    name: Final = "tfn"

    def __init__(
        self,
        model: Model,
        *,
        score: float = SERVING_SCORE,
        device: torch.device | str = "cpu",
        batch: int = 8,
    ) -> None:
        """Raises NotServable if its last S2 was not followed by S3 and S4: other nets' outputs are stale (T24)."""
        if model.stages and not is_promotable(model.stages):
            raise NotServable(
                f"This network stopped after {model.stages[-1]}; run the stages up to S4 before it is used."
            )
        self.device = torch.device(device)
        self.network: Network = model.network.to(self.device).eval()
        self.config: TfnConfig = model.network.config
        self.warmth = Temperatures(**model.calibration)
        self.score = score
        self.batch = batch if self.device.type == "cuda" else 1
        self.version = _fingerprint(model)

    @classmethod
    def load(
        cls, path: Path, *, score: float = SERVING_SCORE, device: torch.device | str = "cpu"
    ) -> Predictor:
        """From a file of ``tfn.model_file``. Raises FileNotFoundError, ModelFileInvalid, NotServable."""
        return cls(load_model(path), score=score, device=device)

    def label(self, image: RgbImage) -> list[CoarseFace]:
        """Every face of an upright (H, W, 3) RGB image (``jfa_pipeline.coarse.protocol.Provider``)."""
        return [face.coarse for face in self.predict([image])[0]]

    def predict(self, images: Sequence[RgbImage]) -> list[list[PredictedFace]]:
        """Per image its faces, best score first. Raises ValueError for an array of another shape or type."""
        return [
            self._labelled(raw, image, scale)
            for image, (raw, scale) in zip(images, self.raw(images), strict=True)
        ]

    def raw(self, images: Sequence[RgbImage]) -> list[tuple[RawFaces, tuple[float, float]]]:
        """Uncalibrated outputs, and input pixels per image pixel (x, y)."""
        inputs = [self._input(checked_rgb(image)) for image in images]
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, (tensor, _) in enumerate(inputs):
            groups[(int(tensor.shape[1]), int(tensor.shape[2]))].append(index)
        found: list[RawFaces | None] = [None] * len(inputs)
        for (height, width), members in groups.items():
            for start in range(0, len(members), self.batch):
                chunk = members[start : start + self.batch]
                padded = torch.zeros(
                    len(chunk), 3, -(-height // PAD_TO) * PAD_TO, -(-width // PAD_TO) * PAD_TO
                )
                for row, index in enumerate(chunk):
                    padded[row, :, :height, :width] = inputs[index][0]
                for index, raw in zip(chunk, self._through(padded, (height, width)), strict=True):
                    found[index] = raw
        return [(raw, scale) for raw, (_, scale) in zip(found, inputs, strict=True) if raw is not None]

    def _input(self, image: RgbImage) -> tuple[Tensor, tuple[float, float]]:
        height, width = image.shape[:2]
        scale = base_scale(height, width, self.config)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        if size != (width, height):
            method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            image = np.asarray(cv2.resize(image, size, interpolation=method), dtype=np.uint8)
        return normalised(image, self.config.pixels), (size[0] / width, size[1] / height)

    @torch.inference_mode()
    def _through(self, images: Tensor, size: tuple[int, int]) -> list[RawFaces]:
        network = self.network
        maps = network.stem(images.to(self.device))
        sizes = [size] * len(images)
        finals = network.final_boxes(maps, network.rpn.proposals(network.propose(maps), sizes), sizes)
        boxes = [final.boxes for final in finals]
        counts = [len(own) for own in boxes]
        every = torch.cat(boxes)
        output = network.landmarks(maps, boxes)
        points = landmark_points(output, every, self.config)
        if self.config.landmark_head == "coordinates":
            varied = [probed_boxes(own) for own in boxes]
            probed = landmark_points(network.landmarks(maps, varied), torch.cat(varied), self.config)
            spread = wandering(points, probed, every)
        else:
            spread = heatmap_spread(output[:, : points.shape[1]]) * self.config.landmark_expand
        logits = network.attributes(maps, boxes)
        parts = (
            torch.split(value.float(), counts)
            for value in (every, torch.cat([final.scores for final in finals]), points, spread, *logits)
        )
        return [RawFaces(*row) for row in zip(*parts, strict=True)]

    def _labelled(self, raw: RawFaces, image: RgbImage, scale: tuple[float, float]) -> list[PredictedFace]:
        scores = warmed_scores(raw.scores, self.warmth.score)
        kept = torch.nonzero(scores > self.score).flatten()
        kept = kept[torch.argsort(scores[kept], descending=True, stable=True)]
        by = torch.tensor(scale, device=raw.boxes.device)
        height, width = image.shape[:2]
        boxes = clip_boxes(raw.boxes[kept] / by.repeat(2), height, width).cpu()
        points = (raw.points[kept] / by).cpu().numpy()
        spread = (raw.spread[kept] * self.warmth.points).cpu()
        said = answers(_logits(raw, kept), self.config, self.warmth)
        return [
            self._face(boxes[row], float(scores[kept[row]]), points[row], spread[row], said, row)
            for row in range(len(kept))
        ]

    def _face(
        self,
        box: Tensor,
        score: float,
        points: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
        spread: Tensor,
        said: Answers,
        row: int,
    ) -> PredictedFace:
        gender = dict(zip(self.config.genders, said.gender[row].tolist(), strict=True))
        ethnicity = dict(zip(self.config.ethnicities, said.ethnicity[row].tolist(), strict=True))
        labels = FaceLabels(
            box=Box(*box.tolist()),
            landmarks=points.astype(np.float32),
            age=min(100.0, max(0.0, float(said.age[row]))),
            gender=max(gender, key=lambda name: gender[name]),
            ethnicity=max(ethnicity, key=lambda name: ethnicity[name]),
        )
        return PredictedFace(
            coarse=CoarseFace(
                labels=labels,
                score=score,
                detector=self.name,
                point_spread_box=spread.numpy().astype(np.float32),
            ),
            age_sd=float(said.age_sd[row]),
            gender=gender,
            ethnicity=ethnicity,
            uncertainty={
                "detection": 1 - abs(2 * score - 1),
                "landmarks": float(spread.mean()),
                "age": float(said.age_sd[row]) / 10,
                "gender": float(entropy(said.gender[row : row + 1])),
                "ethnicity": float(entropy(said.ethnicity[row : row + 1])),
            },
        )


def _logits(raw: RawFaces, rows: Tensor) -> Attributes:
    return Attributes(raw.age[rows], raw.gender[rows], raw.ethnicity[rows])


def _fingerprint(model: Model) -> str:
    """Twelve hexadecimal digits of the weights, after the names of the stages they have been through."""
    digest = hashlib.sha256()
    for name, value in model.network.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    digest.update(repr(sorted(model.calibration.items())).encode())
    return "-".join((*model.stages, digest.hexdigest()[:12]))
