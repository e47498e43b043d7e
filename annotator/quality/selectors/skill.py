"""Each person's skill, from their answers to gold and from second sweeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q, Sum

from annotator.accounts.models import User
from annotator.datasets.access import LABELLERS
from annotator.datasets.models import Dataset, Membership
from annotator.quality.selectors import gold_answers as gold
from annotator.quality.selectors.gold_answers import Answered
from annotator.work.models import Pass
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.skill import Skill, skill, skill_trend
from jfa_pipeline.metrics.watch import WatchReport, watch

MS_PER_HOUR: Final = 3_600_000
LISTED: Final = 100
"""Newest labelled gold faces that the figures of the table are taken from; a person's own page takes all answers."""

TREND_WINDOW: Final = 25
"""Answers of one point of a trend."""

TOLD_AFTER: Final = 20
"""Answers: with fewer, a sentence that comes or goes would tell what the last face was."""

TOLD_FROM: Final = 0.01
"""Box sides: a smaller systematic offset is not worth a sentence."""


@dataclass(frozen=True, slots=True)
class PersonSkill:
    """A member with their skill. report: since they were last resumed; skill and trend: of their newest answers.

    faces_per_hour: over all passes whose page told its time, gold or not.
    """

    membership: Membership
    skill: Skill
    trend: list[Skill]
    report: WatchReport
    answers: dict[str, int]
    faces_per_hour: float | None


def people_skill(
    *, dataset: Dataset, policy: Policy, membership: Membership | None = None
) -> list[PersonSkill]:
    """Every member who may label (or the one given), by name; as many queries for many people as for one."""
    members = Membership.objects.filter(dataset=dataset, role__in=LABELLERS).select_related("user")
    if membership is not None:
        members = members.filter(pk=membership.pk)
    found = list(members.order_by("-is_active", "user__username"))
    users = [member.user_id for member in found]
    every = gold.by_person(_answers(dataset, policy, users))
    speeds = _speeds(dataset, users)
    newest = LISTED if membership is None else gold.NEWEST
    return [_person(member, every.get(member.user_id, []), policy, speeds, newest) for member in found]


def watch_report(*, membership: Membership, policy: Policy) -> WatchReport:
    """The verdict on one person's answers since they were last resumed."""
    answers = _answers(membership.dataset, policy, [membership.user_id])
    return _report(membership, sorted(answers, key=lambda each: each.at), policy)


def advice_for(*, user: User, dataset: Dataset) -> list[str]:
    """What a person may be told about their habits: general sentences that do not tell which faces were gold."""
    if dataset.policy is None:
        return []
    answers = gold.answers_to_gold(dataset=dataset, policy=dataset.policy.policy, users=[user.pk])
    labelled = [answer.labels for answer in answers if answer.labels is not None]
    return advice_of(skill(labelled)) if len(labelled) >= TOLD_AFTER else []


def advice_of(measured: Skill) -> list[str]:
    """A sentence for each region whose points lie to one side beyond chance.

    Nothing about ages: a person who is told that they guess too old guesses otherwise from then on, and their bias,
    which is taken off in the second age column, would no longer be theirs.
    """
    return [
        f"Your {region} points lie {_where(offset.x.value or 0, offset.y.value or 0)} on average."
        for region, offset in measured.offsets.items()
        if offset.is_systematic and offset.length >= TOLD_FROM
    ]


def _where(x: float, y: float) -> str:
    """An offset in box sides in words, in percent of the face's size; a direction below TOLD_FROM is left out."""
    ways = (
        (abs(y), abs(x), "too low" if y > 0 else "too high"),
        (abs(x), abs(y), f"too far {'right' if x > 0 else 'left'} in the picture"),
    )
    told = [f"{100 * size:.0f} % {way}" for size, other, way in ways if size >= TOLD_FROM or size > other]
    return f"{' and '.join(told)} (of the face's size)"


def _answers(dataset: Dataset, policy: Policy, users: Sequence[int]) -> list[Answered]:
    return [
        *gold.answers_to_gold(dataset=dataset, policy=policy, users=users),
        *gold.answers_to_second_sweeps(dataset=dataset, users=users),
    ]


def _person(
    member: Membership, answers: list[Answered], policy: Policy, speeds: dict[int, float], newest: int
) -> PersonSkill:
    labelled = [answer.labels for answer in answers if answer.labels is not None]
    shown = labelled[-newest:]
    return PersonSkill(
        membership=member,
        skill=skill(shown, **gold.yes_or_no(answers)),
        trend=skill_trend(shown, window=TREND_WINDOW),
        report=_report(member, answers, policy),
        answers={
            "annotate": len(labelled),
            "check": sum(answer.waved_through is not None for answer in answers),
            "sweep": sum(answer.found is not None for answer in answers),
        },
        faces_per_hour=speeds.get(member.user_id),
    )


def _report(member: Membership, answers: Sequence[Answered], policy: Policy) -> WatchReport:
    since = member.watched_since
    counted = [answer for answer in answers if since is None or answer.at > since]
    rule = gold.rule_of(policy)
    return watch(gold.failures(counted, policy, rule), rule)


def _speeds(dataset: Dataset, users: Sequence[int]) -> dict[int, float]:
    timed = Q(face__isnull=False, active_ms__gt=0)
    rows: Any = (
        Pass.objects.filter(timed, dataset=dataset, user__in=users, counted=True)
        .values_list("user")
        .annotate(faces=Count("pk"), ms=Sum("active_ms"))
    )
    return {user: faces * MS_PER_HOUR / ms for user, faces, ms in rows if ms}
