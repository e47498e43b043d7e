"""Keeping, giving back and losing the hold on an item."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from annotator.accounts.models import User
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset
from annotator.images.models import Verdict
from annotator.work.models import Draft, ItemState, PassKind, Skip, WorkItem
from annotator.work.services.opening import item_close, items_lock

MOST_SKIPPED: Final = 200
"""Open items one person may have passed over in a dataset: skipping is for doubt, not for choosing."""


class Standing(Enum):
    """What a person has to do with an item at the moment they send work for it.

    HELD: theirs, also with the lease run out, while nobody else was given the item. LOST: it was theirs once,
    then somebody else took or finished it, or it was withdrawn. NEVER: it was not handed to them.
    """

    HELD = "held"
    LOST = "lost"
    NEVER = "never"


def standing(*, item: WorkItem, user: User, token: UUID) -> Standing:
    """See Standing. The item is locked and its ``image`` loaded. It is the person that counts: a second tab of
    theirs may have renewed the lease under another token."""
    known = token in item.past_tokens
    if item.state != ItemState.OPEN or item.image.verdict != Verdict.NONE:
        return Standing.LOST if known or item.lease_token == token else Standing.NEVER
    if item.leased_to_id == user.pk:
        return Standing.HELD
    if item.leased_to_id is None and known and item.past_tokens[-1] == token:
        return Standing.HELD
    return Standing.LOST if known else Standing.NEVER


def not_yours(*, item: WorkItem) -> Conflict:
    """The refusal for a person to whom an item was never handed out, or who gave it back."""
    return Conflict(
        "lease_lost",
        "You do not hold this item any more. Nothing was changed: ask for the next one.",
        item=item.pk,
        state=item.state,
    )


# Ordered locks: two of a person's tabs may renew the same items at once.
RENEW = """
WITH given AS (
    SELECT g.item, g.token FROM unnest(%(items)s::bigint[], %(tokens)s::uuid[]) AS g(item, token)
), mine AS MATERIALIZED (
    SELECT i.id, (v.data ->> 'lease_minutes')::int AS minutes
    FROM work_workitem i
    JOIN given g ON g.item = i.id AND g.token = i.lease_token
    JOIN datasets_dataset d ON d.id = i.dataset_id
    JOIN datasets_policyversion v ON v.id = d.policy_id
    WHERE i.state = 'open' AND i.leased_to_id = %(user)s
      AND (%(everywhere)s OR EXISTS (SELECT 1 FROM datasets_membership m
           WHERE m.dataset_id = i.dataset_id AND m.user_id = %(user)s AND m.is_active))
    ORDER BY i.id
    FOR NO KEY UPDATE OF i
)
UPDATE work_workitem w SET leased_until = statement_timestamp() + make_interval(mins => mine.minutes)
FROM mine WHERE w.id = mine.id
RETURNING w.id, w.leased_until
"""


@transaction.atomic
def leases_renew(*, user: User, leases: dict[int, UUID]) -> tuple[dict[int, datetime], list[int]]:
    """The page is still open: (item -> new end of the lease, items that are no longer this person's).

    A lease that ran out is renewed while nobody else took the item. Idempotent.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            RENEW,
            {
                "items": list(leases),
                "tokens": [str(token) for token in leases.values()],
                "user": user.pk,
                "everywhere": user.is_superuser,
            },
        )
        alive = dict(cursor.fetchall())
    return alive, [item for item in leases if item not in alive]


@transaction.atomic
def lease_release(*, item: WorkItem, user: User, token: UUID) -> None:
    """Give an item back untouched; its draft stays for this person. Repeating it changes nothing."""
    WorkItem.objects.filter(pk=item.pk, state=ItemState.OPEN, leased_to=user, lease_token=token).update(
        leased_to=None, lease_token=None, leased_until=None
    )


@transaction.atomic
def item_skip(*, item: WorkItem, user: User, token: UUID, reason: str) -> None:
    """Pass over an item with a reason: it goes back and is not offered to this person again.

    Repeating it changes nothing. Raises Invalid without a reason, Conflict ``lease_lost`` for an item that was
    not handed to this person, and Conflict ``too_many_skips`` after MOST_SKIPPED open items. A gold item
    ends there: it is nobody else's.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid("reason", "Say in a few words why you pass this one over.")
    locked = (
        WorkItem.objects.select_for_update(no_key=True, of=("self",)).select_related("image").get(pk=item.pk)
    )
    if Skip.objects.filter(item=locked, user=user).exists():
        return
    if standing(item=locked, user=user, token=token) == Standing.NEVER:
        raise not_yours(item=locked)
    skipped = Skip.objects.filter(
        user=user, item__dataset_id=locked.dataset_id, item__state=ItemState.OPEN
    ).count()
    if skipped >= MOST_SKIPPED:
        raise Conflict(
            "too_many_skips",
            f"You passed over {skipped} items that are still open. Ask an admin to look at them, or label this one.",
        )
    Skip.objects.create(item=locked, user=user, reason=reason[:300])
    Draft.objects.filter(item=locked, user=user).delete()
    if locked.gold_id is not None and locked.state == ItemState.OPEN:
        item_close(item=locked, state=ItemState.CANCELLED, by_holder=True)
    elif locked.leased_to_id == user.pk:
        leases_clear(items=[locked], remember=False)


@transaction.atomic
def leases_return(*, user: User, dataset: Dataset) -> int:
    """Take back everything a person holds in a dataset and remove their drafts; how many items that were.

    The tokens are remembered: work that was already on its way is kept if the person may come back.
    """
    returned = items_return(user=user, dataset=dataset)
    Draft.objects.filter(user=user, item__dataset=dataset).delete()
    return returned


@transaction.atomic
def items_return(*, user: User, dataset: Dataset, kind: PassKind | None = None) -> int:
    """Take back the items of a kind, or all, that a person holds in a dataset; how many."""
    kinds = PassKind.values if kind is None else [kind.value]
    items = items_lock(dataset=dataset, leased_to=user, kind__in=kinds)
    leases_clear(items=items, remember=True)
    return len(items)


def leases_clear(*, items: Iterable[WorkItem], remember: bool) -> None:
    """Clear the lease of locked open items."""
    for item in items:
        if remember and item.lease_token is not None:
            item.past_tokens = [*item.past_tokens, item.lease_token]
        item.leased_to = item.lease_token = item.leased_until = None
        item.save(update_fields=["leased_to", "lease_token", "leased_until", "past_tokens"])
