"""From pictures to mini-batches: resize, flip, normalise, pad. Batch number k is always the same batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from tfn.config import PixelForm, TfnConfig
from tfn.data.pictures import Picture, Pictures, PictureUnreadable
from tfn.data.procedural import Pixels
from tfn.models.stem import CAFFE_MEAN, RGB_MEAN, RGB_STD
from tfn.sampling import epoch_order, seeded
from tfn.targets import Targets

PAD_TO = 32
LONGEST = 2000  # T32: the long side after scaling


class Prepared(NamedTuple):
    """One network input. image: (3, H, W) normalised. scale: input pixels per picture pixel."""

    image: Tensor
    targets: Targets
    scale: float
    name: str


class Batch(NamedTuple):
    """images: (B, 3, H, W), padded right and below. sizes: own (height, width). unreadable: names skipped."""

    images: Tensor
    sizes: list[tuple[int, int]]
    targets: list[Targets]
    names: list[str]
    unreadable: list[str]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """T32: mirror half of the pictures, and one of these ratios to the base size."""

    flip: bool = True
    ratios: tuple[float, ...] = (0.5, 1.0, 2.0)


NO_AUGMENTATION = Augmentation(flip=False, ratios=(1.0,))


def base_scale(height: int, width: int, config: TfnConfig) -> float:
    """Short side to ``short_side`` unless the long one would exceed ``long_side`` (A13)."""
    return min(config.short_side / min(height, width), config.long_side / max(height, width))


def prepare(picture: Picture, config: TfnConfig, *, ratio: float = 1.0, flip: bool = False) -> Prepared:
    """Resize to the base size times ``ratio``, mirror if asked, normalise; labels move along."""
    pixels, targets = picture.pixels, picture.targets
    height, width = pixels.shape[:2]
    if flip:
        pixels, targets = np.ascontiguousarray(pixels[:, ::-1]), targets.flipped(width)
    scale = base_scale(height, width, config) * ratio
    scale = min(scale, LONGEST / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if size != (width, height):
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=method), dtype=np.uint8)
    return Prepared(normalised(pixels, config.pixels), targets.scaled(scale), scale, picture.name)


def normalised(pixels: Pixels, form: PixelForm = "imagenet") -> Tensor:
    """(H, W, 3) uint8 RGB to (3, H, W) float32 as the stem's weights want it (T33).

    "imagenet": RGB less ImageNet's mean, over its deviation. "caffe": BGR from 0 to 255 less Caffe's means.
    """
    image = torch.from_numpy(np.array(pixels)).permute(2, 0, 1).float()
    if form == "caffe":
        return (image.flip(0) - torch.tensor(CAFFE_MEAN)[:, None, None]).contiguous()
    image /= 255
    mean, std = (torch.tensor(v)[:, None, None] for v in (RGB_MEAN, RGB_STD))
    return ((image - mean) / std).contiguous()


def collate(prepared: Sequence[Prepared], unreadable: Sequence[str] = ()) -> Batch:
    """Pad to a common size, a multiple of 32."""
    height = -(-max(p.image.shape[1] for p in prepared) // PAD_TO) * PAD_TO
    width = -(-max(p.image.shape[2] for p in prepared) // PAD_TO) * PAD_TO
    images = torch.zeros(len(prepared), 3, height, width)
    for index, one in enumerate(prepared):
        images[index, :, : one.image.shape[1], : one.image.shape[2]] = one.image
    sizes = [(int(p.image.shape[1]), int(p.image.shape[2])) for p in prepared]
    return Batch(images, sizes, [p.targets for p in prepared], [p.name for p in prepared], list(unreadable))


@dataclass
class StepBatches(Dataset[Batch]):
    """Batch k depends on (seed, k) only, so a resumed run sees what an uninterrupted one would have.

    Pictures are drawn without repetition inside an epoch; each process of several takes its own share.
    """

    pictures: Pictures
    config: TfnConfig
    batch: int
    first: int
    last: int
    seed: int
    augmentation: Augmentation = field(default_factory=Augmentation)
    rank: int = 0
    world: int = 1

    def __len__(self) -> int:
        return self.last - self.first

    def __getitem__(self, offset: int) -> Batch:
        step = self.first + offset
        prepared: list[Prepared] = []
        unreadable: list[str] = []
        for place in range(self.batch):
            number = (step * self.world + self.rank) * self.batch + place
            draw = seeded(self.seed, "picture", number)
            flip = self.augmentation.flip and bool(torch.rand(1, generator=draw) < 0.5)
            ratio = self.augmentation.ratios[
                int(torch.randint(len(self.augmentation.ratios), (1,), generator=draw))
            ]
            try:
                picture = self.pictures.picture(self._index(number))
                prepared.append(prepare(picture, self.config, ratio=ratio, flip=flip))
            except PictureUnreadable as error:
                unreadable.append(error.name)
        if not prepared:
            raise PictureUnreadable(", ".join(unreadable), "no picture of this batch can be read")
        return collate(prepared, unreadable)

    def _index(self, number: int) -> int:
        count = len(self.pictures)
        epoch, place = divmod(number, count)
        return int(epoch_order(self.seed, "epoch", epoch, count)[place])
