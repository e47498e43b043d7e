"""Exponential moving average of the weights that a stage moves (Part 6, 5)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class WeightAverage:
    """shadow = decay * shadow + (1 - decay) * weight after each step.

    Early on the decay is (1 + n) / (10 + n), so that the random start is forgotten soon. Buffers such as batch
    norm statistics are averages already and are left alone.
    """

    def __init__(self, named: dict[str, nn.Parameter], decay: float) -> None:
        self.named = named
        self.decay = decay
        self.updates = 0
        self.shadow = {name: parameter.detach().clone() for name, parameter in named.items()}

    @torch.no_grad()
    def update(self) -> None:
        """Take the current weights in."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for name, parameter in self.named.items():
            self.shadow[name].lerp_(parameter.detach(), 1 - decay)

    @torch.no_grad()
    def apply(self) -> None:
        """Put the averages into the network: the stage's result."""
        for name, parameter in self.named.items():
            parameter.copy_(self.shadow[name])

    def state(self) -> dict[str, object]:
        """For a checkpoint."""
        return {"updates": self.updates, "shadow": self.shadow}

    def load(self, updates: int, shadow: dict[str, Tensor]) -> None:
        """Continue from a checkpoint."""
        self.updates = updates
        for name, value in shadow.items():
            self.shadow[name].copy_(value)
