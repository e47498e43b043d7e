"""Sources of labelled pictures: anything with a length that gives picture number i, the same each time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from tfn.data.procedural import Pixels, Scene, procedural_picture
from tfn.targets import Targets


class Picture(NamedTuple):
    """pixels: (H, W, 3) RGB, upright. targets: labels in its pixels. name: for messages about it."""

    pixels: Pixels
    targets: Targets
    name: str


class PictureUnreadable(ValueError):
    """A picture that cannot be decoded; training skips, counts and names it.

    The reason may be left out: a worker process hands on nothing but the message.
    """

    def __init__(self, name: str, reason: str = "") -> None:
        super().__init__(f"{name}: {reason}" if reason else name)
        self.name = name


class Pictures(Protocol):
    """A finite, indexable source. ``picture`` raises PictureUnreadable for a corrupt file."""

    def __len__(self) -> int: ...

    def picture(self, index: int) -> Picture:
        """Picture ``index``, 0 <= index < len(self)."""
        ...


@dataclass(frozen=True, slots=True)
class ProceduralPictures:
    """``count`` drawn pictures; a different ``seed`` gives different ones."""

    count: int
    seed: int
    scene: Scene = field(default_factory=Scene)

    def __len__(self) -> int:
        return self.count

    def picture(self, index: int) -> Picture:
        """Picture ``index`` of this seed."""
        pixels, targets = procedural_picture(self.scene, self.seed * 1_000_003 + index)
        return Picture(pixels, targets, f"procedural {self.seed}/{index}")
