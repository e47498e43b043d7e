"""Pictures listed as (file, labels): what every public dataset's reader produces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from jfa_pipeline.core.pixels import PixelsRefused, decode
from tfn.data.pictures import Picture, PictureUnreadable
from tfn.targets import Targets


class DatasetLayoutError(ValueError):
    """A folder that is not laid out as its dataset comes; the message names what is missing or wrong."""


class Labelled(NamedTuple):
    """One picture file. name: as the dataset calls it. subject: the person, where known."""

    path: Path
    name: str
    targets: Targets
    subject: str = ""


@dataclass(frozen=True, slots=True)
class FilePictures:
    """Decodes upright when asked."""

    files: Sequence[Labelled]

    def __len__(self) -> int:
        return len(self.files)

    def picture(self, index: int) -> Picture:
        """Raises PictureUnreadable for a file that is missing or corrupt."""
        file = self.files[index]
        try:
            return Picture(decode(file.path.read_bytes()), file.targets, file.name)
        except OSError as error:
            raise PictureUnreadable(file.name, f"cannot be opened ({error.strerror})") from error
        except PixelsRefused as error:
            raise PictureUnreadable(file.name, str(error)) from error

    def chosen(self, numbers: Sequence[int]) -> FilePictures:
        """Some of them, in this order."""
        return FilePictures([self.files[number] for number in numbers])


def box_around(points: Tensor, forehead: float) -> Tensor:
    """(4,) box around (68, 2) points, its top raised by ``forehead`` of its height: the policy's box (J07).

    The 68 points end at the brows, the box of the policy at the hair line.
    """
    low, high = points.min(dim=0).values, points.max(dim=0).values
    top = low[1] - forehead * (high[1] - low[1])
    return torch.stack((low[0], top, high[0], high[1]))
