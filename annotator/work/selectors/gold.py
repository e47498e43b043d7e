"""Gold items as the person sees them: nothing in them differs from ordinary work (decision 0024)."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any, Final

from annotator.accounts.models import User
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.work.models import Gold, Pass, PassKind, WorkItem
from jfa_pipeline.core.labels import FaceLabels

STATE_SHOWN: Final = {PassKind.ANNOTATE: FaceState.WAITING, PassKind.CHECK: FaceState.CHECKING}


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


@dataclass(frozen=True, slots=True)
class FaceAnswered:
    """A gold face as the person who answered it may look back at it: their own answer on top of what was shown.

    face and versions are copies that must not be saved. open_item: what an ordinary face would wait for next.
    """

    face: Face
    versions: list[Revision]
    check_numbers: dict[int, int]
    open_item: dict[str, Any] | None


def faces_answered(*, user: User, face_ids: Iterable[int]) -> dict[int, FaceAnswered]:
    """Faces as they stood for this person after their answers to gold, by id; without those they gave none to.

    Three queries, however many faces.
    """
    passes = (
        Pass.objects.filter(
            face__in=list(face_ids), user=user, is_gold=True, counted=True, revision__isnull=False
        )
        .select_related("item", "revision__author", "revision__policy")
        .order_by("pk")
    )
    newest = {made.face_id: made for made in passes if made.face_id is not None}
    golds = gold_of_items(made.item for made in newest.values())
    authors = _first_authors(newest)
    return {pk: _answered(made, golds[made.item_id], authors.get(pk)) for pk, made in newest.items()}


def _answered(made: Pass, gold: Gold, author: User | None) -> FaceAnswered:
    assert made.revision is not None  # noqa: S101  # the caller asks for those that have one
    face = face_shown(gold, round_number=made.round)
    base, answer = copy(face.current), copy(made.revision)
    assert base is not None  # noqa: S101  # face_shown sets it
    answer.kind, answer.parent_id = made.kind, base.pk
    chain = [answer]
    if gold.planted is not None:
        base.kind, base.author = RevisionKind.ANNOTATE, author
        base.parent_id = face.prelabel_id
        chain = [base, answer]
    elif face.prelabel is None:
        base.kind, base.author = RevisionKind.SWEEP, author
        chain = [base, answer]
    if face.prelabel is not None:
        chain = [face.prelabel, *chain]
    face.state = made.answer["state"]
    changed = made.kind == PassKind.ANNOTATE or (
        face.state != FaceState.DISPUTED and not answer.labels.same_but_age(base.labels)
    )
    face.current = answer if changed else base
    return FaceAnswered(face, chain, {answer.pk: made.item.pass_number}, _next_item(face, made.item))


def _next_item(face: Face, item: WorkItem) -> dict[str, Any] | None:
    if face.state == FaceState.CHECKING:
        return {"kind": PassKind.CHECK.value, "pass_number": item.pass_number + 1, "leased_to": None}
    if face.state == FaceState.DISPUTED:
        return {"kind": PassKind.ADJUDICATE.value, "pass_number": 0, "leased_to": None}
    return None


def _first_authors(face_ids: Iterable[int]) -> dict[int, User]:
    """Who labelled each face first; planted labels pass for theirs."""
    labelled = Revision.objects.filter(
        face__in=list(face_ids), kind=RevisionKind.ANNOTATE, author__isnull=False
    )
    rows = labelled.select_related("author").only("face_id", "author").order_by("-pk")
    return {row.face_id: row.author for row in rows if row.author is not None}
