"""What people answered to gold, judged against the truth. Everything here is for admins only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from annotator.datasets.models import Dataset
from annotator.faces.models import FaceState
from annotator.quality.models import TutorialFace
from annotator.work.models import Gold, Pass, PassKind
from jfa_pipeline.core.boxes import Box, iou
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.planting import faults_left, faults_seen
from jfa_pipeline.metrics.skill import GoldAnswer
from jfa_pipeline.metrics.watch import WatchRule, failures_of

NEWEST: Final = 300
"""Gold answers of a person that figures are taken from, newest first."""

FOUND_IOU: Final = 0.5
"""A box drawn in a sweep that overlaps a missed face at least this much found it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer to gold.

    labels: of an annotate gold. waved_through: of a check, whether a planted fault was let stand; None where the
    policy has checkers answer that blind by now. found: of a sweep, whether the missed face was drawn. The others
    are None.
    """

    gold_id: int | None
    user_id: int
    at: datetime
    kind: PassKind
    labels: GoldAnswer | None = None
    waved_through: bool | None = None
    found: bool | None = None


def truth_of(gold: Gold | TutorialFace) -> FaceLabels:
    """The trusted labels; the age is the mean over the people of the face, which is what is released.

    Without an age while the face is reopened: there is no mean to be compared with then.
    """
    age = gold.face.age_mean if gold.face.state == FaceState.ACCEPTED else None
    return replace(gold.truth.labels, age=age)


def answers_to_gold(
    *,
    dataset: Dataset,
    policy: Policy,
    users: Iterable[int] | None = None,
    golds: Iterable[int] | None = None,
    newest: int = NEWEST,
) -> list[Answered]:
    """Counted answers to gold, oldest first: the ``newest`` of each person. Two queries.

    users, golds: only theirs, only to these.
    """
    passes = Pass.objects.filter(dataset=dataset, is_gold=True, counted=True)
    if users is not None:
        passes = passes.filter(user__in=list(users))
    if golds is not None:
        passes = passes.filter(item__gold__in=list(golds))
    rank = Window(RowNumber(), partition_by=F("user"), order_by=F("pk").desc())
    rows = list(
        passes.annotate(rank=rank, gold_id=F("item__gold"))
        .filter(rank__lte=newest)
        .select_related("revision")
        .order_by("pk")
    )
    by_id = Gold.objects.select_related("face", "truth", "planted").in_bulk({row.gold_id for row in rows})
    return [_answered(row, by_id[row.gold_id], policy) for row in rows if row.gold_id in by_id]


def answers_to_second_sweeps(*, dataset: Dataset, users: Iterable[int] | None = None) -> list[Answered]:
    """What a second sweep says about the first person's eyes: each face that either of the two sweeps added and that
    people accepted, and whether the first one had found it. Three queries.
    """
    seconds = Pass.objects.filter(
        dataset=dataset, kind=PassKind.SWEEP, item__pass_number=1, counted=True, is_gold=False
    )
    pairs = {(second.image_id, second.round): second for second in seconds.order_by("-pk")[:10_000]}
    if not pairs:
        return []
    firsts = Pass.objects.filter(
        dataset=dataset,
        image__in={image for image, _ in pairs},
        kind=PassKind.SWEEP,
        item__pass_number=0,
        counted=True,
        is_gold=False,
    ).order_by("pk")
    if users is not None:
        firsts = firsts.filter(user__in=list(users))
    both = [(first, pairs[key]) for first in firsts if (key := (first.image_id, first.round)) in pairs]
    added = {face for pair in both for made in pair for face in _added(made)}
    accepted = set(dataset.faces.filter(pk__in=added, state=FaceState.ACCEPTED).values_list("pk", flat=True))
    return [
        Answered(None, first.user_id, first.created_at, PassKind.SWEEP, found=was_found)
        for first, second in both
        for made, was_found in ((first, True), (second, False))
        for face in _added(made)
        if face in accepted
    ]


def failures(answers: Sequence[Answered], policy: Policy, rule: WatchRule) -> dict[str, list[bool]]:
    """Which of one person's answers failed in each respect, oldest first, for ``metrics.watch``."""
    return failures_of(
        [a.labels for a in answers if a.labels is not None], policy, rule, **yes_or_no(answers)
    )


def failed(answer: Answered, policy: Policy, rule: WatchRule) -> tuple[str, ...]:
    """The respects in which one answer failed."""
    return tuple(respect for respect, fails in failures([answer], policy, rule).items() if any(fails))


def yes_or_no(answers: Sequence[Answered]) -> dict[str, list[bool]]:
    """The planted checks and swept faces of one person, as the functions of ``jfa_pipeline.metrics`` take them."""
    return {
        "planted_checks": [a.waved_through for a in answers if a.waved_through is not None],
        "swept_faces": [a.found for a in answers if a.found is not None],
    }


def by_person(answers: Iterable[Answered]) -> Mapping[int, list[Answered]]:
    """Each person's answers, oldest first."""
    found: dict[int, list[Answered]] = defaultdict(list)
    for answer in sorted(answers, key=lambda each: each.at):
        found[answer.user_id].append(answer)
    return found


def rule_of(policy: Policy) -> WatchRule:
    """The admin's thresholds on top of the default ones."""
    return WatchRule(
        acceptable={**WatchRule().acceptable, **policy.watch_acceptable},
        age_years_max=policy.gold_age_years_max,
    )


def _answered(made: Any, gold: Gold, policy: Policy) -> Answered:
    kind = PassKind(gold.kind)
    base = Answered(gold.pk, made.user_id, made.created_at, kind)
    if kind == PassKind.SWEEP:
        drawn = [Box(*edges) for edges in made.answer["sent"]["added"]]
        return replace(base, found=any(iou(box, gold.truth.labels.box) >= FOUND_IOU for box in drawn))
    given = made.revision.labels
    if kind == PassKind.CHECK:
        assert gold.planted is not None  # noqa: S101  # the database: gold checks have planted labels
        if not (faults := faults_seen(gold.faults, policy)):
            return base
        left = made.answer.get("verdict") != "dispute" and faults_left(
            given, planted=gold.planted.labels, truth=gold.truth.labels, faults=faults, policy=policy
        )
        return replace(base, waved_through=bool(left))
    seconds = made.active_ms / 1000 if made.active_ms else None
    return replace(base, labels=GoldAnswer(given, truth_of(gold), seconds))


def _added(made: Pass) -> list[int]:
    faces: list[int] = made.answer.get("added", [])
    return faces
