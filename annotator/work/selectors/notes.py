"""Questions about faces and their answers: who may see which, and what is new for whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from annotator.accounts.models import User
from annotator.common.errors import NotAllowed, NotFound
from annotator.datasets.access import LABELLERS, dataset_access
from annotator.datasets.models import Dataset, Membership, Role
from annotator.faces.blind_text import without_ages
from annotator.faces.models import Face, FaceNote, Revision, RevisionKind
from annotator.faces.selectors import ages_are_open, face_access, made_by_person
from annotator.work.models import ItemState, WorkItem

RUNNERS: Final = (Role.ADMIN, Role.ADJUDICATOR)
"""Those who see every question of a dataset."""


class Link(Enum):
    """What a person has to do with a face: nothing, work on it, or a test with it (a gold item) and nothing else."""

    NONE = "none"
    TESTED = "tested"
    WORKED = "worked"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads or writes notes on a face."""

    user: User
    role: Role
    link: Link

    @property
    def runs_the_dataset(self) -> bool:
        return self.role in RUNNERS


@dataclass(frozen=True, slots=True)
class Line:
    """A question or an answer as its reader may see it. ``author``: a name, or who they are for annotators."""

    id: int
    author: str
    is_mine: bool
    text: str
    created_at: object


@dataclass(slots=True)
class Thread:
    """A question with its answers, oldest first."""

    question: FaceNote
    line: Line
    answers: list[Line] = field(default_factory=list)

    @property
    def is_resolved(self) -> bool:
        return self.question.resolved_at is not None


def link_of(*, user: User, face: Face) -> Link:
    """What the person has to do with the face. At most four indexed look-ups."""
    if made_by_person(user.pk, face=face).exists():
        return Link.WORKED
    held = WorkItem.objects.filter(face=face, leased_to=user, state=ItemState.OPEN)
    if held.filter(gold__isnull=True).exists():
        return Link.WORKED
    answered = Revision.objects.filter(face=face, author=user, kind=RevisionKind.PLANTED)
    return Link.TESTED if answered.exists() or held.exists() else Link.NONE


def notes_access(*, user: User | AnonymousUser, face_id: int) -> tuple[Face, Reader]:
    """The face and its reader: admins and adjudicators always, annotators for faces that they work or worked on.

    Raises NotFound where ``dataset_access`` would, NotAllowed for the others.
    """
    face, _, role = face_access(user=user, face_id=face_id, roles=LABELLERS)
    assert isinstance(user, User)  # noqa: S101  # only users have a role
    reader = Reader(user, role, link_of(user=user, face=face))
    if reader.link == Link.NONE and not reader.runs_the_dataset:
        raise NotAllowed("not_your_face", "You can ask and answer about faces that you work or worked on.")
    return face, reader


def question_access(*, user: User | AnonymousUser, question_id: int) -> tuple[FaceNote, Reader]:
    """A question that this person may see. Raises NotFound (also for an answer's id) and NotAllowed."""
    question = FaceNote.objects.select_related("face").filter(pk=question_id, question__isnull=True).first()
    if question is None:
        raise NotFound()
    face, reader = notes_access(user=user, face_id=question.face_id)
    if not _visible(FaceNote.objects.filter(pk=question.pk), reader).exists():
        raise NotFound()
    question.face = face
    return question, reader


def threads_of_face(*, face: Face, reader: Reader) -> list[Thread]:
    """The questions about a face that the reader may see, oldest first; three queries."""
    questions = FaceNote.objects.filter(face=face, question__isnull=True)
    return threads_of(_visible(questions, reader).order_by("id"), user=reader.user, role=reader.role)


def question_list(*, dataset: Dataset, is_open: bool | None) -> QuerySet[FaceNote]:
    """Every question of a dataset, to be paged by id; the caller has checked that the reader runs it.

    is_open: only unresolved ones, only resolved ones, or (None) both.
    """
    found = FaceNote.objects.filter(dataset=dataset, question__isnull=True)
    return found if is_open is None else found.filter(resolved_at__isnull=is_open)


def open_questions_count(*, dataset: Dataset) -> int:
    """Unresolved questions; read from a partial index of those alone."""
    return FaceNote.objects.filter(dataset=dataset, question__isnull=True, resolved_at__isnull=True).count()


def unseen_answers_count(*, user: User, dataset: Dataset) -> int:
    """Answers to the person's questions that they have not seen; read from a partial index of those alone."""
    return FaceNote.objects.filter(addressee=user, dataset=dataset, seen_at__isnull=True).count()


def answered_questions(*, user: User, dataset: Dataset, limit: int) -> tuple[list[Thread], set[int]]:
    """The person's own questions that others answered, latest answer first, and the ids of unseen answers."""
    latest = list(
        FaceNote.objects.filter(addressee=user, dataset=dataset)
        .order_by("-id")
        .values_list("id", "question_id", "seen_at")[: 4 * limit]
    )
    order = list(dict.fromkeys(question for _, question, _ in latest))[:limit]
    _, role = dataset_access(user=user, dataset_id=dataset.pk)
    threads = {
        thread.question.pk: thread
        for thread in threads_of(FaceNote.objects.filter(pk__in=order), user=user, role=role)
    }
    unseen = {answer for answer, _, seen_at in latest if seen_at is None}
    return [threads[pk] for pk in order if pk in threads], unseen


def threads_of(questions: Iterable[FaceNote] | QuerySet[FaceNote], *, user: User, role: Role) -> list[Thread]:
    """Questions with their answers as this reader may see them, in the order given; three queries.

    Numbers that could be an age are hidden from whoever may not see ages of the face yet; annotators are not
    told who wrote, only whether it was somebody who runs the dataset.
    """
    if isinstance(questions, QuerySet):
        questions = questions.select_related("author", "face", "resolved_by")
    asked = list(questions)
    answers = list(
        FaceNote.objects.filter(question__in=[one.pk for one in asked])
        .select_related("author")
        .order_by("id")
    )
    authors = {note.author_id for note in [*asked, *answers]}
    runners = _runners(dataset_ids={one.dataset_id for one in asked}, users=authors)
    by_question: dict[int | None, list[FaceNote]] = defaultdict(list)
    for answer in answers:
        by_question[answer.question_id].append(answer)
    threads = []
    for one in asked:
        ages_open = ages_are_open(role=role, state=one.face.state)

        def line(note: FaceNote, ages_open: bool = ages_open) -> Line:
            return _line(note, user=user, role=role, ages_open=ages_open, runners=runners)

        threads.append(Thread(one, line(one), [line(answer) for answer in by_question[one.pk]]))
    return threads


def _line(note: FaceNote, *, user: User, role: Role, ages_open: bool, runners: set[int]) -> Line:
    mine = note.author_id == user.pk
    if mine or role in RUNNERS:
        author = note.author.name
    else:
        author = "an adjudicator or admin" if note.author_id in runners else "a colleague"
    text = note.text if mine or ages_open else without_ages(note.text)
    return Line(id=note.pk, author=author, is_mine=mine, text=text, created_at=note.created_at)


def _runners(*, dataset_ids: set[int], users: set[int]) -> set[int]:
    """Which of these people run the datasets now."""
    members = Membership.objects.filter(dataset__in=dataset_ids, user__in=users, role__in=RUNNERS)
    everywhere = User.objects.filter(pk__in=users, is_superuser=True)
    return set(members.values_list("user_id", flat=True).union(everywhere.values_list("pk", flat=True)))


def _visible(questions: QuerySet[FaceNote], reader: Reader) -> QuerySet[FaceNote]:
    """Those of the questions that the reader may see.

    Somebody who was only tested with a face sees their own: other questions would tell that the face is gold,
    and the answers what is right. For the same reason theirs are hidden from others who worked on it.
    """
    if reader.runs_the_dataset:
        return questions
    mine = questions.filter(author=reader.user)
    return mine | questions.filter(is_private=False) if reader.link == Link.WORKED else mine
