"""Counting what accepted faces cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from annotator.faces.models import Revision, RevisionKind
from annotator.quality.models import FaceEconomy
from annotator.work.models import Acceptance, PassKind, Slice
from jfa_pipeline.core.ibug68 import REGIONS
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.metrics.edits import edits_between

BATCH: Final = 200
"""Acceptances of one transaction."""

GIVEN_LABELS: Final = (RevisionKind.PRELABEL, RevisionKind.IMPORT)
"""Versions that people started from; a face whose first version is another was drawn by a person."""

# The pre-label, or else the version that the face was made with.
FIRST_VERSIONS: Final = """
SELECT f.id, coalesce(f.prelabel_id, (SELECT min(r.id) FROM faces_revision r
                                      WHERE r.face_id = f.id AND r.kind <> 'planted'))
FROM faces_face f WHERE f.id = ANY(%s)
"""

PASSES: Final = """
SELECT a.id, count(p.id), sum(p.active_ms),
       sum(p.active_ms) FILTER (WHERE p.kind = %(annotate)s AND p.round = a.round),
       coalesce((SELECT i.slice FROM work_workitem i WHERE i.face_id = a.face_id AND i.round = a.round
                 AND i.kind = %(annotate)s AND i.state = 'done' AND i.gold_id IS NULL ORDER BY i.id DESC LIMIT 1), '')
FROM work_acceptance a
LEFT JOIN work_pass p ON p.face_id = a.face_id AND p.round <= a.round AND p.counted AND NOT p.is_gold
WHERE a.id = ANY(%(acceptances)s) GROUP BY a.id
"""


@dataclass(frozen=True, slots=True)
class _Work:
    """What people did for an acceptance: counted passes, their milliseconds, and the slice of the queue."""

    passes: int
    active_ms: int | None
    annotate_ms: int | None
    part: Slice


@transaction.atomic
def economy_count() -> int:
    """Turn up to BATCH noted acceptances into rows of the economy; how many were taken.

    The note and the row change places in one transaction, and a face has one row a round: each acceptance is
    counted exactly once, whenever this runs and however often. Notes that another run holds are left to it.
    """
    notes = list(
        Acceptance.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("face", "revision")
        .order_by("pk")[:BATCH]
    )
    if not notes:
        return 0
    first = _first_versions([note.face_id for note in notes])
    work = _work([note.pk for note in notes])
    FaceEconomy.objects.bulk_create(
        (_row(note, first=first.get(note.face_id), work=work[note.pk]) for note in notes),
        ignore_conflicts=True,
    )
    Acceptance.objects.filter(pk__in=[note.pk for note in notes]).delete()
    return len(notes)


def _row(note: Acceptance, *, first: Revision | None, work: _Work) -> FaceEconomy:
    given = first is not None and first.kind in GIVEN_LABELS
    before: FaceLabels | None = first.labels if first is not None and given else None
    edits = edits_between(before, note.revision.labels, age_mean=note.age_mean)
    return FaceEconomy(
        dataset_id=note.face.dataset_id,
        face_id=note.face_id,
        round=note.round,
        made_by=(first.made_by or first.kind) if first is not None and given else "",
        is_blind=note.face.is_blind and given and note.round == 1,
        slice=work.part,
        accepted_at=note.at,
        box_iou=edits.box_iou,
        nme_box_side=edits.nme_box_side,
        **{f"nme_{region}": edits.nme_box_side_by_region.get(region) for region in REGIONS},
        age_difference=edits.age_difference,
        gender_changed=edits.gender_changed,
        ethnicity_changed=edits.ethnicity_changed,
        points_moved=edits.points_moved,
        sides_moved=edits.sides_moved,
        attributes_changed=edits.attributes_changed,
        passes=work.passes,
        active_ms=work.active_ms,
        annotate_ms=work.annotate_ms,
    )


def _first_versions(faces: Sequence[int]) -> dict[int, Revision]:
    with connection.cursor() as cursor:
        cursor.execute(FIRST_VERSIONS, [list(faces)])
        versions: dict[int, int] = dict(cursor.fetchall())
    found = Revision.objects.in_bulk([pk for pk in versions.values() if pk is not None])
    return {face: found[pk] for face, pk in versions.items() if pk in found}


def _work(acceptances: Sequence[int]) -> dict[int, _Work]:
    parameters: dict[str, Any] = {"acceptances": list(acceptances), "annotate": PassKind.ANNOTATE.value}
    with connection.cursor() as cursor:
        cursor.execute(PASSES, parameters)
        return {pk: _Work(n, total, first, Slice(part)) for pk, n, total, first, part in cursor.fetchall()}
