"""Questions about a face and answers to them."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils import timezone

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict, Invalid, NotAllowed
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceNote
from annotator.work.selectors.notes import Link, Reader

LONGEST: Final = 1000
MOST_OPEN: Final = 20


@transaction.atomic
def question_ask(*, face: Face, reader: Reader, text: str) -> FaceNote:
    """Ask about a face; ``reader`` comes from ``notes_access``.

    Raises Invalid for an empty or too long text, Conflict ``many_questions`` after MOST_OPEN open ones by this
    person on the face.
    """
    open_ones = FaceNote.objects.filter(
        face=face, author=reader.user, question__isnull=True, resolved_at__isnull=True
    )
    if open_ones.count() >= MOST_OPEN:
        raise Conflict(
            "many_questions", f"You have {MOST_OPEN} open questions about this face: wait for an answer."
        )
    question = FaceNote.objects.create(
        dataset_id=face.dataset_id,
        face=face,
        author=reader.user,
        text=_checked(text),
        is_private=reader.link == Link.TESTED,
    )
    audit(actor=reader.user, verb="question.asked", target=face, dataset_id=face.dataset_id, note=question.pk)
    return question


@transaction.atomic
def answer_give(*, question: FaceNote, reader: Reader, text: str) -> FaceNote:
    """Answer a question that ``question_access`` gave; the person who asked is told.

    A word of the asker's own on a resolved question opens it again. Locks the question. Raises Invalid.
    """
    locked = FaceNote.objects.select_for_update().get(pk=question.pk)
    own = locked.author_id == reader.user.pk
    answer = FaceNote.objects.create(
        dataset_id=locked.dataset_id,
        face_id=locked.face_id,
        question=locked,
        author=reader.user,
        addressee_id=None if own else locked.author_id,
        text=_checked(text),
        is_private=locked.is_private,
    )
    if own and locked.resolved_at is not None:
        _resolve(locked, by=None)
    audit(
        actor=reader.user,
        verb="question.answered",
        target=question.face,
        dataset_id=locked.dataset_id,
        note=locked.pk,
    )
    return answer


@transaction.atomic
def question_resolve(*, question: FaceNote, reader: Reader, resolved: bool) -> FaceNote:
    """Close a question, or open it again; does nothing where that is so already. Locks the question.

    Raises NotAllowed for anybody but the person who asked, adjudicators and admins.
    """
    locked = FaceNote.objects.select_for_update().get(pk=question.pk)
    if not reader.runs_the_dataset and locked.author_id != reader.user.pk:
        raise NotAllowed("not_your_question", "Who asked, an adjudicator or an admin can close a question.")
    if resolved == (locked.resolved_at is not None):
        return locked
    _resolve(locked, by=reader.user if resolved else None)
    audit(
        actor=reader.user,
        verb="question.resolved" if resolved else "question.opened",
        target=question.face,
        dataset_id=locked.dataset_id,
        note=locked.pk,
    )
    return locked


def answers_seen(*, user: User, dataset: Dataset, up_to: int) -> int:
    """Note that the person was shown the answers to their questions up to this id; how many were new."""
    return FaceNote.objects.filter(
        addressee=user, dataset=dataset, seen_at__isnull=True, pk__lte=up_to
    ).update(seen_at=timezone.now())


def _resolve(question: FaceNote, *, by: User | None) -> None:
    question.resolved_by = by
    question.resolved_at = None if by is None else timezone.now()
    question.save(update_fields=["resolved_by", "resolved_at"])


def _checked(text: str) -> str:
    text = text.strip()
    if not 1 <= len(text) <= LONGEST:
        raise Invalid("text", f"Write 1 to {LONGEST} characters.")
    return text
