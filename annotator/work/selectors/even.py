"""The even distribution: where each person stands in each pass, and what may be handed to them.

A person's count of a pass is what they finished, in ``EvenCount.level``, and what they hold. Nobody is handed more
than EVEN_BATCH above the lowest finished count among the people who are there: members with the role for it, neither
paused nor idle, for whom an item of that pass is free. So that nobody ever waits for somebody who does not come,
idle is who neither got nor finished one of the pass for IDLE_MINUTES.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Role
from annotator.work.models import BUCKETS, PassKind, Priority
from annotator.work.selectors.eligibility import MAY_TAKE, kinds_for

EVEN_BATCH: Final = 5
"""Items of a pass that a person may be ahead of the others, finished and held together: what the page leases ahead."""

IDLE_MINUTES: Final = 5
"""After so many minutes without being handed or finishing one of a pass, nobody waits for a person in it."""

LOOK_FOR: Final = 200
"""Free items of a kind and level that are looked at, from a bucket drawn anew, to see for whom there is one."""

# Which passes are rarer than one in LOOK_FOR among the open items of their kind is known for small datasets only;
# in a large one nobody waits for their sake.
FREE: Final = """
    SELECT i.* FROM unnest(%(kinds)s::text[]) AS k(kind)
    CROSS JOIN unnest(%(levels)s::int[]) AS l(priority)
    CROSS JOIN (VALUES (%(start)s, 32767), (0, %(start)s - 1)) AS r(low, high)
    CROSS JOIN LATERAL (
        SELECT n.id, n.kind, n.pass_number, n.round, n.face_id, n.image_id, n.reserved_for_id FROM work_workitem n
        WHERE n.dataset_id = %(dataset)s AND n.state = 'open' AND n.reserved_for_id IS NULL
          AND n.kind = k.kind AND n.priority = l.priority AND n.bucket BETWEEN r.low AND r.high
          AND (n.leased_until IS NULL OR n.leased_until < statement_timestamp())
        LIMIT %(look)s
    ) i
"""

HAS_FREE: Final = """
EXISTS (SELECT 1 FROM free i WHERE i.kind = o.kind AND i.pass_number = o.pass_number AND <may take>)
""".replace("<may take>", MAY_TAKE.replace("%(user)s", "o.user_id"))

# One row for each pass of the kinds that anybody was counted in, or that this person holds. Rows of EvenCount are as
# many as people times passes. Whether somebody has work is asked only about those who would hold this person up, from
# the lowest on and until one has (OFFSET 0 keeps the order before the question); then only is ``free`` read.
STANDINGS: Final = """
WITH held AS MATERIALIZED (
    SELECT kind, pass_number, count(*) AS n FROM work_workitem
    WHERE leased_to_id = %(user)s AND dataset_id = %(dataset)s AND state = 'open' AND gold_id IS NULL
      AND kind = ANY(%(kinds)s::text[])
    GROUP BY kind, pass_number
), counted AS MATERIALIZED (
    SELECT kind, pass_number, user_id, level,
           seen_at > statement_timestamp() - make_interval(mins => %(idle)s) AS is_there
    FROM work_evencount WHERE dataset_id = %(dataset)s AND kind = ANY(%(kinds)s::text[])
), own AS MATERIALIZED (
    SELECT p.kind, p.pass_number, c.level, coalesce(c.is_there, false) AS is_there, coalesce(h.n, 0) AS held
    FROM (SELECT kind, pass_number FROM counted UNION SELECT kind, pass_number FROM held) p
    LEFT JOIN counted c ON c.kind = p.kind AND c.pass_number = p.pass_number AND c.user_id = %(user)s
    LEFT JOIN held h ON h.kind = p.kind AND h.pass_number = p.pass_number
), other AS MATERIALIZED (
    SELECT c.kind, c.pass_number, c.user_id, c.level
    FROM counted c
    JOIN accounts_user u ON u.id = c.user_id AND u.is_active
    LEFT JOIN datasets_membership m ON m.dataset_id = %(dataset)s AND m.user_id = c.user_id AND m.is_active
    WHERE c.is_there AND c.user_id <> %(user)s AND m.paused_at IS NULL
      AND (u.is_superuser OR m.role IN ('admin', 'adjudicator')
           OR (m.role = 'annotator' AND c.kind <> 'adjudicate'))
), free AS MATERIALIZED (
<free>
), waited_for AS (
    SELECT own.kind, own.pass_number, w.level
    FROM own CROSS JOIN LATERAL (
        SELECT o.level
        FROM (
            SELECT * FROM other c WHERE c.kind = own.kind AND c.pass_number = own.pass_number
            ORDER BY c.level OFFSET 0
        ) o
        WHERE (own.is_there AND own.level + own.held < o.level + %(batch)s) OR <has free>
        LIMIT 1
    ) w
)
SELECT own.kind, own.pass_number, own.level, own.is_there, own.held, w.level
FROM own LEFT JOIN waited_for w ON w.kind = own.kind AND w.pass_number = own.pass_number
ORDER BY own.kind, own.pass_number
""".replace("<has free>", HAS_FREE).replace("<free>", FREE)

FREE_BESIDE: Final = """
SELECT EXISTS (
    SELECT 1 FROM work_workitem i
    WHERE i.dataset_id = %(dataset)s AND i.state = 'open' AND i.kind = ANY(%(kinds)s::text[])
      AND (i.reserved_for_id IS NOT NULL OR (i.kind, i.pass_number) NOT IN (
          SELECT * FROM unnest(%(shut_kinds)s::text[], %(shut_passes)s::int[])))
      AND (i.leased_to_id IS NULL OR i.leased_to_id = %(user)s OR i.leased_until < statement_timestamp())
      AND <may take>
)
""".replace("<may take>", MAY_TAKE)

Passing = tuple[PassKind, int]
"""A pass: its kind and the number of the check, 0 for other kinds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person stands in one pass.

    ``level``: what they finished, None if they are not counted in it yet; ``is_there``: not idle in it. ``held``: items
    of it that they hold. ``lowest``: the lowest level of the others who are waited for, None if there are none.
    """

    kind: PassKind
    pass_number: int
    level: int | None
    is_there: bool
    held: int
    lowest: int | None

    @property
    def passing(self) -> Passing:
        return self.kind, self.pass_number

    @property
    def starts_at(self) -> int:
        """The level to count from. Who joins or comes back starts with those who are there: not below the lowest,
        so that nobody waits for them, and no further above than anybody may be."""
        level = self.level or 0
        if self.is_there or self.lowest is None:
            return level
        return max(self.lowest, min(level, self.lowest + EVEN_BATCH - self.held))

    @property
    def ahead(self) -> int:
        """Finished and held items more than the lowest of the others finished; not below 0."""
        return 0 if self.lowest is None else max(0, self.starts_at + self.held - self.lowest)

    @property
    def room(self) -> int:
        """How many more items of this pass may be handed to them now; none if 0 or less."""
        lowest = self.starts_at if self.lowest is None else min(self.lowest, self.starts_at)
        return lowest + EVEN_BATCH - self.starts_at - self.held


def standing_list(*, dataset: Dataset, user: User, kinds: Sequence[PassKind]) -> list[Standing]:
    """Where a person stands in every pass of these kinds that is counted; one query, of people times passes rows."""
    with connection.cursor() as cursor:
        cursor.execute(STANDINGS, _parameters(dataset=dataset, user=user, kinds=kinds))
        rows = cursor.fetchall()
    return [Standing(PassKind(kind), *rest) for kind, *rest in rows]


def even_reason(
    *, dataset: Dataset, user: User, role: Role, kinds: Sequence[PassKind] | None = None
) -> str | None:
    """Why somebody for whom items are free is handed none of them now, because the others come first.

    None in a dataset that does not distribute evenly, and while there is something for them, or nothing either way.
    """
    if dataset.policy is None or dataset.policy.policy.distribution != "even":
        return None
    allowed = [kind for kind in kinds_for(role) if kinds is None or kind in kinds]
    full = [s for s in standing_list(dataset=dataset, user=user, kinds=allowed) if s.room <= 0 and s.ahead]
    if not full or not _has_free(dataset=dataset, user=user, kinds=allowed, shut=[]):
        return None
    if _has_free(dataset=dataset, user=user, kinds=allowed, shut=[s.passing for s in full]):
        return None
    ahead = " and ".join(f"{s.ahead} ahead of them in {_name(s)}" for s in full)
    return (
        f"Others are behind: you are {ahead}. This dataset shares work evenly; there is more for you as soon as they "
        f"have caught up, or after {IDLE_MINUTES} minutes in which they do nothing."
    )


def _has_free(*, dataset: Dataset, user: User, kinds: Sequence[PassKind], shut: Sequence[Passing]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            FREE_BESIDE,
            {
                "dataset": dataset.pk,
                "user": user.pk,
                "kinds": [kind.value for kind in kinds],
                "shut_kinds": [kind.value for kind, _ in shut],
                "shut_passes": [number for _, number in shut],
            },
        )
        found: bool = cursor.fetchone()[0]
    return found


def _parameters(*, dataset: Dataset, user: User, kinds: Sequence[PassKind]) -> dict[str, Any]:
    return {
        "dataset": dataset.pk,
        "user": user.pk,
        "kinds": [kind.value for kind in kinds],
        "idle": IDLE_MINUTES,
        "batch": EVEN_BATCH,
        "look": LOOK_FOR,
        "start": secrets.randbelow(BUCKETS),
        "levels": Priority.values,
    }


NAMES: Final = {
    PassKind.ANNOTATE: "first labels",
    PassKind.ADJUDICATE: "disputes",
    PassKind.SWEEP: "sweeps",
}


def _name(standing: Standing) -> str:
    if standing.kind == PassKind.CHECK:
        return "checks" if standing.pass_number == 1 else f"checks number {standing.pass_number}"
    return NAMES[standing.kind]
