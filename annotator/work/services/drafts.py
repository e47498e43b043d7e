"""Unfinished work that the server keeps for a person."""

from __future__ import annotations

import json
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from annotator.accounts.models import User
from annotator.common.errors import Conflict, Invalid
from annotator.common.statements import Statement
from annotator.work.models import Draft, WorkItem
from annotator.work.selectors.items import draft_json
from annotator.work.services.leases import Standing, not_yours, standing

LARGEST_DRAFT: Final = 64 * 1024
"""Bytes of JSON; a face's labels need about 4 KB."""

KEEP_NEWEST = """
INSERT INTO work_draft (item_id, user_id, sequence, writer, data, updated_at)
VALUES (%(item)s, %(user)s, %(sequence)s, %(writer)s, %(data)s::jsonb, statement_timestamp())
ON CONFLICT (item_id, user_id) DO UPDATE
SET sequence = EXCLUDED.sequence, writer = EXCLUDED.writer, data = EXCLUDED.data, updated_at = EXCLUDED.updated_at
WHERE work_draft.sequence < EXCLUDED.sequence
  AND (work_draft.writer = EXCLUDED.writer OR work_draft.writer IS NULL OR EXCLUDED.writer IS NULL
       OR work_draft.sequence <= %(known)s)
"""

FORGET: Final = Statement(
    "work_forget_draft",
    "DELETE FROM work_draft WHERE item_id = %(item)s AND user_id = %(user)s",
    item="bigint",
    user="bigint",
)


@transaction.atomic
def draft_keep(
    *,
    item: WorkItem,
    user: User,
    token: UUID,
    sequence: int,
    data: Any,
    writer: UUID | None = None,
    known: int = 0,
) -> int:
    """Keep ``data`` unless a newer draft is there already; the sequence number that is stored afterwards.

    ``sequence`` only grows, so that autosaves which overtake each other or are repeated end with the newest. A page
    that names itself as ``writer`` replaces another page's draft only if it knew of it: ``known`` is the newest
    sequence that it knew to be stored.

    Raises Conflict ``other_draft`` with the stored draft otherwise, Conflict ``lease_lost`` if somebody else took
    the item or it is closed, Invalid for a draft over LARGEST_DRAFT.
    """
    text = json.dumps(data)
    if len(text.encode()) > LARGEST_DRAFT:
        raise Invalid(
            "too_large", f"A draft holds at most {LARGEST_DRAFT // 1024} KB; this one was not kept."
        )
    locked = (
        WorkItem.objects.select_for_update(no_key=True, of=("self",)).select_related("image").get(pk=item.pk)
    )
    if standing(item=locked, user=user, token=token) != Standing.HELD:
        raise not_yours(item=locked)
    with connection.cursor() as cursor:
        cursor.execute(
            KEEP_NEWEST,
            {
                "item": item.pk,
                "user": user.pk,
                "sequence": sequence,
                "writer": writer,
                "data": text,
                "known": known,
            },
        )
        if cursor.rowcount:
            return sequence
    stored = Draft.objects.get(item=item, user=user)
    if None not in (writer, stored.writer) and stored.writer != writer and stored.sequence > known:
        raise Conflict(
            "other_draft",
            "You work on this item in another tab or on another computer too, and what you did there is stored. "
            "Nothing was changed: choose which of the two to go on with.",
            draft=draft_json(stored),
        )
    return stored.sequence


def draft_drop(*, item: WorkItem, user: User) -> None:
    """Forget this person's draft. Repeating it changes nothing."""
    FORGET.run(item=item.pk, user=user.pk)
