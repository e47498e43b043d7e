"""The rows that one submit is about: locked, and read once they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from annotator.accounts.models import User
from annotator.common.errors import NotFound
from annotator.common.statements import Statement, executed
from annotator.datasets.models import PolicyVersion
from annotator.faces.models import Face
from annotator.faces.rows import FACES, IMAGES, REVISIONS
from annotator.work.models import WorkItem
from annotator.work.rows import ITEMS
from annotator.work.services.answers import Answer, answer_of

# The face first: the item is looked for once the face is locked.
LOCK: Final = Statement(
    "work_lock_turn",
    """
WITH face AS MATERIALIZED (SELECT 1 FROM faces_face WHERE id = %(face)s FOR NO KEY UPDATE)
SELECT 1 FROM face CROSS JOIN LATERAL (
    SELECT 1 FROM work_workitem WHERE id = %(item)s FOR NO KEY UPDATE
) item
""",
    face="bigint",
    item="bigint",
)
# A statement of its own behind the locks: a join in a locking one would pair the newest row of a face that was
# waited for with the revision of before the wait.
READ: Final = Statement(
    "work_read_turn",
    f"""
SELECT
    EXISTS (SELECT 1 FROM work_pass p WHERE p.face_id = i.face_id AND p.round = i.round AND p.user_id = %(user)s
            AND p.counted AND p.is_gold = (i.gold_id IS NOT NULL)),
    EXISTS (SELECT 1 FROM work_draft w WHERE w.item_id = i.id AND w.user_id = %(user)s),
    s.user_id, s.item_id, s.answer::text, d.policy_id, nextval('faces_revision_id_seq'),
    {ITEMS.columns("i")}, {FACES.columns("f")}, {IMAGES.columns("g")}, {REVISIONS.columns("r")}
FROM work_workitem i
JOIN faces_face f ON f.id = i.face_id
JOIN images_image g ON g.id = i.image_id
JOIN datasets_dataset d ON d.id = i.dataset_id
LEFT JOIN faces_revision r ON r.id = f.current_id
LEFT JOIN work_pass s ON s.submission_id = %(submission)s
WHERE i.id = %(item)s
""",  # noqa: S608  # names of columns
    item="bigint",
    user="bigint",
    submission="uuid",
)


@dataclass(frozen=True, slots=True)
class LockedTurn:
    """A locked item of a face with its image, dataset and policy, and the locked face with its current revision.

    worked_before: this person has a counted pass on the face in the item's round; for gold, an answer to gold of
    the face. has_draft: they have a draft of the item. revision_pk: an id that the next revision may take. answer:
    what was answered to this submission before.
    """

    item: WorkItem
    face: Face
    worked_before: bool
    has_draft: bool
    revision_pk: int
    answer: Answer | None


def turn_lock(*, item: WorkItem, user: User, submission_id: UUID) -> LockedTurn:
    """Lock the item's face, then the item, and read both with what a submit needs; one round trip.

    ``item`` has its dataset loaded. Raises NotFound if the face or the item is gone, Conflict
    ``submission_id_used`` if the id belongs to other work.
    """
    given = {"item": item.pk, "face": item.face_id, "user": user.pk, "submission": submission_id}
    with executed((LOCK, given), (READ, given)) as cursor:
        row = cursor.fetchone()
    if row is None:
        raise NotFound("not_found", "There is no such face, or it is not yours to see.")
    worked_before, has_draft, by, on, answer, policy_id, revision_pk, *columns = row
    locked = ITEMS.instance(columns[: ITEMS.width])
    del columns[: ITEMS.width]
    face = FACES.instance(columns[: FACES.width])
    del columns[: FACES.width]
    face.image = locked.image = IMAGES.instance(columns[: IMAGES.width])
    del columns[: IMAGES.width]
    face.current = REVISIONS.instance(columns) if face.current_id is not None else None
    locked.face = face
    locked.dataset = item.dataset
    if locked.dataset.policy_id != policy_id:
        locked.dataset.policy = PolicyVersion.objects.get(pk=policy_id)
    stored = None
    if answer is not None:
        stored = answer_of(json.loads(answer), is_this_work=(by, on) == (user.pk, item.pk))
    return LockedTurn(locked, face, worked_before, has_draft, revision_pk, stored)
