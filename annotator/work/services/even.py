"""Handing out so that everybody who is there does the same number of each pass (``selectors.even``).

A level grows when a pass is counted, and what a person holds is read from the leases: an item that is given back,
passed over or lost needs no bookkeeping. Since levels only grow, a count that was read a moment ago errs on the side
of handing out less, and no claim has to lock another person's row. Two claims of one person wait for each other on
their membership, which every transaction locks before work items; rows of EvenCount are the last that a transaction
locks, and only ever the person's own. So nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from django.db import connection

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership
from annotator.work.models import PassKind, WorkItem
from annotator.work.selectors.even import EVEN_BATCH, IDLE_MINUTES, Passing, Standing, standing_list

HANDED: Final = """
WITH given AS (
    SELECT * FROM unnest(%(kinds)s::text[], %(passes)s::int[], %(levels)s::bigint[], %(lifts)s::bigint[])
        AS g(kind, pass_number, level, lift)
), moved AS (
    UPDATE work_evencount c SET level = c.level + g.lift, seen_at = statement_timestamp()
    FROM given g
    WHERE c.dataset_id = %(dataset)s AND c.user_id = %(user)s AND c.kind = g.kind
      AND c.pass_number = g.pass_number
    RETURNING c.kind, c.pass_number
)
INSERT INTO work_evencount (dataset_id, user_id, kind, pass_number, level, seen_at)
SELECT %(dataset)s, %(user)s, g.kind, g.pass_number, g.level, statement_timestamp() FROM given g
WHERE NOT EXISTS (SELECT 1 FROM moved m WHERE m.kind = g.kind AND m.pass_number = g.pass_number)
"""

# Somebody who was idle and finishes what they still held is not there by that: their next claim brings their level to
# that of the others first. Until then nobody waits for them.
COUNTED: Final = """
UPDATE work_evencount SET level = level + %(step)s,
    seen_at = CASE WHEN seen_at > statement_timestamp() - make_interval(mins => %(idle)s)
                   THEN statement_timestamp() ELSE seen_at END
WHERE dataset_id = %(dataset)s AND user_id = %(user)s AND kind = %(kind)s AND pass_number = %(pass)s
"""

Search = Callable[[Sequence[int], int, Sequence[Passing]], list[int]]
"""Claims at most so many free items, none of some that the page has and of none of the passes named."""


def even_lock(*, dataset: Dataset, user: User) -> None:
    """Make other claims of this person in the dataset wait; the first lock of the transaction.

    Their membership, as everybody who locks it takes it before work items; a superuser who is no member has only
    the account.
    """
    member = Membership.objects.select_for_update(no_key=True).filter(dataset=dataset, user=user)
    if not member.values_list("pk", flat=True):
        User.objects.select_for_update(no_key=True).values_list("pk", flat=True).get(pk=user.pk)


def claim_evenly(
    *,
    dataset: Dataset,
    user: User,
    kinds: Sequence[PassKind],
    asked: int,
    have: Sequence[int],
    search: Search,
) -> list[int]:
    """Claim up to ``asked`` free items as far as the others of the dataset are along; their ids.

    Within a transaction that holds ``even_lock``, after the items that the person holds or that are reserved for them
    were claimed; ``have`` names those too. Each turn claims no more than every open pass has room for, so that no
    pass can overflow, whichever items the search finds first.
    """
    got: list[int] = []
    while len(got) < asked:
        standings = standing_list(dataset=dataset, user=user, kinds=kinds)
        shut = [one.passing for one in standings if one.room <= 0]
        most = min([EVEN_BATCH, asked - len(got), *(one.room for one in standings if one.room > 0)])
        found = search([*have, *got], most, shut)
        if not found:
            break
        _handed(dataset=dataset, user=user, items=found, standings=standings)
        got += found
    return got


def even_count(*, item: WorkItem, user: User, step: int = 1) -> None:
    """A pass of this person on an item was counted, or (-1) taken back. Does nothing for gold and in other modes.

    The item's dataset is loaded with its policy. Somebody whom the mode does not know yet is left out: their next
    claim puts them at the level of the others.
    """
    version = item.dataset.policy
    if item.gold_id is not None or version is None or version.policy.distribution != "even":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            COUNTED,
            {
                "step": step,
                "idle": IDLE_MINUTES,
                "dataset": item.dataset_id,
                "user": user.pk,
                "kind": item.kind,
                "pass": item.pass_number,
            },
        )


def _handed(*, dataset: Dataset, user: User, items: Sequence[int], standings: Sequence[Standing]) -> None:
    """They are there in the passes of these items from now on, at the level that their standing says."""
    known = {one.passing: one for one in standings}
    passes = {
        (PassKind(kind), number)
        for kind, number in WorkItem.objects.filter(pk__in=items, gold=None).values_list(
            "kind", "pass_number"
        )
    }
    rows = [(kind, number, *_start(known.get((kind, number)))) for kind, number in sorted(passes)]
    with connection.cursor() as cursor:
        cursor.execute(
            HANDED,
            {
                "dataset": dataset.pk,
                "user": user.pk,
                "kinds": [kind for kind, *_ in rows],
                "passes": [number for _, number, *_ in rows],
                "levels": [level for *_, level, _ in rows],
                "lifts": [lift for *_, lift in rows],
            },
        )


def _start(standing: Standing | None) -> tuple[int, int]:
    """The level to count from, and how far that is from the stored one."""
    if standing is None:
        return 0, 0
    return standing.starts_at, standing.starts_at - (standing.level or 0)
