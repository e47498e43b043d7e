"""Reads about people, their tokens and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from django.db.models import Model, QuerySet

from annotator.accounts.models import ApiToken, AuditEntry, User

Row = TypeVar("Row", bound=Model)


def token_list(*, user: User) -> QuerySet[ApiToken]:
    """The person's own tokens, newest first; keys are not kept, so they cannot be listed."""
    return ApiToken.objects.filter(user=user).order_by("-id")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the audit page asks for; None leaves a condition out. Days are UTC, both inclusive."""

    person: int | None = None
    verb: str | None = None
    target_type: str | None = None
    target_id: int | None = None
    since: date | None = None
    until: date | None = None


def audit_list(*, dataset_id: int, wanted: AuditFilter | None = None) -> QuerySet[AuditEntry]:
    """Who did what in a dataset; the caller has checked that the reader is its admin."""
    wanted = wanted or AuditFilter()
    entries = AuditEntry.objects.filter(dataset_id=dataset_id).select_related("actor")
    if wanted.person is not None:
        entries = entries.filter(actor=wanted.person)
    for column in ("verb", "target_type", "target_id"):
        if (value := getattr(wanted, column)) is not None:
            entries = entries.filter(**{column: value})
    return within_days(entries, since=wanted.since, until=wanted.until)


def audit_choices(*, dataset_id: int) -> tuple[list[str], list[User]]:
    """The verbs that occur in a dataset's trail, and the people, by name: what the filter can be set to."""
    entries = AuditEntry.objects.filter(dataset_id=dataset_id).order_by()
    verbs = sorted(entries.values_list("verb", flat=True).distinct())
    people = User.objects.filter(pk__in=entries.values("actor").distinct()).order_by("username")
    return verbs, list(people)


def within_days(rows: QuerySet[Row], *, since: date | None, until: date | None) -> QuerySet[Row]:
    """Rows whose ``at`` lies on these days or between them (UTC); None: without a limit."""
    if since is not None:
        rows = rows.filter(at__gte=datetime.combine(since, time.min, tzinfo=UTC))
    if until is not None:
        rows = rows.filter(at__lt=datetime.combine(until, time.min, tzinfo=UTC) + timedelta(days=1))
    return rows
