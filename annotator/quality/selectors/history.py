"""Reads about the chain of a face's versions that need to know who passed when."""

from __future__ import annotations

from annotator.faces.models import Face
from annotator.work.models import Pass, PassKind


def check_numbers(*, face: Face) -> dict[int, int]:
    """Which check of its round made a version, from 1, by the version's id; one query.

    A check that came too late to count is none.
    """
    rows = Pass.objects.filter(
        face=face, kind=PassKind.CHECK, counted=True, is_gold=False, revision__isnull=False
    ).values_list("revision_id", "item__pass_number")
    return {revision: number for revision, number in rows if revision is not None}
