"""Choosing faces for the tutorial, taking answers to them, and writing the guide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState
from annotator.faces.services import faces_lock
from annotator.images.models import Verdict
from annotator.quality.models import Guide, GuideExample, TutorialAnswer, TutorialFace, TutorialRun
from annotator.quality.selectors.teaching import lessons_chosen, tutorial_candidates, tutorial_progress
from annotator.quality.services.gold import unfit
from annotator.work.models import Gold
from jfa_pipeline.core.labels import FaceLabels

LONGEST_GUIDE = 20_000
"""Characters of a dataset's own text; a guide that is longer is not read."""


@dataclass(frozen=True, slots=True)
class TutorialMade:
    """Faces that the tutorial has now, and for each face that it could not take, why."""

    made: list[TutorialFace]
    refused: dict[int, str]


@transaction.atomic
def tutorial_add(*, dataset: Dataset, face_ids: Sequence[int], actor: User) -> TutorialMade:
    """Put accepted faces at the end of the tutorial, in this order, with their present labels as the truth.

    A face that is or was gold stays out, because people could know the answer of a test, and so does an example of
    the guide; it is named with the reason, the others are taken. Locks the faces, as making gold does.
    """
    locked = {face.pk: face for face in faces_lock(dataset=dataset, pk__in=list(face_ids))}
    gold = set(Gold.objects.filter(face__in=list(locked)).values_list("face_id", flat=True))
    shown = set(GuideExample.objects.filter(face__in=list(locked)).values_list("face_id", flat=True))
    there = set(TutorialFace.objects.filter(face__in=list(locked)).values_list("face_id", flat=True))
    last = TutorialFace.objects.filter(dataset=dataset).aggregate(last=Max("position"))["last"] or 0
    made: list[TutorialFace] = []
    refused: dict[int, str] = {}
    for pk in dict.fromkeys(face_ids):
        face = locked.get(pk)
        if face is None:
            refused[pk] = "It is not in this dataset."
        elif pk in there:
            refused[pk] = "It is in the tutorial already."
        elif pk in gold:
            refused[pk] = "It is gold: people who saw the answer could not be tested with it."
        elif pk in shown:
            refused[pk] = "The guide shows it as an example."
        elif (why := unfit(face)) is not None:
            refused[pk] = why
        else:
            assert face.current is not None  # noqa: S101  # every face is made together with a revision
            last += 1
            made.append(
                TutorialFace.objects.create(
                    dataset=dataset, face=face, truth=face.current, position=last, created_by=actor
                )
            )
    if made:
        audit(
            actor=actor,
            verb="tutorial.added",
            target=dataset,
            dataset_id=dataset.pk,
            faces=[lesson.face_id for lesson in made],
        )
    return TutorialMade(made, refused)


def tutorial_choose(*, dataset: Dataset, count: int, actor: User) -> TutorialMade:
    """``tutorial_add`` of faces that suit the lessons (``selectors.teaching.lessons_chosen``).

    Raises Conflict ``no_faces`` where no accepted face is free for it.
    """
    chosen = lessons_chosen(tutorial_candidates(dataset=dataset), count)
    if not chosen:
        raise Conflict(
            "no_faces",
            "There is no accepted face that is not gold. Let people finish some faces, or import accepted ones.",
        )
    return tutorial_add(dataset=dataset, face_ids=[face.pk for face in chosen], actor=actor)


@transaction.atomic
def tutorial_face_update(
    *, lesson: TutorialFace, actor: User, is_active: bool | None = None, position: int | None = None
) -> TutorialFace:
    """Take a face out of the tutorial or back into it, or move it to another place. Locks the row."""
    locked = TutorialFace.objects.select_for_update(of=("self",)).get(pk=lesson.pk)
    changes: dict[str, object] = {}
    if is_active is not None and is_active != locked.is_active:
        locked.is_active = changes["is_active"] = is_active
    if position is not None and position != locked.position:
        locked.position = changes["position"] = position
    if changes:
        locked.save(update_fields=list(changes))
        audit(actor=actor, verb="tutorial.changed", target=locked, dataset_id=locked.dataset_id, **changes)
    return locked


@transaction.atomic
def tutorial_answer(*, lesson: TutorialFace, user: User, labels: FaceLabels) -> TutorialAnswer:
    """Keep a person's answer in the place of an earlier one to the same face; the last open face ends the tutorial.

    It is no pass and no revision: nothing about the face, the person's figures or the counters changes. Locks the
    person's run. Raises Conflict ``not_offered`` for a face that is out of use by now, Invalid ``policy``
    with the violations.
    """
    assert lesson.dataset.policy is not None  # noqa: S101  # made together with the dataset
    if broken := lesson.dataset.policy.policy.violations(labels):
        raise Invalid(
            "policy",
            " ".join(violation.message for violation in broken),
            violations=[asdict(violation) for violation in broken],
        )
    face = lesson.face
    if not lesson.is_active or face.state != FaceState.ACCEPTED or face.image.verdict != Verdict.NONE:
        raise Conflict("not_offered", "This face has left the tutorial meanwhile. Go on with the next one.")
    TutorialRun.objects.get_or_create(dataset=lesson.dataset, user=user)
    run = TutorialRun.objects.select_for_update().get(dataset=lesson.dataset, user=user)
    answer, _ = TutorialAnswer.objects.update_or_create(
        run=run,
        tutorial_face=lesson,
        defaults={"labels": labels.to_json(), "answered_at": timezone.now()},
    )
    if run.finished_at is None and tutorial_progress(dataset=lesson.dataset, user=user).is_complete:
        run.finished_at = answer.answered_at
        run.save(update_fields=["finished_at"])
    return answer


@transaction.atomic
def tutorial_restart(*, dataset: Dataset, user: User) -> None:
    """Begin the tutorial again with no answers. Somebody who finished it once stays free to work."""
    run = TutorialRun.objects.select_for_update().filter(dataset=dataset, user=user).first()
    if run is not None:
        run.answers.all().delete()
        run.started_at = timezone.now()
        run.save(update_fields=["started_at"])


@transaction.atomic
def guide_write(*, dataset: Dataset, text: str, actor: User) -> Guide:
    """Replace the dataset's own text; what it said before stays in the audit trail. Raises Invalid if too long."""
    if len(text) > LONGEST_GUIDE:
        raise Invalid("text", f"The text has {len(text)} characters; {LONGEST_GUIDE} are the most.")
    before = Guide.objects.select_for_update(of=("self",)).filter(dataset=dataset).first()
    guide, _ = Guide.objects.update_or_create(dataset=dataset, defaults={"text": text, "updated_by": actor})
    audit(
        actor=actor,
        verb="guide.written",
        target=guide,
        dataset_id=dataset.pk,
        before="" if before is None else before.text,
        after=text,
    )
    return guide


@transaction.atomic
def guide_example_add(
    *, dataset: Dataset, face_id: int, is_right: bool, sentence: str, actor: User
) -> GuideExample:
    """Show an accepted face in the guide; again: with another sentence. Locks the face, as making gold does.

    Raises Invalid for a face that people are tested or taught with, or whose labels nobody has accepted.
    """
    face = next(iter(faces_lock(dataset=dataset, pk=face_id)), None)
    if face is None:
        raise Invalid("face_id", "It is not in this dataset.")
    if (why := _cannot_be_shown(face)) is not None:
        raise Invalid("face_id", why)
    example, _ = GuideExample.objects.update_or_create(
        face=face,
        defaults={
            "dataset": dataset,
            "is_right": is_right,
            "sentence": sentence.strip(),
            "created_by": actor,
        },
    )
    audit(
        actor=actor,
        verb="guide.example_added",
        target=example,
        dataset_id=dataset.pk,
        face=face.pk,
        is_right=is_right,
        sentence=example.sentence,
    )
    return example


@transaction.atomic
def guide_example_remove(*, example: GuideExample, actor: User) -> None:
    """Show the face no longer."""
    audit(
        actor=actor,
        verb="guide.example_removed",
        target=example,
        dataset_id=example.dataset_id,
        face=example.face_id,
        sentence=example.sentence,
    )
    example.delete()


def _cannot_be_shown(face: Face) -> str | None:
    if Gold.objects.filter(face=face).exists():
        return "It is gold: people who saw its labels could not be tested with it."
    if TutorialFace.objects.filter(face=face).exists():
        return "It is in the tutorial: people are to find its labels themselves."
    return unfit(face)
