"""The versions that people made of a face in its present round, and which of their labels are independent."""

from __future__ import annotations

from typing import Final

from annotator.common.statements import Statement
from annotator.faces.models import Face, Revision, RevisionKind
from annotator.work.selectors.withdrawn import NOT_TAKEN_BACK, not_taken_back

COUNTED_KINDS: Final = (RevisionKind.ANNOTATE, RevisionKind.CHECK, RevisionKind.ADJUDICATE)
"""Whose ages count: everybody who labelled, checked or decided."""

OPINIONS: Final = (RevisionKind.ANNOTATE, RevisionKind.CHECK)

AGES: Final = Statement(
    "work_round_ages",
    f"""
SELECT r.age FROM faces_revision r
WHERE r.face_id = %(face)s AND r.round = %(round)s AND r.kind = ANY(%(kinds)s) AND r.age IS NOT NULL
  AND {NOT_TAKEN_BACK}
ORDER BY r.id
""",  # noqa: S608  # a constant
    face="bigint",
    round="int",
    kinds="text[]",
)


def round_versions(*, face: Face) -> list[Revision]:
    """What the annotator and the checkers of the face's present round said, oldest first; one query.

    Somebody who said two things (a face that was sent back starts another round, so it takes an import or a
    restore) counts with the last.
    """
    made = Revision.objects.filter(
        not_taken_back(), face=face, round=face.round, kind__in=OPINIONS, author__isnull=False
    )
    last = {revision.author_id: revision for revision in made.select_related("policy").order_by("pk")}
    return sorted(last.values(), key=lambda revision: revision.pk)


def blind_labels(revision: Revision) -> frozenset[str]:
    """The labels that the author of a revision gave without seeing another person's.

    Who labels first saw at most a model's. A checker saw the others' but for what the policy of that moment asked
    blind. An adjudicator saw everything but ages.
    """
    if revision.kind == RevisionKind.ANNOTATE:
        return frozenset({"box", "landmarks", "gender", "ethnicity", "flags", "age"})
    if revision.kind == RevisionKind.ADJUDICATE:
        return frozenset({"age"})
    if revision.kind != RevisionKind.CHECK:
        return frozenset()
    asked = () if revision.policy is None else revision.policy.data.get("blind_in_checks", ())
    return frozenset({"age", *asked})


def round_ages(*, face: Face) -> list[float]:
    """The apparent ages in years that different people gave in the face's present round, oldest first."""
    rows = AGES.rows(face=face.pk, round=face.round, kinds=list(COUNTED_KINDS))
    return [age for (age,) in rows]
