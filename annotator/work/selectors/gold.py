"""Gold items as the person sees them: nothing in them differs from ordinary work (decision 0024)."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy

from annotator.faces.models import Face, FaceState, Revision
from annotator.work.models import Gold, PassKind, WorkItem
from jfa_pipeline.core.labels import FaceLabels

STATE_SHOWN = {PassKind.ANNOTATE: FaceState.WAITING, PassKind.CHECK: FaceState.CHECKING}


def gold_of_items(items: Iterable[WorkItem]) -> dict[int, Gold]:
    """The gold of those items that are gold, by item id, with what they show loaded. One query, none without gold."""
    wanted = {item.pk: item.gold_id for item in items if item.gold_id is not None}
    if not wanted:
        return {}
    found = Gold.objects.select_related("truth", "planted", "face__prelabel", "face__image").in_bulk(
        set(wanted.values())
    )
    return {pk: found[gold_id] for pk, gold_id in wanted.items()}


def face_shown(gold: Gold, *, round_number: int) -> Face:
    """The face as it would look if it came to this person in the ordinary way: a copy that must not be saved.

    annotate: with its first pre-label, or the bare box where it has none. check: with the planted wrong labels.
    """
    shown = copy(gold.face)
    shown.state = STATE_SHOWN[PassKind(gold.kind)]
    shown.round = round_number
    shown.needs_person = ""
    shown.is_blind = False
    shown.accepted_policy = shown.closed_at = None
    shown.age_mean = shown.age_sd = None
    shown.age_n = 0
    if gold.planted is not None:
        shown.current = gold.planted
    else:
        shown.current = shown.prelabel or _bare(gold.truth)
    return shown


def _bare(truth: Revision) -> Revision:
    """The box alone: what a face that a person drew in a sweep begins with. Not to be saved."""
    bare = copy(truth)
    for name, value in Revision.columns_of(FaceLabels(box=truth.labels.box)).items():
        setattr(bare, name, value)
    return bare
