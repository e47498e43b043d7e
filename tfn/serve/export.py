"""The inference graph as two ``torch.export`` programs, checked against the network they were taken from.

Proposals: picture to stem maps and the RPN's raw output. Tasks: stem maps and boxes to what the task nets say.
Choosing boxes between them (top scores, NMS) has no weights and stays ordinary code; picture size is fixed at
export, the number of boxes is free.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from tfn.models.network import Network

TOLERANCE: Final = 1e-4
EXAMPLE_BOXES: Final = 5


class ExportDiffers(AssertionError):
    """An exported program answers otherwise than the network; the message says where and how much."""


class Proposals(nn.Module):
    """(1, 3, H, W) to (logits, deltas, map of each stack in rising order)."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.stem, self.rpn = network.stem, network.rpn

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        maps = self.stem(images)
        output = self.rpn(maps)
        return (output.logits, output.deltas, *(maps[stack] for stack in sorted(maps)))


class Tasks(nn.Module):
    """(boxes (N, 4), maps) to (logits, deltas, landmarks, age, gender, ethnicity) of these boxes."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.stacks = sorted(network.stem.channels)

    def forward(self, boxes: Tensor, maps: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        by_stack = dict(zip(self.stacks, maps, strict=True))
        detection = self.network.detect(by_stack, [boxes])
        attributes = self.network.attributes(by_stack, [boxes])
        return (*detection, self.network.landmarks(by_stack, [boxes]), *attributes)


class Programs(NamedTuple):
    """Both halves for pictures of one network-input size, a multiple of 32."""

    proposals: ExportedProgram
    tasks: ExportedProgram

    def save(self, folder: Path) -> None:
        """Write proposals.pt2 and tasks.pt2, which ``torch.export.load`` reads without this package."""
        folder.mkdir(parents=True, exist_ok=True)
        torch.export.save(self.proposals, folder / "proposals.pt2")
        torch.export.save(self.tasks, folder / "tasks.pt2")


def export(network: Network, height: int, width: int) -> Programs:
    """Trace an evaluated network for one input size and compare with it on random input.

    Raises ExportDiffers if an answer is off by more than 1e-4.
    """
    network = network.eval()
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(1, 3, height, width, generator=generator)
    corner = torch.rand(EXAMPLE_BOXES, 2, generator=generator) * torch.tensor([width, height]) / 2
    boxes = torch.cat((corner, corner + torch.tensor([width, height]) / 3), dim=1)
    with torch.no_grad():
        first, second = Proposals(network).eval(), Tasks(network).eval()
        eager = first(images)
        maps = tuple(eager[2:])
        programs = Programs(
            torch.export.export(first, (images,)),
            torch.export.export(
                second,
                (boxes, maps),
                dynamic_shapes=({0: Dim("faces", min=1, max=10_000)}, (None,) * len(maps)),
            ),
        )
        _compare("proposals", programs.proposals.module()(images), eager)
        for count in (1, EXAMPLE_BOXES):
            _compare("tasks", programs.tasks.module()(boxes[:count], maps), second(boxes[:count], maps))
    return programs


def _compare(name: str, found: tuple[Tensor, ...], wanted: tuple[Tensor, ...]) -> None:
    for number, (one, other) in enumerate(zip(found, wanted, strict=True)):
        difference = float((one - other).abs().max()) if one.numel() else 0.0
        if not difference <= TOLERANCE:
            raise ExportDiffers(
                f"{name}, output {number}: differs by up to {difference:.2g} from the network."
            )
