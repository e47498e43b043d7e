"""The tutorial and the guide: what people practise on, how far they are, and what the dataset shows as examples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotator.accounts.models import User
from annotator.common.errors import NotFound
from annotator.datasets.access import LABELLERS, dataset_access
from annotator.datasets.models import Dataset, Role
from annotator.faces.models import Face, FaceState
from annotator.images.models import Verdict
from annotator.quality.models import Guide, GuideExample, TutorialAnswer, TutorialFace, TutorialRun
from annotator.work.models import Gold
from jfa_pipeline.core.labels import HIDDEN, MISSING, FaceLabels
from jfa_pipeline.metrics.skill import face_axes

LOOKED_AT: Final = 500
"""Newest accepted faces among which faces for the tutorial are looked for."""

LESSONS: Final = ("points", "fit", "age", "flags", "alone")
"""What each place of the tutorial teaches, in order."""

RARE_FIRST: Final = ("flags", "alone", "age", "points", "fit")

YOUNG_YEARS: Final = 16.0
OLD_YEARS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a person is. ``answers``: by tutorial face, only of faces that are offered."""

    offered: list[TutorialFace]
    answers: dict[int, TutorialAnswer]
    run: TutorialRun | None

    @property
    def done(self) -> int:
        return len(self.answers)

    @property
    def is_complete(self) -> bool:
        return bool(self.offered) and len(self.answers) == len(self.offered)


@dataclass(frozen=True, slots=True)
class LessonUse:
    """A face of the tutorial and how many people's answer to it is kept."""

    lesson: TutorialFace
    people: int

    @property
    def suspended(self) -> str:
        """Why it is not offered although it is in use; empty if it is."""
        face = self.lesson.face
        if face.state != FaceState.ACCEPTED:
            return f"Its face is {face.state} now."
        return f"Its image is {face.image.verdict}." if face.image.verdict != Verdict.NONE else ""


def tutorial_offered(*, dataset: Dataset) -> QuerySet[TutorialFace]:
    """Faces in use whose labels can be trusted now, in the order of the lessons."""
    return tutorial_faces(dataset=dataset).filter(
        is_active=True, face__state=FaceState.ACCEPTED, face__image__verdict=Verdict.NONE
    )


def tutorial_faces(*, dataset: Dataset) -> QuerySet[TutorialFace]:
    """All tutorial faces, also those out of use, in the order of the lessons."""
    return (
        TutorialFace.objects.filter(dataset=dataset)
        .select_related("truth", "face__image", "face__prelabel", "created_by")
        .order_by("position", "pk")
    )


def tutorial_uses(*, dataset: Dataset) -> list[LessonUse]:
    """All tutorial faces with how many people answered them; one query."""
    found = tutorial_faces(dataset=dataset).annotate(people=Count("answers"))
    return [LessonUse(lesson, lesson.people) for lesson in found]


def tutorial_progress(*, dataset: Dataset, user: User) -> Progress:
    """Three queries."""
    offered = list(tutorial_offered(dataset=dataset))
    run = TutorialRun.objects.filter(dataset=dataset, user=user).first()
    given = [] if run is None else TutorialAnswer.objects.filter(run=run, tutorial_face__in=offered)
    return Progress(offered, {answer.tutorial_face_id: answer for answer in given}, run)


def tutorial_face_access(
    *, user: User, tutorial_face_id: int, roles: tuple[Role, ...] = LABELLERS
) -> TutorialFace:
    """The tutorial face; raises NotFound or NotAllowed like ``dataset_access``. Its dataset has the policy loaded."""
    found = TutorialFace.objects.filter(pk=tutorial_face_id).select_related(
        "truth", "face__image", "face__prelabel"
    )
    lesson = found.first()
    if lesson is None:
        raise NotFound()
    lesson.dataset, _ = dataset_access(user=user, dataset_id=lesson.dataset_id, roles=roles)
    return lesson


def labels_to_begin_with(lesson: TutorialFace) -> FaceLabels:
    """What the person sees first: the pre-label as on an ordinary face, or the bare box. Without an age."""
    prelabel = lesson.face.prelabel
    labels = FaceLabels(box=lesson.truth.labels.box) if prelabel is None else prelabel.labels
    return labels.without_age()


def tutorial_candidates(*, dataset: Dataset) -> list[Face]:
    """Accepted faces that nobody is tested with, newest first: no gold, also none that was, and no example."""
    gold = Gold.objects.filter(face=OuterRef("pk"))
    return list(
        Face.objects.filter(
            ~Exists(gold),
            dataset=dataset,
            state=FaceState.ACCEPTED,
            image__verdict=Verdict.NONE,
            tutorial_face__isnull=True,
            guide_example__isnull=True,
        )
        .select_related("current", "prelabel", "image")
        .order_by("-pk")[:LOOKED_AT]
    )


def lessons_chosen(faces: Iterable[Face], count: int = len(LESSONS)) -> list[Face]:
    """The best ``count`` faces for the lessons in turn, each face once; fewer where there are fewer.

    points: frontal, large, every point placed. fit: the same, next best. age: a child or an old person.
    flags: one with a flag, or with hidden points. alone: turned or small. Ties: the first. What is rare is taken
    first, so that a plain face is not spent where any would do.
    """
    left = list(faces)
    places = range(min(count, len(left)))
    chosen: dict[int, Face] = {}
    for place in sorted(places, key=lambda place: RARE_FIRST.index(LESSONS[place % len(LESSONS)])):
        lesson = LESSONS[place % len(LESSONS)]
        chosen[place] = max(left, key=lambda face: _fitness(face, lesson))
        left.remove(chosen[place])
    return [chosen[place] for place in places]


def _fitness(face: Face, lesson: str) -> float:
    """How well a face suits a lesson; higher is better, differences within about 1 are small."""
    assert face.current is not None  # noqa: S101  # every face is made together with a revision
    labels = face.current.labels
    size = float(np.log2(labels.box.min_side))
    plain = 0.0 if labels.flags or labels.landmarks is None else 10.0
    turn = turn_of(labels)
    hidden = 0 if labels.visibility is None else int((labels.visibility == HIDDEN).sum())
    if lesson in ("points", "fit"):
        return plain + size - 20 * turn - hidden
    if lesson == "age":
        age = face.age_mean
        tells = age is not None and (age <= YOUNG_YEARS or age >= OLD_YEARS)
        return plain + (5.0 if tells else 0.0) + size / 10
    if lesson == "flags":
        return (20.0 if labels.flags else 0.0) + min(hidden, 5)
    return plain + 20 * turn - size


def turn_of(labels: FaceLabels) -> float:
    """How far a face is turned to a side: the nose tip's distance from the middle of the jaw's ends, in their width.

    About 0 for a frontal face, 0.5 for a profile; 0 without these points.
    """
    if labels.landmarks is None or labels.visibility is None:
        return 0.0
    if (labels.visibility[[0, 16, 30]] == MISSING).any():
        return 0.0
    across = face_axes(labels.landmarks)[0]
    left, right, nose = (labels.landmarks[[0, 16, 30]].astype(np.float64)) @ across
    return 0.0 if right <= left else float(abs(nose - (left + right) / 2) / (right - left))


def guide_text(*, dataset: Dataset) -> str:
    """The dataset's own part of the guide, in Markdown; empty if nobody wrote one."""
    return Guide.objects.filter(dataset=dataset).values_list("text", flat=True).first() or ""


def guide_examples(*, dataset: Dataset) -> QuerySet[GuideExample]:
    """Example pictures that may be shown now: the face is accepted, its image in use, and nobody is tested with it."""
    tested = Gold.objects.filter(face=OuterRef("face"), is_active=True)
    return (
        GuideExample.objects.filter(
            ~Exists(tested),
            Q(face__tutorial_face__isnull=True),
            dataset=dataset,
            face__state=FaceState.ACCEPTED,
            face__image__verdict=Verdict.NONE,
        )
        .select_related("face__current", "face__image")
        .order_by("-is_right", "pk")
    )


def guide_example_access(*, user: User, example_id: int) -> GuideExample:
    """An example, for admins of its dataset. Raises NotFound or NotAllowed like ``dataset_access``."""
    example = GuideExample.objects.filter(pk=example_id).first()
    if example is None:
        raise NotFound()
    dataset_access(user=user, dataset_id=example.dataset_id, roles=(Role.ADMIN,))
    return example
