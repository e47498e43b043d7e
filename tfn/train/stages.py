"""The alternating scheme as data: which parts move in which stage, and on which losses (table 1.5, T24, T25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from torch import nn

from tfn.models.network import Network

StageName = Literal["S1", "S2", "S3", "S4"]
Part = Literal["stem", "rpn", "detection", "landmarks", "attributes"]

PARTS: Final[dict[Part, tuple[str, ...]]] = {
    "stem": ("stem.",),
    "rpn": ("rpn.",),
    "detection": ("blocks.detection.", "fc.detection.", "detection_decision."),
    "landmarks": ("blocks.landmarks.", "fc.landmarks.", "landmark_decision."),
    "attributes": ("blocks.attributes.", "fc.attributes.", "attribute_decision."),
}
"""Prefixes of the parameter names that make up each column of the table."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the table. ``trains``: parts that move; ``losses``: terms of equation (1) that are computed."""

    name: StageName
    trains: tuple[Part, ...]
    losses: tuple[Part, ...]

    @property
    def is_frozen_detector(self) -> bool:
        """True if boxes come from a detector that does not move: pooled features can then be cached (T27)."""
        return "stem" not in self.trains


STAGES: Final[dict[StageName, Stage]] = {
    "S1": Stage(
        "S1",
        ("stem", "rpn", "detection", "landmarks", "attributes"),
        ("rpn", "detection", "landmarks", "attributes"),
    ),
    "S2": Stage("S2", ("stem", "rpn", "detection"), ("rpn", "detection")),
    "S3": Stage("S3", ("landmarks",), ("landmarks",)),
    "S4": Stage("S4", ("attributes",), ("attributes",)),
}

PROMOTABLE_AFTER: Final[frozenset[StageName]] = frozenset({"S1", "S4"})
"""After S2 the other nets' outputs are stale until S3 and S4 have run (T24)."""


class StageNotForFramework(ValueError):
    """The baselines share layers between tasks, so only the joint stage makes sense for them (A12)."""


def part_of(parameter: str) -> Part:
    """The column a parameter belongs to, by its name in ``Network.named_parameters``."""
    for part, prefixes in PARTS.items():
        if parameter.startswith(prefixes):
            return part
    raise KeyError(f"{parameter} belongs to no part of the freeze table")


def enter_stage(network: Network, stage: Stage) -> list[nn.Parameter]:
    """Freeze what the stage does not move; returns the parameters for its optimiser (T25).

    Frozen: requires_grad False, absent from the returned list, module in eval mode (dropout off).
    """
    if stage.name != "S1" and network.config.framework in ("ormm", "trmm"):
        raise StageNotForFramework(
            f"{network.config.framework} shares layers between tasks: train it with S1 only."
        )
    network.train()
    for child_name, child in network.named_modules():
        if child_name and any(
            f"{child_name}.".startswith(prefix)
            for part, prefixes in PARTS.items()
            if part not in stage.trains
            for prefix in prefixes
        ):
            child.train(False)
    moving = []
    shared = network.config.framework in ("ormm", "trmm")
    frozen_stacks = tuple(f"stem.stacks.{number - 1}." for number in network.config.freeze_stacks)
    for name, parameter in network.named_parameters():
        moves = shared or part_of(name) in stage.trains
        if frozen_stacks and name.startswith(frozen_stacks):
            moves = False
        if name.endswith(".scale") and not _scale_learns(network, name):
            moves = False
        parameter.requires_grad_(moves)
        if moves:
            moving.append(parameter)
    return moving


def _scale_learns(network: Network, name: str) -> bool:
    branch = name.split(".")[1]
    config = network.config
    fusion = {"landmarks": config.landmarks, "attributes": config.attributes}.get(branch, config.detection)
    return fusion.scale_learnable
