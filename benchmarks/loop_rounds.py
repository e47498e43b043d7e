"""One seed of one setting: the loop that retrains and, beside it, the same loop that never does."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.http_person import HttpPerson
from benchmarks.loop_measure import edits_of, prelabel_quality
from benchmarks.loop_pictures import Picture, PictureSet, Setting, set_references
from benchmarks.loop_platform import LearningPlatform, LoopDataset, by_picture

TEST_SHARE: Final = 0.25
"""More than the platform's tenth: there are a few hundred faces only, and the gate needs some to decide by."""

Order = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """rounds: of label, release, retrain, gate, pre-label. size: pictures a round.

    first, order: of the first training run and of the others, which go on from the network before, promoted or not.
    """

    setting: Setting
    rounds: int
    size: int
    first: Order
    order: Order


@dataclass(slots=True)
class Round:
    """What one round gave. Edits are counted over the same pictures in both loops.

    edits: by kind, a face, on pictures that were pre-labelled. edits_all: with those of the test split, which
    are labelled without a pre-label (in the loop that never retrains there is no test split). quality: of the
    pre-labels of the next round's pictures, made after this round's gate, before anybody labelled them.
    """

    number: int
    faces: int
    edits: dict[str, float]
    edits_never: dict[str, float]
    edits_all: float
    edits_all_never: float
    run: dict[str, Any] = field(default_factory=dict)
    quality: dict[str, Any] = field(default_factory=dict)
    quality_never: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def run_seed(
    platform: LearningPlatform, admin: HttpPerson, plan: Plan, pictures: PictureSet, seed: int
) -> list[Round]:
    """All rounds of one seed. The last batch of pictures is pre-labelled and measured, never labelled."""
    name = f"{plan.setting}-{seed}"
    learning = LoopDataset(platform, admin, name, pictures, test_share=TEST_SHARE, seed=seed)
    never = LoopDataset(platform, admin, f"{name}-never", pictures, test_share=0.0, seed=seed)
    rounds: list[Round] = []
    _arrive(learning, never, pictures, 0)
    for number in range(plan.rounds):
        clock = _Clock()
        found = _label(learning, never, pictures.batches[number], number + 1)
        clock.lap("label")
        order = {**plan.order, "start": f"model:{rounds[-1].run['model']}"} if rounds else plan.first
        found.run = _told(learning.train({**order, "seed": seed}))
        clock.lap("train_and_gate")
        _arrive(learning, never, pictures, number + 1)
        clock.lap("prelabel")
        _judge(found, learning, never, pictures.batches[number + 1])
        found.seconds = clock.seconds
        rounds.append(found)
        print(f"{name} {describe(found)}", file=sys.stderr, flush=True)
    return rounds


def _arrive(learning: LoopDataset, never: LoopDataset, pictures: PictureSet, number: int) -> None:
    """A batch of pictures comes into both loops and is pre-labelled by whoever does it there."""
    batch = pictures.batches[number]
    never.upload(batch, "benchmarks.loop")
    if not pictures.has_landmarks:
        set_references(batch, by_picture(never.prelabels(batch)))
    learning.upload(batch, "benchmarks.loop")


def _label(learning: LoopDataset, never: LoopDataset, batch: list[Picture], number: int) -> Round:
    """People label a batch in both loops."""
    shown, shown_never = learning.prelabels(batch), never.prelabels(batch)
    test = learning.test_pictures()
    kept = [picture for picture in batch if picture.name not in test]
    work, work_never = learning.label_everything(), never.label_everything()
    geometry = learning.pictures.has_landmarks
    own = edits_of(work, shown, kept, with_geometry=geometry)
    theirs = edits_of(work_never, shown_never, kept, with_geometry=geometry)
    return Round(
        number=number,
        faces=own.faces,
        edits=own.per_face(),
        edits_never=theirs.per_face(),
        edits_all=edits_of(work, shown, batch, with_geometry=geometry).per_face()["total"],
        edits_all_never=edits_of(work_never, shown_never, batch, with_geometry=geometry).per_face()["total"],
    )


def _judge(found: Round, learning: LoopDataset, never: LoopDataset, batch: list[Picture]) -> None:
    """How good the pre-labels of a batch are that nobody has labelled, in both loops, on the same pictures."""
    test = learning.test_pictures()
    kept = [picture for picture in batch if picture.name not in test]
    names = {picture.name for picture in kept}
    found.quality = prelabel_quality(kept, learning.prelabels(kept))
    found.quality_never = prelabel_quality(kept, [p for p in never.prelabels(kept) if p.picture in names])


def _told(run: dict[str, Any]) -> dict[str, Any]:
    """What is reported of a training run: the gate's decision, its reasons, and what it was decided on."""
    gate = run["gate"] or {}
    return {
        "model": run["model"],
        "decision": run["decision"],
        "reasons": [reason["sentence"] for reason in gate.get("reasons", [])],
        "against": gate.get("against"),
        "test_faces": gate.get("test_faces"),
        "overall": gate.get("overall"),
    }


def describe(found: Round) -> str:
    """One line about a round."""
    quality = ", ".join(
        f"{name} {value:.3f}" for name, value in found.quality.items() if isinstance(value, float)
    )
    return (
        f"round {found.number}: {found.edits['total']:.1f} edits a face ({found.edits_never['total']:.1f} never "
        f"retrained; with the test split {found.edits_all:.1f} and {found.edits_all_never:.1f}), "
        f"{found.run['decision']}; then {quality}; seconds {found.seconds}"
    )


class _Clock:
    """Seconds between laps."""

    def __init__(self) -> None:
        self.last = time.monotonic()
        self.seconds: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.seconds[name] = round(now - self.last, 1)
        self.last = now
