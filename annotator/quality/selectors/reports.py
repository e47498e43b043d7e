"""Reports that are computed beside the requests, as they are stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from annotator.datasets.models import Dataset, Membership
from annotator.quality.models import ReportKind, StoredReport

FRESH: Final = timedelta(minutes=10)
"""A report that is older is computed again when somebody looks at it."""


def report_get(*, dataset: Dataset, kind: ReportKind) -> StoredReport:
    """The stored report; one that is not saved and has no data if it was never asked for."""
    found = StoredReport.objects.filter(dataset=dataset, kind=kind).first()
    return found or StoredReport(dataset=dataset, kind=kind)


def is_stale(report: StoredReport) -> bool:
    return report.as_of is None or timezone.now() - report.as_of > FRESH


def report_state(report: StoredReport) -> dict[str, Any]:
    """When the figures were computed (null: never), and whether they are being computed."""
    return {"as_of": report.as_of, "is_computing": report.wanted_at is not None}


def without_pairs(agreement: dict[str, Any]) -> dict[str, Any]:
    """The agreement report for those who may not know which two people a figure is about."""
    return {**agreement, **{answers: {**agreement[answers], "pairs": []} for answers in ("blind", "seen")}}


def people_of(report: StoredReport) -> list[dict[str, Any]]:
    """The rows of a quality report, with what is true of each member now: their names, roles and pauses.

    A person who was resumed after the report was made has answered nothing that counts yet: their verdict is none.
    """
    members = {
        member.pk: member
        for member in Membership.objects.filter(dataset=report.dataset).select_related("user")
    }
    rows = []
    for row in report.data or []:
        member = members.get(row["membership_id"])
        if member is None:
            continue
        since = member.watched_since
        anew = since is not None and report.as_of is not None and since > report.as_of
        rows.append(
            {
                **row,
                **member_facts(member),
                **({"verdict": "fine", "reasons": []} if anew else {}),
            }
        )
    return rows


def member_facts(member: Membership) -> dict[str, Any]:
    """What a table of people says of a member beside figures."""
    return {
        "membership_id": member.pk,
        "user_id": member.user_id,
        "username": member.user.username,
        "name": member.user.name,
        "role": member.role,
        "is_active": member.is_active and member.user.is_active,
        "paused_at": member.paused_at,
        "pause_reason": member.pause_reason,
        "watched_since": member.watched_since,
    }
