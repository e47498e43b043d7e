"""Closed faces come back into the queue as a new round, with a reason."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Least

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState
from annotator.faces.services import CLOSED, face_lock
from annotator.images.models import Verdict
from annotator.work.models import PassKind
from annotator.work.services.levels import order_in_force
from annotator.work.services.opening import item_for_face

BATCH: Final = 100
LONGEST_REASON: Final = 300


@transaction.atomic
def face_reopen(*, face: Face, actor: User, reason: str) -> Face:
    """Start a new round for a closed face; its labels stay as the base that people start from.

    Locks the face. Raises Invalid without a reason, Conflict ``not_closed`` for a face that is still in work,
    ``image_verdict`` while its image is rejected or quarantined, ``too_small`` while the policy's size rule
    does not offer it.
    """
    reason = _checked(reason)
    locked = face_lock(face_id=face.pk)
    if locked.state not in CLOSED:
        raise Conflict("not_closed", "This face is still in work, so there is nothing to reopen.")
    if locked.image.verdict != Verdict.NONE:
        raise Conflict(
            "image_verdict",
            f"The image of this face is {locked.image.verdict}: take that back before you reopen the face.",
        )
    dataset = Dataset.objects.select_related("policy").get(pk=locked.dataset_id)
    if (
        dataset.policy is not None
        and locked.current is not None
        and not dataset.policy.policy.is_offered(locked.current.labels)
    ):
        raise Conflict(
            "too_small",
            f"Its smaller side is {locked.current.labels.box.min_side:.0f} px; the policy offers only faces over "
            f"{dataset.policy.policy.min_side_px:g} px.",
        )
    before = {"state": locked.state, "round": locked.round}
    locked.state = FaceState.WAITING
    locked.round += 1
    locked.closed_at = locked.accepted_policy = None
    locked.age_mean = locked.age_sd = None
    locked.age_n = 0
    locked.save(
        update_fields=["state", "round", "closed_at", "accepted_policy", "age_mean", "age_sd", "age_n"]
    )
    order = order_in_force(dataset_id=locked.dataset_id)
    item_for_face(face=locked, kind=PassKind.ANNOTATE, reason=f"Reopened: {reason}", order=order).save()
    audit(
        actor=actor,
        verb="face.reopened",
        target=locked,
        dataset_id=locked.dataset_id,
        reason=reason,
        before=before,
    )
    return locked


def faces_reopenable(*, dataset: Dataset, faces: QuerySet[Face]) -> QuerySet[Face]:
    """Those of ``faces`` that ``faces_reopen`` would reopen: closed, offered by the size rule, on images in use."""
    least = dataset.policy.policy.min_side_px if dataset.policy else 0.0
    min_side = Least(F("current__x2") - F("current__x1"), F("current__y2") - F("current__y1"))
    return (
        faces.filter(dataset=dataset, state__in=CLOSED, image__verdict=Verdict.NONE)
        .annotate(reopen_min_side=min_side)
        .filter(reopen_min_side__gt=least)
    )


def faces_reopen(*, dataset: Dataset, faces: QuerySet[Face], actor: User, reason: str, dry_run: bool) -> int:
    """Reopen every face of ``faces`` that is closed; how many that are. ``dry_run`` only counts.

    Faces are taken in the order of their ids, BATCH in a transaction: other people's work waits for none of it,
    and what was reopened before an interruption stays reopened. Faces that are in work by now are left alone.
    """
    reason = _checked(reason)
    chosen = faces_reopenable(dataset=dataset, faces=faces)
    if dry_run:
        return chosen.count()
    count = 0
    ids = list(chosen.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        with transaction.atomic():
            for pk in ids[start : start + BATCH]:
                count += _reopen_if_closed(pk=pk, actor=actor, reason=reason)
    if count:
        audit(
            actor=actor,
            verb="faces.reopened",
            target=dataset,
            dataset_id=dataset.pk,
            reason=reason,
            count=count,
        )
    return count


def _reopen_if_closed(*, pk: int, actor: User, reason: str) -> int:
    try:
        face_reopen(face=Face(pk=pk), actor=actor, reason=reason)
    except Conflict:
        return 0
    return 1


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Invalid("reason", "Say why: the reason stays with the face and its next annotator reads it.")
    return reason[:LONGEST_REASON]
