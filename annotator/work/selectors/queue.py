"""How much work waits, and why a person got none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import connection

from annotator.datasets.models import Dataset, Role
from annotator.work.models import PassKind
from annotator.work.selectors.blocked import blocked_count
from annotator.work.selectors.kinds import kinds_for

WAITING_CAP: Final = 1000

WAITING = """
SELECT k.kind, (SELECT count(*) FROM (
    SELECT 1 FROM work_workitem i
    WHERE i.dataset_id = %s AND i.state = 'open' AND i.kind = k.kind LIMIT %s) capped)
FROM unnest(%s::text[]) AS k(kind)
"""


def waiting_count(*, dataset: Dataset) -> dict[str, int]:
    """Open items of each kind, whoever may take them; each counted up to WAITING_CAP, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [dataset.pk, WAITING_CAP, PassKind.values])
        return dict(cursor.fetchall())


def none_reason(
    *, dataset: Dataset, role: Role, kinds: Sequence[PassKind] | None, waiting: dict[str, int]
) -> tuple[str, int]:
    """(a sentence why a person was handed nothing, number of blocked items)."""
    blocked = blocked_count(dataset=dataset)
    allowed = [kind for kind in kinds_for(role) if kinds is None or kind in kinds]
    if not allowed:
        return "Disputed faces are decided by adjudicators and admins; there is other work for you.", blocked
    mine = sum(waiting.get(kind, 0) for kind in allowed)
    if not mine:
        if any(waiting.values()):
            return "Nothing of this kind is waiting; other kinds of work are.", blocked
        return "Nothing is waiting: everything that was handed out is done.", blocked
    what = "1 item is" if mine == 1 else f"{mine} items are"
    return (
        f"{what} open, but none for you now: you worked on them, passed them over, "
        "or other people hold them. Other people have to do the rest.",
        blocked,
    )
