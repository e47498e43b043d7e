"""Which stages a run may have, and which it needs, as data and plain functions (T24)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from jfa_pipeline.core.stages import AFTER_DETECTOR, DETECTOR, is_promotable

STAGES: Final = ("S1", "S2", "S3", "S4")

NEEDED_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "boxes": ("S2", "S3", "S4"),
    "landmarks": ("S3",),
    "attributes": ("S4",),
}
"""What new labels of a kind ask of a network that has been through S1."""

TAUGHT_BY: Final[Mapping[str, str]] = {"landmarks": "S3", "attributes": "S4"}
"""The stage that learns from labels of one kind only."""

FIRST: Final = ("S1",)
"""The stages of a new network, unless somebody wants more."""


class StagesRefused(ValueError):
    """Stages that make no run. ``code`` is stable, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def stages_for(new: Mapping[str, int], *, every: Mapping[str, int], has_parent: bool) -> tuple[str, ...]:
    """The stages that these numbers of new labels (boxes, landmarks, attributes) need; () if there are none.

    every: numbers of all labels. Where S2 would have to be followed by a stage that no label teaches, S1 again is
    the way: it trains what there are labels of, and leaves nothing stale.
    """
    if not has_parent:
        return FIRST
    needed = {stage for kind, count in new.items() if count for stage in NEEDED_FOR[kind]}
    untaught = {stage for kind, stage in TAUGHT_BY.items() if not every[kind]}
    if needed & untaught:
        return FIRST
    return tuple(stage for stage in STAGES if stage in needed)


def check_stages(stages: Sequence[str], *, before: Sequence[str]) -> None:
    """Raise StagesRefused unless a network that has been through ``before`` can be trained so and then served.

    before: the stages of the parent, () for a new network.
    """
    if not stages:
        raise StagesRefused(
            "no_stages", "Name at least one stage, S1 to S4, or leave the choice to the program."
        )
    if unknown := [stage for stage in stages if stage not in STAGES]:
        raise StagesRefused(
            "unknown_stage", f"There is no stage {unknown[0]}: the stages are S1, S2, S3 and S4."
        )
    if list(stages) != [stage for stage in STAGES if stage in stages]:
        raise StagesRefused(
            "stage_order",
            f"Stages run once each and in the order S1, S2, S3, S4; given was {', '.join(stages)}.",
        )
    if "S1" not in before and stages[0] != "S1":
        raise StagesRefused(
            "needs_s1",
            f"A new network starts with S1, which trains all of its parts together; it cannot start with "
            f"{stages[0]}. Add S1, or go on from a model that has been through it.",
        )
    whole = [*before, *stages]
    if not is_promotable(whole):
        after = whole[len(whole) - whole[::-1].index(DETECTOR) :]
        missing = " and ".join(sorted(AFTER_DETECTOR - set(after)))
        raise StagesRefused(
            "stale_nets",
            "S2 changes the detector, after which the landmark and attribute nets no longer fit it until S3 and S4 "
            f"have run. Add {missing}: a model may not be promoted before.",
        )
