"""Reads about people, their tokens and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from annotator.accounts.models import ApiToken, AuditEntry, Preferences, User

Row = TypeVar("Row", bound=Model)


def token_list(*, user: User) -> QuerySet[ApiToken]:
    """The person's own tokens, newest first; keys are not kept, so they cannot be listed."""
    return ApiToken.objects.filter(user=user).order_by("-id")


def preferences_get(*, user: User) -> dict[str, Any]:
    """What the person set up for themselves; what they never touched is absent."""
    kept = Preferences.objects.filter(user=user).values_list("data", flat=True).first()
    return {} if kept is None else dict(kept)


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


# The different values of a column, one index look-up each, however many entries there are.
DIFFERENT = """
WITH RECURSIVE found AS (
    (SELECT {column} AS value FROM accounts_auditentry WHERE dataset_id = %(dataset)s ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM accounts_auditentry
            WHERE dataset_id = %(dataset)s AND {column} > found.value ORDER BY {column} LIMIT 1)
    FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL
"""


def audit_choices(*, dataset_id: int) -> tuple[list[str], list[User]]:
    """The verbs that occur in a dataset's trail, and the people, by name: what the filter can be set to."""
    verbs = [str(verb) for verb in _different("verb", dataset_id=dataset_id)]
    people = User.objects.filter(pk__in=_different("actor_id", dataset_id=dataset_id)).order_by("username")
    return verbs, list(people)


def _different(column: Literal["verb", "actor_id"], *, dataset_id: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENT.format(column=column), {"dataset": dataset_id})
        return [value for (value,) in cursor.fetchall()]


def within_days(rows: QuerySet[Row], *, since: date | None, until: date | None) -> QuerySet[Row]:
    """Rows whose ``at`` lies on these days or between them (UTC); None: without a limit."""
    if since is not None:
        rows = rows.filter(at__gte=datetime.combine(since, time.min, tzinfo=UTC))
    if until is not None:
        rows = rows.filter(at__lt=datetime.combine(until, time.min, tzinfo=UTC) + timedelta(days=1))
    return rows
