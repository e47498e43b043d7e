"""More pictures out of few: each labelled picture turned, resized, moved, recoloured and softened a little.

The paper augments with flips and scales only (T32); this belongs to presets that learn from a few hundred faces
(Part 6, 5). A varied picture is a function of its number, so stages stay resumable and cacheable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tfn.box_coding import centres_and_sides
from tfn.data.pictures import Picture, Pictures
from tfn.data.procedural import Pixels
from tfn.targets import Targets

GREY_WEIGHTS = (0.299, 0.587, 0.114)


@dataclass(frozen=True, slots=True)
class Variation:
    """Ranges of the random changes; all are symmetric around "no change".

    turn: degrees. log_scale: of the picture's size. shift: in picture sides. brightness, contrast, saturation: log
    factors. cast: log factor per colour channel. grey: share of pictures without colour. soft: largest deviation
    of a Gaussian blur, pixels. hidden: share of pictures with one grey patch of a tenth of their area.
    """

    turn: float = 12.0
    log_scale: float = 0.15
    shift: float = 0.06
    brightness: float = 0.25
    contrast: float = 0.25
    saturation: float = 0.3
    cast: float = 0.08
    grey: float = 0.1
    soft: float = 1.0
    hidden: float = 0.25


@dataclass(frozen=True, slots=True)
class VariedPictures:
    """``rounds`` varied versions of every picture: number i is picture ``i % len(pictures)`` in version i."""

    pictures: Pictures
    rounds: int
    seed: int
    variation: Variation = field(default_factory=Variation)

    def __len__(self) -> int:
        return len(self.pictures) * self.rounds

    def picture(self, index: int) -> Picture:
        """Version ``index``; its labels move along. Raises PictureUnreadable as the source does."""
        plain = self.pictures.picture(index % len(self.pictures))
        draw = np.random.default_rng((self.seed, index))
        pixels, targets = _moved(plain.pixels, plain.targets, self.variation, draw)
        return Picture(_recoloured(pixels, self.variation, draw), targets, plain.name)


def _moved(
    pixels: Pixels, targets: Targets, variation: Variation, draw: np.random.Generator
) -> tuple[Pixels, Targets]:
    """Turn, resize and move about the middle of the picture; what comes in from outside repeats the edge."""
    height, width = pixels.shape[:2]
    angle = math.radians(draw.uniform(-1, 1) * variation.turn)
    scale = math.exp(draw.uniform(-1, 1) * variation.log_scale)
    shift = draw.uniform(-1, 1, 2) * variation.shift * (width, height)
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    middle = np.array([width / 2, height / 2])
    offset = middle + shift - turn @ middle
    # OpenCV counts from pixel centres, labels from pixel corners: half a pixel in, half a pixel out.
    half = np.array([0.5, 0.5])
    matrix = np.column_stack([turn, turn @ half + offset - half])
    moved = cv2.warpAffine(
        pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, dtype=np.uint8), _moved_targets(targets, turn, offset, scale)


def _moved_targets(
    targets: Targets, turn: NDArray[np.float64], offset: NDArray[np.float64], scale: float
) -> Targets:
    """Points move exactly; a box keeps its shape, moves with its centre and grows by ``scale``."""
    matrix, by = torch.from_numpy(turn).float(), torch.from_numpy(offset).float()

    def boxes(given: Tensor) -> Tensor:
        centre, side = centres_and_sides(given)
        centre, half = centre @ matrix.T + by, side * scale / 2
        return torch.cat((centre - half, centre + half), dim=1)

    return replace(
        targets,
        boxes=boxes(targets.boxes),
        landmarks=targets.landmarks @ matrix.T + by,
        ignored=boxes(targets.ignored),
    )


def _recoloured(pixels: Pixels, variation: Variation, draw: np.random.Generator) -> Pixels:
    image: NDArray[np.float32] = pixels.astype(np.float32)
    grey = (image @ np.array(GREY_WEIGHTS, dtype=np.float32))[..., None]
    keep_colour = 0.0 if draw.random() < variation.grey else _factor(draw, variation.saturation)
    image = grey + (image - grey) * keep_colour
    middle = float(grey.mean())
    image = middle + (image - middle) * _factor(draw, variation.contrast)
    image = image * _factor(draw, variation.brightness)
    image = image * np.exp(draw.uniform(-1, 1, 3) * variation.cast).astype(np.float32)
    deviation = draw.uniform(0, 1) * variation.soft
    if deviation > 0.3:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), deviation), dtype=np.float32)
    if draw.random() < variation.hidden:
        height, width = image.shape[:2]
        ratio = math.exp(draw.uniform(-0.5, 0.5))
        tall, wide = (int(side * math.sqrt(0.1) * by) for side, by in ((height, ratio), (width, 1 / ratio)))
        top, left = int(draw.integers(0, height - tall)), int(draw.integers(0, width - wide))
        image[top : top + tall, left : left + wide] = draw.uniform(0, 255)
    return np.asarray(np.clip(image, 0, 255), dtype=np.uint8)


def _factor(draw: np.random.Generator, log_range: float) -> float:
    return math.exp(draw.uniform(-1, 1) * log_range)
