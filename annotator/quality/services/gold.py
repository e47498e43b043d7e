"""Making faces gold, and taking them out of use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.faces.services import faces_lock
from annotator.images.models import Verdict
from annotator.quality.models import GuideExample, TutorialFace
from annotator.work.models import Gold, PassKind
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.planting import CannotPlant, faults_possible, plant

GOLD_KINDS = (PassKind.ANNOTATE, PassKind.CHECK, PassKind.SWEEP)


@dataclass(frozen=True, slots=True)
class GoldMade:
    """What became gold, and for each face that did not, why."""

    made: list[Gold]
    refused: dict[int, str]


@transaction.atomic
def gold_create(
    *,
    dataset: Dataset,
    face_ids: Sequence[int],
    kind: PassKind,
    actor: User,
    faults: Sequence[str] = (),
    note: str = "",
    seed: int | None = None,
) -> GoldMade:
    """Make accepted faces gold of one kind, with their present labels as the truth.

    check: wrong labels are made from the truth and shown; without ``faults`` one is drawn for each face. sweep: the
    face is left out of what is shown on its image. A face that cannot be gold is named with the reason, the others
    are made. ``seed`` repeats the draws. Raises Invalid for another kind, or faults of what is no check.
    """
    if kind not in GOLD_KINDS:
        raise Invalid("kind", f"Gold tests one of: {', '.join(GOLD_KINDS)}.")
    if faults and kind != PassKind.CHECK:
        raise Invalid("faults", "Wrong labels are planted in checks; leave the faults out.")
    random = np.random.default_rng(seed)
    locked = {face.pk: face for face in faces_lock(dataset=dataset, pk__in=list(face_ids))}
    made: list[Gold] = []
    refused: dict[int, str] = {}
    taken = set(Gold.objects.filter(face__in=list(locked), kind=kind).values_list("face_id", flat=True))
    open_faces = faces_shown_openly(locked)
    for pk in dict.fromkeys(face_ids):
        face = locked.get(pk)
        if face is None:
            refused[pk] = "It is not in this dataset."
        elif pk in taken:
            refused[pk] = f"It is gold for {kind} already."
        elif pk in open_faces:
            refused[pk] = open_faces[pk]
        elif (why := unfit(face)) is not None:
            refused[pk] = why
        else:
            try:
                made.append(_make(face, kind, faults, note, actor, dataset, random))
            except CannotPlant as error:
                refused[pk] = str(error)
    if made:
        audit(
            actor=actor,
            verb="gold.made",
            target=dataset,
            dataset_id=dataset.pk,
            kind=kind,
            faces=[gold.face_id for gold in made],
            faults=list(faults),
            note=note,
        )
    return GoldMade(made, refused)


@transaction.atomic
def gold_update(*, gold: Gold, actor: User, is_active: bool | None = None, note: str | None = None) -> Gold:
    """Take gold out of use or back into it, or change its note; answers already given stay. Locks the row.

    Items that people hold at this moment are theirs to finish: one that vanished would tell what it was.
    """
    locked = Gold.objects.select_for_update(of=("self",)).get(pk=gold.pk)
    changes: dict[str, object] = {}
    if is_active is not None and is_active != locked.is_active:
        locked.is_active = changes["is_active"] = is_active
    if note is not None and note != locked.note:
        locked.note = changes["note"] = note
    if changes:
        locked.save(update_fields=list(changes))
        audit(actor=actor, verb="gold.changed", target=locked, dataset_id=locked.dataset_id, **changes)
    return locked


def faces_shown_openly(face_ids: Iterable[int]) -> dict[int, str]:
    """Those of the faces whose labels people are shown elsewhere, each with why it cannot test anybody."""
    ids = list(face_ids)
    tutorial = TutorialFace.objects.filter(face__in=ids).values_list("face_id", flat=True)
    examples = GuideExample.objects.filter(face__in=ids).values_list("face_id", flat=True)
    return {
        **dict.fromkeys(examples, "The guide shows it as an example, so people know its labels."),
        **dict.fromkeys(tutorial, "It is in the tutorial, which shows people its labels."),
    }


def unfit(face: Face) -> str | None:
    """Why a locked face cannot be gold; None if it can."""
    if face.state != FaceState.ACCEPTED:
        return f"It is {face.state}; only accepted faces have labels to trust."
    if face.image.verdict != Verdict.NONE:
        return f"Its image is {face.image.verdict}."
    return None


def _make(
    face: Face,
    kind: PassKind,
    faults: Sequence[str],
    note: str,
    actor: User,
    dataset: Dataset,
    random: np.random.Generator,
) -> Gold:
    assert face.current is not None  # noqa: S101  # every face is made together with a revision
    planted: Revision | None = None
    chosen = list(faults)
    if kind == PassKind.CHECK:
        assert dataset.policy is not None  # noqa: S101  # made together with the dataset
        policy = dataset.policy.policy
        chosen = chosen or [_drawn_fault(face, policy, random)]
        labels = plant(
            face.current.labels,
            chosen,
            policy,
            width=face.image.width,
            height=face.image.height,
            random=random,
        )
        planted = Revision.objects.create(
            face=face,
            kind=RevisionKind.PLANTED,
            round=face.round,
            policy=dataset.policy,
            **Revision.columns_of(labels),
        )
    return Gold.objects.create(
        dataset=dataset,
        kind=kind,
        image=face.image,
        face=face,
        truth=face.current,
        planted=planted,
        faults=chosen,
        note=note,
        created_by=actor,
    )


def _drawn_fault(face: Face, policy: Policy, random: np.random.Generator) -> str:
    assert face.current is not None  # noqa: S101  # every face is made together with a revision
    return str(random.choice(faults_possible(face.current.labels, policy)))
