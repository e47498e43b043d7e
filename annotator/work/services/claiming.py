"""Handing out work: one statement, no loop over candidates, never waiting for another person's claim."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection, transaction

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Role
from annotator.work.models import BUCKETS, PassKind, Priority
from annotator.work.selectors.eligibility import MAY_TAKE, kinds_for

LARGEST_CLAIM: Final = 20
MOST_HELD: Final = 20

LOOK: Final = 200
"""Candidates a claim looks at in one range before it goes on to the next. Half-way through a project most open
checks can be of faces that this person labelled; a claim that reads past all of them takes a third of a second with
100,000. Only when the look finds nothing at all, a second one without a limit makes sure."""

# ``free`` is a nested loop by construction: ranges, then the nearest rows of each by the index, then one row at a
# time locked if it may be taken, until enough are locked. No statistics can turn it into a scan of the table.
CLAIM = """
WITH member AS MATERIALIZED (
    SELECT 1 FROM datasets_membership
    WHERE dataset_id = %(dataset)s AND user_id = %(user)s AND is_active
    FOR SHARE
), allowed AS MATERIALIZED (
    SELECT %(everywhere)s OR EXISTS (SELECT 1 FROM member) AS yes
), known AS (
    SELECT id FROM work_workitem WHERE leased_to_id = %(user)s AND dataset_id = %(dataset)s
    UNION
    SELECT item_id FROM work_draft WHERE user_id = %(user)s
), mine AS MATERIALIZED (
    SELECT i.id, row_number() OVER (ORDER BY i.written_at DESC NULLS LAST, i.leased_until, i.id) AS place
    FROM (
        SELECT i.id, i.leased_until, d.updated_at AS written_at
        FROM work_workitem i
        JOIN known k ON k.id = i.id
        LEFT JOIN work_draft d ON d.item_id = i.id AND d.user_id = %(user)s
        WHERE i.dataset_id = %(dataset)s AND i.state = 'open' AND i.kind = ANY(%(kinds)s::text[])
          AND i.id <> ALL(%(have)s::bigint[])
          AND (i.leased_to_id IS NULL OR i.leased_to_id = %(user)s OR i.leased_until < statement_timestamp())
          AND <may take> AND (SELECT yes FROM allowed)
        ORDER BY d.updated_at DESC NULLS LAST, i.leased_until, i.id
        LIMIT %(count)s
        FOR NO KEY UPDATE OF i SKIP LOCKED
    ) i
), held AS MATERIALIZED (
    SELECT count(*) AS n FROM work_workitem
    WHERE leased_to_id = %(user)s AND dataset_id = %(dataset)s AND id = ANY(%(have)s::bigint[])
      AND leased_until >= statement_timestamp()
), wanted AS MATERIALIZED (
    SELECT greatest(0, least(%(count)s, %(most_held)s - (SELECT n FROM held)) - (SELECT count(*) FROM mine)) AS n
), free AS MATERIALIZED (
    SELECT f.id, %(most_held)s + row_number() OVER () AS place
    FROM unnest(%(range_kinds)s::text[], %(priorities)s::int[], %(lows)s::int[], %(highs)s::int[])
         AS r(kind, priority, low, high)
    CROSS JOIN LATERAL (
        SELECT n.id FROM work_workitem n
        WHERE n.dataset_id = %(dataset)s AND n.state = 'open' AND n.kind = r.kind AND n.priority = r.priority
          AND n.bucket BETWEEN r.low AND r.high
          AND (n.leased_until IS NULL OR n.leased_until < statement_timestamp())
        ORDER BY n.bucket, n.id
        LIMIT %(look)s
    ) near
    CROSS JOIN LATERAL (
        SELECT i.id FROM work_workitem i
        WHERE i.id = near.id AND i.state = 'open'
          AND (i.leased_until IS NULL OR i.leased_until < statement_timestamp())
          AND i.leased_to_id IS DISTINCT FROM %(user)s
          AND i.id <> ALL(%(have)s::bigint[])
          AND NOT EXISTS (SELECT 1 FROM mine m WHERE m.id = i.id OFFSET 0)
          AND <may take>
        FOR NO KEY UPDATE OF i SKIP LOCKED
    ) f
    WHERE (SELECT yes FROM allowed) AND (SELECT n FROM wanted) > 0
    LIMIT (SELECT n FROM wanted)
), chosen AS (
    SELECT id, place FROM mine UNION ALL SELECT id, place FROM free
)
UPDATE work_workitem w SET
    past_tokens = CASE WHEN w.leased_to_id <> %(user)s THEN w.past_tokens || w.lease_token ELSE w.past_tokens END,
    lease_token = CASE WHEN w.leased_to_id = %(user)s THEN w.lease_token ELSE gen_random_uuid() END,
    leased_to_id = %(user)s,
    leased_until = statement_timestamp() + make_interval(mins => %(minutes)s)
FROM chosen c WHERE w.id = c.id
RETURNING w.id, c.place
""".replace("<may take>", MAY_TAKE)


@transaction.atomic
def items_claim(
    *,
    dataset: Dataset,
    user: User,
    role: Role,
    count: int,
    kinds: Sequence[PassKind] | None = None,
    have: Sequence[int] = (),
) -> list[int]:
    """Ids of up to ``count`` items that this person now holds, in the order to work on them.

    First what they hold already or have a draft for (without ``have``, the ids that the page shows), so that
    a reload goes on where it was; then free items: nobody holds them, or the lease ran out. A share lock on
    the membership row makes a deactivation wait for a claim under way, and gives nothing to one already
    deactivated. A person holds at most MOST_HELD items of a dataset. May return fewer than there are: see LOOK.
    """
    allowed = [kind for kind in kinds_for(role) if kinds is None or kind in kinds]
    ranges = _ranges(kinds=allowed)
    parameters: dict[str, Any] = {
        "dataset": dataset.pk,
        "user": user.pk,
        "everywhere": user.is_superuser,
        "kinds": [kind.value for kind in allowed],
        "have": list(have),
        "count": min(count, LARGEST_CLAIM),
        "most_held": MOST_HELD,
        "range_kinds": [kind.value for kind, *_ in ranges],
        "priorities": [priority for _, priority, *_ in ranges],
        "lows": [low for *_, low, _ in ranges],
        "highs": [high for *_, high in ranges],
        "minutes": dataset.policy.policy.lease_minutes if dataset.policy else 10,
    }
    with connection.cursor() as cursor:
        for look in (LOOK, None):
            cursor.execute(CLAIM, {**parameters, "look": look})
            if claimed := cursor.fetchall():
                return [pk for pk, _ in sorted(claimed, key=lambda row: row[1])]
    return []


def _ranges(*, kinds: Sequence[PassKind]) -> list[tuple[PassKind, int, int, int]]:
    """(kind, priority, lowest bucket, highest bucket) in the order to search.

    Each claim starts at a bucket drawn anew and goes round once: many people do not try to lock the same rows,
    nobody looks at the same rows each time, and the index is not worn at one place.
    """
    start = secrets.randbelow(BUCKETS)
    return [
        (kind, priority, low, high)
        for priority in sorted(Priority.values, reverse=True)
        for kind in kinds
        for low, high in ((start, BUCKETS - 1), (0, start - 1))
        if low <= high
    ]
