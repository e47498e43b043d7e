"""Mixing gold into what a person is handed (decision 0024)."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.work.models import BUCKETS

CHANCE_STEPS: Final = 1_000_000

# A gold of the same kind takes the place of one item that the same transaction claimed: it looks like that item
# (pass, round, reason, level), the person holds as many items as without gold, and the claimed item is free again.
# Only accepted faces on images in use are asked about, and nobody meets a face that they worked on or were tested
# with. From a point drawn anew the first gold by id is taken: no sort of the table, no favourite. OFFSET 0: as in
# selectors.eligibility.
SWAP: Final = """
WITH place AS (
    SELECT id, kind, pass_number, round, reason, priority FROM work_workitem
    WHERE id = %(item)s AND reserved_for_id IS NULL
), lap AS (
    SELECT min(g.id) + floor(%(turn)s * (max(g.id) - min(g.id) + 1))::bigint AS start
    FROM work_gold g JOIN place ON place.kind = g.kind WHERE g.dataset_id = %(dataset)s AND g.is_active
), pick AS (
    SELECT g.id, g.image_id, g.face_id, g.kind FROM work_gold g
    JOIN place ON place.kind = g.kind
    JOIN faces_face f ON f.id = g.face_id AND f.state = 'accepted'
    JOIN images_image m ON m.id = g.image_id AND m.verdict = ''
    CROSS JOIN lap
    WHERE g.dataset_id = %(dataset)s AND g.is_active
      AND NOT EXISTS (SELECT 1 FROM work_gold o JOIN work_workitem i ON i.gold_id = o.id
                      WHERE o.face_id = g.face_id AND i.reserved_for_id = %(user)s OFFSET 0)
      AND NOT EXISTS (SELECT 1 FROM work_pass p WHERE p.face_id = g.face_id AND p.user_id = %(user)s
                      OFFSET 0)
      AND (g.kind <> 'sweep' OR NOT EXISTS (
           SELECT 1 FROM work_pass p WHERE p.image_id = g.image_id AND p.user_id = %(user)s OFFSET 0))
    ORDER BY g.id < lap.start, g.id
    LIMIT 1
), made AS (
    INSERT INTO work_workitem (dataset_id, image_id, face_id, kind, pass_number, round, state, priority, bucket, reason,
                               slice, leased_to_id, reserved_for_id, gold_id, lease_token, leased_until, past_tokens,
                               created_at)
    SELECT %(dataset)s, pick.image_id, CASE WHEN pick.kind <> 'sweep' THEN pick.face_id END, pick.kind,
           place.pass_number, place.round, 'open', place.priority, %(bucket)s, place.reason, '', %(user)s, %(user)s,
           pick.id, %(token)s, statement_timestamp() + make_interval(mins => %(minutes)s), '{}', statement_timestamp()
    FROM pick, place
    ON CONFLICT DO NOTHING
    RETURNING id
), freed AS (
    UPDATE work_workitem SET leased_to_id = NULL, lease_token = NULL, leased_until = NULL
    WHERE id = %(item)s AND leased_to_id = %(user)s AND EXISTS (SELECT 1 FROM made)
)
SELECT id FROM made
"""


def gold_mix(
    *, dataset: Dataset, user: User, fresh: Sequence[int], share: float, lease_minutes: int
) -> dict[int, int]:
    """Let gold take the place of a share of freshly claimed items: item id -> id of the gold item in its place.

    ``fresh``: items that this transaction claimed for the person and that nobody has seen yet. Each is drawn with the
    probability ``share``; one statement for each that is drawn, none otherwise. A drawn item stays where there is no
    gold of its kind that is new to this person.
    """
    drawn = [pk for pk in fresh if secrets.randbelow(CHANCE_STEPS) < share * CHANCE_STEPS]
    swapped: dict[int, int] = {}
    if not drawn:
        return swapped
    with connection.cursor() as cursor:
        for pk in drawn:
            cursor.execute(SWAP, {**_parameters(dataset, user, lease_minutes), "item": pk})
            if row := cursor.fetchone():
                swapped[pk] = row[0]
    return swapped


def _parameters(dataset: Dataset, user: User, lease_minutes: int) -> dict[str, Any]:
    return {
        "dataset": dataset.pk,
        "user": user.pk,
        "turn": secrets.randbelow(CHANCE_STEPS) / CHANCE_STEPS,
        "bucket": secrets.randbelow(BUCKETS),
        "token": str(uuid.uuid4()),
        "minutes": lease_minutes,
    }
