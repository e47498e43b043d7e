"""Closed faces come back into the queue as a new round, with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction
from django.db.models import F

from annotator.accounts.models import User
from annotator.accounts.services import audit, audit_each
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState
from annotator.faces.services import CLOSED, face_lock
from annotator.images.models import Verdict
from annotator.work.models import PassKind, WorkItem
from annotator.work.services.levels import order_in_force
from annotator.work.services.opening import item_for_face

LONGEST_REASON: Final = 300
ROUND_BEGINS: Final[Mapping[str, object]] = {
    "state": FaceState.WAITING,
    "closed_at": None,
    "accepted_policy": None,
    "age_mean": None,
    "age_sd": None,
    "age_n": 0,
    "age_corrected": None,
    "age_corrected_error": None,
}
"""Columns of a face at the start of a later round."""


@transaction.atomic
def face_reopen(*, face: Face, actor: User, reason: str) -> Face:
    """Start a new round for a closed face; its labels stay as the base that people start from.

    Locks the face. Raises Invalid without a reason, Conflict ``not_closed`` for a face that is still in work,
    ``image_verdict`` while its image is rejected or quarantined, ``too_small`` while the policy's size rule
    does not offer it.
    """
    reason = reason_checked(reason)
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
    locked.round += 1
    for column, value in ROUND_BEGINS.items():
        setattr(locked, column, value)
    locked.save(update_fields=["round", *ROUND_BEGINS])
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


def faces_reopen(*, dataset: Dataset, face_ids: Sequence[int], actor: User | None, reason: str) -> None:
    """Start a new round for faces that may be reopened (``selectors.bulk``); the caller has locked them.

    As many statements for many faces as for one; each face gets its entry in the audit trail.
    """
    closed = Face.objects.filter(pk__in=face_ids)
    before = {
        pk: {"state": state, "round": number}
        for pk, state, number in closed.values_list("pk", "state", "round")
    }
    closed.update(round=F("round") + 1, **ROUND_BEGINS)
    faces = list(closed.select_related("image", "prelabel").order_by("pk"))
    order = order_in_force(dataset_id=dataset.pk)
    WorkItem.objects.bulk_create(
        item_for_face(face=face, kind=PassKind.ANNOTATE, reason=f"Reopened: {reason}", order=order)
        for face in faces
    )
    audit_each(
        actor=actor,
        verb="face.reopened",
        dataset_id=dataset.pk,
        targets=[(face, {"reason": reason, "before": before[face.pk]}) for face in faces],
    )


def reason_checked(reason: str) -> str:
    """The reason without blanks around it, cut to LONGEST_REASON. Raises Invalid ``reason`` if nothing is left."""
    reason = reason.strip()
    if not reason:
        raise Invalid("reason", "Say why: the reason stays with the face and its next annotator reads it.")
    return reason[:LONGEST_REASON]
