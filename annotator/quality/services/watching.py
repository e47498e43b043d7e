"""Warning and pausing people whose answers to gold fail more often than the policy accepts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from annotator.accounts.models import AuditEntry
from annotator.accounts.services import audit
from annotator.datasets.access import LABELLERS
from annotator.datasets.models import Dataset, Membership
from annotator.quality.selectors.skill import watch_report
from annotator.work.models import Pass
from annotator.work.services.people import person_pause
from jfa_pipeline.metrics.watch import Verdict, WatchReport

LOOKED_BACK: Final = timedelta(hours=1)
WARNED: Final = "member.warned"

PLAIN_WORDS: Final = {
    "box": "boxes",
    "landmarks": "landmark points",
    "age": "ages",
    "planted_checks": "checks that should have corrected something",
    "sweeps": "faces missed in sweeps",
}


def person_judge(*, dataset: Dataset, user_id: int) -> Verdict | None:
    """Warn or pause one person by their answers since they were last resumed; None for nobody to judge.

    A pause is told to them in plain words, the evidence goes into the audit trail. A warning is noted once, for the
    admins. With ``policy.watch_pauses`` off, what would pause only warns. No lock while answers are read: claims wait
    for the membership row.
    """
    membership = _judged(dataset=dataset, user_id=user_id).first()
    version = dataset.policy
    if membership is None or version is None:
        return None
    report = watch_report(membership=membership, policy=version.policy)
    if report.verdict == Verdict.FINE:
        return Verdict.FINE
    with transaction.atomic():
        if (
            not _judged(dataset=dataset, user_id=user_id)
            .select_for_update(of=("self",), no_key=True)
            .exists()
        ):
            return None
        if report.verdict == Verdict.PAUSE and version.policy.watch_pauses:
            evidence = list(report.reasons)
            person_pause(membership=membership, reason=pause_reason(report), actor=None, evidence=evidence)
            return Verdict.PAUSE
        _warn(membership, report)
        return Verdict.WARN


def _judged(*, dataset: Dataset, user_id: int) -> QuerySet[Membership]:
    return Membership.objects.select_related("user", "dataset").filter(
        dataset=dataset, user=user_id, is_active=True, paused_at=None, role__in=LABELLERS
    )


def people_judge() -> int:
    """From the beat: judge everybody who answered gold within LOOKED_BACK, whose messages may be lost; how many.

    A person's next answer judges them as well, so somebody who is never looked at here is not let off.
    """
    recent = (
        Pass.objects.filter(is_gold=True, counted=True, created_at__gt=timezone.now() - LOOKED_BACK)
        .values_list("dataset_id", "user_id")
        .distinct()
    )
    datasets = Dataset.objects.select_related("policy").in_bulk({dataset for dataset, _ in recent})
    judged = [person_judge(dataset=datasets[dataset], user_id=user) for dataset, user in recent]
    return sum(verdict is not None for verdict in judged)


def pause_reason(report: WatchReport) -> str:
    """For the person, without a number or a word that would tell which faces were gold."""
    bad = [each for each in report.watched if each.verdict != Verdict.FINE]
    parts = [PLAIN_WORDS.get(each.respect, each.respect) for each in bad]
    return f"Your work differs too often from what was agreed, in: {', '.join(parts)}."


def _warn(membership: Membership, report: WatchReport) -> None:
    since = membership.watched_since or membership.created_at
    told = AuditEntry.objects.filter(
        verb=WARNED, target_type="membership", target_id=membership.pk, at__gt=since
    )
    if not told.exists():
        audit(
            actor=None,
            verb=WARNED,
            target=membership,
            dataset_id=membership.dataset_id,
            user=membership.user.username,
            evidence=list(report.reasons),
        )
