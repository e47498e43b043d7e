"""How fast and how long a stage learns (T29-T33, P7-21)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import torch
from torch import nn


@dataclass(frozen=True, slots=True)
class Schedule:
    """steps: iterations of the stage. drop_every: the rate is divided by ten after so many; None: cosine to zero.

    warm_up: iterations of linear increase. clip: largest gradient norm, None for none. batch: pictures (S1, S2)
    or faces (S3, S4) per iteration. average: decay of the exponential moving average of weights, None for none.
    """

    rate: float
    steps: int
    drop_every: int | None = None
    warm_up: int = 0
    optimiser: Literal["sgd", "adamw"] = "sgd"
    momentum: float = 0.9
    weight_decay: float = 5e-4
    clip: float | None = None
    batch: int = 1
    average: float | None = None

    def rate_at(self, step: int) -> float:
        """Learning rate of iteration ``step``, counted from 0."""
        if step < self.warm_up:
            return self.rate * (step + 1) / self.warm_up
        if self.drop_every is not None:
            return float(self.rate * 0.1 ** (step // self.drop_every))
        return self.rate * 0.5 * (1 + math.cos(math.pi * step / max(self.steps, 1)))

    def optimiser_of(self, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        """The optimiser over what the stage moves."""
        if self.optimiser == "sgd":
            return torch.optim.SGD(
                parameters, lr=self.rate, momentum=self.momentum, weight_decay=self.weight_decay
            )
        return torch.optim.AdamW(parameters, lr=self.rate, weight_decay=self.weight_decay, fused=True)


PAPER_JOINT = Schedule(rate=1e-4, steps=300_000, drop_every=100_000)
"""S1 on JFA (T30)."""
PAPER_DETECTION = Schedule(rate=1e-3, steps=150_000, drop_every=50_000)
"""The detection net on WIDER FACE; also S2 (T31)."""
PAPER_TASK = Schedule(rate=1e-2, steps=150_000, drop_every=50_000, clip=35.0)
"""The landmark and attribute nets; also S3 and S4 (T31, T33)."""
PAPER_HEATMAP = Schedule(rate=1e-3, steps=150_000, drop_every=50_000, clip=35.0)
"""S3 with the heatmap head (T40)."""
PAPER_FUSION = Schedule(rate=1e-4, steps=150_000, drop_every=50_000)
"""The fusion study (T29)."""

PAPER: Final[dict[str, Schedule]] = {
    "S1": PAPER_JOINT,
    "S2": PAPER_DETECTION,
    "S3": PAPER_TASK,
    "S4": PAPER_TASK,
}
"""The four stages with the paper's rates and lengths (T30, T31, Part 8)."""

TINY: Final[dict[str, Schedule]] = {
    "S1": Schedule(
        rate=2e-3,
        steps=1000,
        warm_up=50,
        optimiser="adamw",
        weight_decay=1e-4,
        clip=10.0,
        batch=8,
        average=0.99,
    ),
    "S2": Schedule(
        rate=3e-4,
        steps=150,
        warm_up=20,
        optimiser="adamw",
        weight_decay=1e-4,
        clip=10.0,
        batch=8,
        average=0.99,
    ),
    "S3": Schedule(
        rate=1e-3,
        steps=800,
        warm_up=50,
        optimiser="adamw",
        weight_decay=1e-4,
        clip=10.0,
        batch=64,
        average=0.99,
    ),
    "S4": Schedule(
        rate=1e-3,
        steps=600,
        warm_up=50,
        optimiser="adamw",
        weight_decay=1e-4,
        clip=10.0,
        batch=64,
        average=0.99,
    ),
}
"""For the ``tiny`` preset on a few thousand small pictures: minutes on two cores."""

FAST: Final[dict[str, Schedule]] = {
    "S1": Schedule(
        rate=5e-4,
        steps=2000,
        warm_up=100,
        optimiser="adamw",
        weight_decay=0.01,
        clip=10.0,
        batch=8,
        average=0.999,
    ),
    "S2": Schedule(
        rate=2e-4,
        steps=500,
        warm_up=50,
        optimiser="adamw",
        weight_decay=0.01,
        clip=10.0,
        batch=8,
        average=0.99,
    ),
    "S3": Schedule(
        rate=1e-3,
        steps=1500,
        warm_up=50,
        optimiser="adamw",
        weight_decay=0.01,
        clip=10.0,
        batch=32,
        average=0.999,
    ),
    "S4": Schedule(
        rate=1e-3,
        steps=1500,
        warm_up=50,
        optimiser="adamw",
        weight_decay=0.01,
        clip=10.0,
        batch=64,
        average=0.999,
    ),
}
"""For the ``fast`` preset on a few hundred to a few thousand faces."""

SCHEDULES: Final[dict[str, dict[str, Schedule]]] = {"paper": PAPER, "fast": FAST, "tiny": TINY}
"""By preset, then by stage."""
