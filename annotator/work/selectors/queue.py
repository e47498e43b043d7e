"""How much work waits, and why a person got none."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Final

from django.db import connection

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership, Role
from annotator.work.models import PassKind
from annotator.work.selectors.eligibility import MAY_TAKE, kinds_for

WAITING_CAP: Final = 1000
LATELY_SECONDS: Final = 3.0
_lately: dict[int, tuple[float, dict[str, int]]] = {}

WAITING = """
SELECT k.kind, (SELECT count(*) FROM (
    SELECT 1 FROM work_workitem i
    WHERE i.dataset_id = %s AND i.state = 'open' AND i.kind = k.kind AND i.gold_id IS NULL LIMIT %s) capped)
FROM unnest(%s::text[]) AS k(kind)
"""

# Two looks, because what is reserved and what is not are found by an index each.
TAKEABLE = """
EXISTS (
    SELECT 1 FROM work_workitem i
    WHERE i.dataset_id = %(dataset)s AND i.state = 'open' AND i.kind = ANY(%(kinds)s::text[])
      AND i.reserved_for_id <whose>
      AND (i.leased_to_id IS NULL OR i.leased_to_id = %(user)s OR i.leased_until < statement_timestamp())
      AND <may take>
)
""".replace("<may take>", MAY_TAKE)
HAS_WORK = f"SELECT {TAKEABLE.replace('<whose>', 'IS NULL')} OR {TAKEABLE.replace('<whose>', '= %(user)s')}"


def waiting_count(*, dataset: Dataset) -> dict[str, int]:
    """Open items of each kind, whoever may take them; each counted up to WAITING_CAP, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [dataset.pk, WAITING_CAP, PassKind.values])
        return dict(cursor.fetchall())


def waiting_lately(*, dataset: Dataset) -> dict[str, int]:
    """``waiting_count`` as it was at most LATELY_SECONDS ago: every claim tells it, and none needs it exactly."""
    now = time.monotonic()
    counted_at, counts = _lately.get(dataset.pk, (-math.inf, {}))
    if now - counted_at > LATELY_SECONDS:
        counts = waiting_count(dataset=dataset)
        _lately[dataset.pk] = (now, counts)
    return dict(counts)


def has_work(*, dataset: Dataset, user: User, role: Role, kinds: Sequence[PassKind] | None = None) -> bool:
    """Whether a claim would hand this person something now."""
    allowed = [kind.value for kind in kinds_for(role) if kinds is None or kind in kinds]
    with connection.cursor() as cursor:
        cursor.execute(HAS_WORK, {"dataset": dataset.pk, "user": user.pk, "kinds": allowed})
        found: bool = cursor.fetchone()[0]
    return found


def none_reason(*, role: Role, kinds: Sequence[PassKind] | None, waiting: dict[str, int]) -> str:
    """A sentence why a person is handed nothing."""
    allowed = [kind for kind in kinds_for(role) if kinds is None or kind in kinds]
    if not allowed:
        return "Disputed faces are decided by adjudicators and admins; there is other work for you."
    open_now = sum(waiting.get(kind, 0) for kind in allowed)
    if not open_now:
        if any(waiting.values()):
            return "Nothing of this kind is waiting; other kinds of work are."
        return "Nothing is waiting: everything that was handed out is done."
    what = "1 item is" if open_now == 1 else f"{open_now} items are"
    return (
        f"{what} open, but none for you now: you worked on them, passed them over, "
        "or other people hold them or are to do them. Other people have to do the rest."
    )


def pause_sentence(*, dataset: Dataset, user: User) -> str | None:
    """What a paused member is told instead of a face, with whom to ask; None for everybody else."""
    reason = (
        Membership.objects.filter(dataset=dataset, user=user, is_active=True, paused_at__isnull=False)
        .values_list("pause_reason", flat=True)
        .first()
    )
    if reason is None or user.is_superuser:
        return None
    admins = Membership.objects.filter(
        dataset=dataset, role=Role.ADMIN, is_active=True, user__is_active=True
    ).select_related("user")
    names = " or ".join(sorted(member.user.name for member in admins if member.user_id != user.pk))
    return f"You are paused here: {reason} Ask {names or 'an admin'} how to go on; your drafts are kept."
