"""The level that a person gives to the work on faces and images; it stays with the face from pass to pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import connection
from django.db.models import Q

from annotator.datasets.models import Dataset
from annotator.faces.models import Face
from annotator.work.models import Priority

# Back at NORMAL, an item stands where it would without anybody's word: disputed and doubted ones before the others,
# and what the order "learning" places is placed by its next walk.
RAISE: Final = """
UPDATE work_workitem w SET priority = CASE
    WHEN %(level)s <> %(normal)s THEN %(level)s
    WHEN w.kind = 'adjudicate' THEN %(doubtful)s
    WHEN f.needs_person <> '' AND NOT (w.kind = 'annotate' AND %(is_learning)s) THEN %(doubtful)s
    ELSE %(normal)s END
FROM work_workitem i LEFT JOIN faces_face f ON f.id = i.face_id
WHERE w.id = i.id AND i.state = 'open' AND i.gold_id IS NULL
  AND (i.face_id = ANY(%(faces)s::bigint[]) OR i.image_id = ANY(%(images)s::bigint[]))
"""


def level_give(
    *, dataset: Dataset, level: Priority, face_ids: Sequence[int] = (), image_ids: Sequence[int] = ()
) -> None:
    """Give a chosen level to faces, and to everything on images, with their open items (sweeps of images too).

    level: URGENT, LATER, or NORMAL to take a level back. Two statements; the caller holds the locks of the faces'
    or images' open items, or does not mind that one changes hands meanwhile.
    """
    Face.objects.filter(Q(pk__in=face_ids) | Q(image__in=image_ids)).exclude(chosen_level=level).update(
        chosen_level=level
    )
    policy = dataset.policy.policy if dataset.policy else None
    with connection.cursor() as cursor:
        cursor.execute(
            RAISE,
            {
                "level": int(level),
                "normal": int(Priority.NORMAL),
                "doubtful": int(Priority.DOUBTFUL),
                "is_learning": policy is not None and policy.order == "learning",
                "faces": list(face_ids),
                "images": list(image_ids),
            },
        )
