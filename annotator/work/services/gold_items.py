"""Mixing gold into what a person is handed (decision 0024)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from django.db import connection

from annotator.accounts.models import User
from annotator.datasets.models import Dataset

CHANCE_STEPS: Final = 1_000_000

# A gold of the same kind takes over the row of an item that the same transaction claimed, with everything that is seen
# of it (number, pass, round, level); the ordinary item goes on in a new row. So a person holds as many items as
# without gold, and the numbers of gold items are as old as those of others. Only a row that nobody has had or passed
# over: work that is still on its way to it would end with the gold. And no check that was asked for because people
# differ or for one more age: it says so, and that everything else is agreed.
# Only accepted faces on images in use are asked about, and nobody meets a face that they worked on or were tested
# with. From a point drawn anew the first gold by id is taken: no sort of the table, no favourite. OFFSET 0: as in
# selectors.eligibility.
TAKE_OVER: Final = """
WITH place AS (
    SELECT * FROM work_workitem i
    WHERE i.id = %(item)s AND i.reserved_for_id IS NULL AND i.past_tokens = '{}' AND i.extra = ''
      AND NOT EXISTS (SELECT 1 FROM work_draft d WHERE d.item_id = i.id)
      AND NOT EXISTS (SELECT 1 FROM work_skip s WHERE s.item_id = i.id)
      AND NOT EXISTS (SELECT 1 FROM work_pass p WHERE p.item_id = i.id)
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
)
UPDATE work_workitem w SET
    image_id = pick.image_id, face_id = CASE WHEN pick.kind <> 'sweep' THEN pick.face_id END,
    gold_id = pick.id, reserved_for_id = %(user)s, slice = ''
FROM pick, place WHERE w.id = place.id
RETURNING place.image_id, place.face_id, place.slice, place.bucket
"""

GO_ON: Final = """
INSERT INTO work_workitem (dataset_id, image_id, face_id, kind, pass_number, round, state, priority, bucket, reason,
                           slice, past_tokens, created_at)
SELECT dataset_id, %(image)s, %(face)s, kind, pass_number, round, 'open', priority, %(bucket)s, reason,
       %(slice)s, '{}', created_at
FROM work_workitem WHERE id = %(item)s
"""


def gold_mix(*, dataset: Dataset, user: User, fresh: Sequence[int], share: float) -> None:
    """Let gold take the place of a share of freshly claimed items.

    ``fresh``: items that this transaction claimed for the person and that nobody has seen yet. Each is drawn with the
    probability ``share`` and becomes the person's gold item; the face or image that it was about waits on in another
    row. Costs nothing where nothing is drawn. A drawn item stays where there is no gold of its kind that is new to
    this person. Locks the person's account row, so that two of their claims do not draw the same gold.
    """
    drawn = [pk for pk in fresh if secrets.randbelow(CHANCE_STEPS) < share * CHANCE_STEPS]
    if not drawn:
        return
    User.objects.select_for_update(no_key=True).values_list("pk", flat=True).get(pk=user.pk)
    with connection.cursor() as cursor:
        for pk in drawn:
            turn = secrets.randbelow(CHANCE_STEPS) / CHANCE_STEPS
            cursor.execute(TAKE_OVER, {"dataset": dataset.pk, "user": user.pk, "item": pk, "turn": turn})
            if (row := cursor.fetchone()) is not None:
                image, face, part, bucket = row
                cursor.execute(
                    GO_ON,
                    {
                        "item": pk,
                        "image": image,
                        "face": face,
                        "slice": part,
                        "bucket": bucket,
                    },
                )
