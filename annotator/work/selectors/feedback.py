"""What became of a person's own work: decisions of adjudicators, faces sent back to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, Revision
from annotator.work.models import ItemState, WorkItem
from jfa_pipeline.aggregate.changes import Change, describe_changes

LOOKED_BACK: Final = 2000
"""Passes of the person in which decisions are looked for, newest first: it bounds what a long history costs."""

# The person's version and the adjudicator's of the same round. Gold items are no pass on the face.
DECISIONS = """
WITH mine AS MATERIALIZED (
    SELECT p.face_id, p.round, p.kind, p.revision_id FROM work_pass p
    WHERE p.user_id = %(user)s AND p.dataset_id = %(dataset)s AND p.face_id IS NOT NULL AND p.counted
      AND NOT p.is_gold AND p.kind IN ('annotate', 'check') AND p.revision_id IS NOT NULL
    ORDER BY p.id DESC LIMIT %(looked_back)s
)
SELECT mine.kind, mine.revision_id, r.id FROM mine
JOIN faces_revision r ON r.face_id = mine.face_id AND r.id > mine.revision_id
WHERE r.round = mine.round AND r.kind = 'adjudicate'
ORDER BY r.id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """An adjudicator's labels of a face that the person labelled or checked, and how they differ from theirs.

    kind: what the person had done. changes: from their version to the adjudicator's, ages left out.
    """

    kind: str
    face: Face
    decided: Revision
    changes: list[Change]


def decision_list(*, user: User, dataset: Dataset, limit: int = 20) -> list[Decision]:
    """The newest decisions about faces among the person's last LOOKED_BACK passes; two queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            DECISIONS,
            {"user": user.pk, "dataset": dataset.pk, "looked_back": LOOKED_BACK, "limit": limit},
        )
        rows = cursor.fetchall()
    wanted = {pk for _, *pair in rows for pk in pair}
    found = Revision.objects.select_related("face").in_bulk(wanted)
    decisions = []
    for kind, mine, decided in rows:
        before, after = found[mine].labels.without_age(), found[decided].labels.without_age()
        decisions.append(Decision(kind, found[decided].face, found[decided], describe_changes(before, after)))
    return decisions


def reserved_list(*, user: User, dataset: Dataset) -> QuerySet[WorkItem]:
    """Open items that only this person may take, oldest first: sent back or assigned, never gold."""
    return WorkItem.objects.filter(
        reserved_for=user, state=ItemState.OPEN, dataset=dataset, gold__isnull=True
    ).order_by("id")
