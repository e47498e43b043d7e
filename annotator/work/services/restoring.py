"""An earlier version of a face's labels becomes the current one again, as a new revision."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Final

from django.db import transaction

from annotator.accounts.models import AuditEntry, User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict, Invalid, NotFound
from annotator.datasets.models import Dataset, PolicyVersion
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.faces.services import CLOSED, base_check, face_lock
from annotator.images.models import Verdict
from annotator.work.selectors.versions import round_ages
from annotator.work.services.geometry import labels_fit
from annotator.work.services.reopening import face_reopen
from jfa_pipeline.aggregate.age import AgeSummary, summarise_ages
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import NOT_A_FACE, Policy

LONGEST_REASON: Final = 250
AGE_COLUMNS: Final = ("age_mean", "age_sd", "age_n", "age_corrected", "age_corrected_error")


@transaction.atomic
def face_restore(
    *, face: Face, revision_id: int, base_revision: int, actor: User, reason: str, check_again: bool = False
) -> Face:
    """Make an earlier version current again; the chain grows by a ``restore`` revision and loses nothing.

    A closed face stays closed, with a note: its labels are checked against the policy in force, and its age stays
    the mean over people (a version's own age is one person's, so it is not copied). ``check_again`` starts a
    new round on the restored labels instead. A face in work keeps its open item; whoever holds it is told at
    the save that the base moved on. Locks the face.

    Raises NotFound for a version of another face or of a gold item, Invalid (``reason_missing``, ``policy`` with the
    violations), Conflict: ``stale_base``, ``already_current``, ``in_work`` (check_again of a face that is in work),
    ``image_turned``, ``image_verdict``, ``prelabel_hidden``, ``needs_check`` (the version says something else
    about whether there is a face that counts: only people decide that).
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Invalid(
            "reason_missing", f"Say in 1 to {LONGEST_REASON} characters why this version comes back."
        )
    locked = face_lock(face_id=face.pk)
    wanted = Revision.objects.filter(pk=revision_id, face=locked).exclude(kind=RevisionKind.PLANTED).first()
    if wanted is None:
        raise NotFound("not_found", f"Face {locked.pk} has no version {revision_id}.")
    base_check(face=locked, base_revision=base_revision, yours=wanted.labels.without_age())
    _refuse_what_cannot_come_back(face=locked, wanted=wanted, check_again=check_again)
    version = Dataset.objects.select_related("policy").get(pk=locked.dataset_id).policy
    assert version is not None  # noqa: S101  # made together with the dataset
    labels, misplaced = labels_fit(labels=wanted.labels.without_age(), image=locked.image)
    if misplaced:
        raise Invalid("policy", misplaced[0].message, violations=[asdict(one) for one in misplaced])
    stays_closed = locked.state in CLOSED and not check_again
    if stays_closed:
        _check_closed(face=locked, labels=labels, policy=version.policy)
    before = {"state": locked.state, "round": locked.round, "version": locked.current_id}
    _make_current(face=locked, wanted=wanted, labels=labels, actor=actor, version=version, reason=reason)
    if stays_closed:
        _keep_closed(face=locked, labels=labels, version=version)
    audit(
        actor=actor,
        verb="face.restored",
        target=locked,
        dataset_id=locked.dataset_id,
        restored=wanted.pk,
        version=locked.current_id,
        reason=reason,
        check_again=check_again,
        before=before,
    )
    if check_again:
        locked = face_reopen(face=locked, actor=actor, reason=f"version {wanted.pk} was restored: {reason}")
    return locked


def _refuse_what_cannot_come_back(*, face: Face, wanted: Revision, check_again: bool) -> None:
    if wanted.pk == face.current_id:
        raise Conflict("already_current", "This version is the current one; there is nothing to restore.")
    if check_again and face.state not in CLOSED:
        raise Conflict("in_work", "This face is in work, so people look at it anyway: restore it as it is.")
    if face.image.verdict != Verdict.NONE:
        raise Conflict(
            "image_verdict",
            f"The image of this face is {face.image.verdict}: take that back before you restore a version.",
        )
    if face.hides_prelabel and wanted.kind == RevisionKind.PRELABEL:
        raise Conflict(
            "prelabel_hidden",
            "People label this face without seeing its pre-label, so it cannot become what they start from.",
        )
    turned = AuditEntry.objects.filter(
        target_type="image", target_id=face.image_id, verb="image_rotate", at__gt=wanted.created_at
    )
    if turned.exists():
        raise Conflict(
            "image_turned",
            "The image was turned after this version was made, so its coordinates no longer fit. "
            "Label the face anew instead.",
        )


def _check_closed(*, face: Face, labels: FaceLabels, policy: Policy) -> None:
    """Refuse labels that a closed face may not have: a new verdict, or against the policy in force."""
    says = FaceState.ACCEPTED
    if NOT_A_FACE in labels.flags:
        says = FaceState.REJECTED
    elif not policy.is_offered(labels):
        says = FaceState.TOO_SMALL
    if says != face.state:
        words = {
            FaceState.ACCEPTED: "it is a face that counts",
            FaceState.REJECTED: "it is not a face",
            FaceState.TOO_SMALL: "it is too small for the policy in force",
        }
        raise Conflict(
            "needs_check",
            f"By this version {words[says]}, but the face is {face.get_state_display().lower()}. "
            "Restore it and have it checked again.",
            state=face.state,
        )
    if says != FaceState.ACCEPTED:
        return
    found = policy.violations(labels)
    if _ages(face=face, labels=labels, policy=policy).n:
        found = [violation for violation in found if violation.code != "age_missing"]
    if found:
        raise Invalid(
            "policy",
            " ".join(violation.message for violation in found)
            + " Restore this version and have it checked again, so that people add what is missing.",
            violations=[asdict(violation) for violation in found],
        )


def _make_current(
    *,
    face: Face,
    wanted: Revision,
    labels: FaceLabels,
    actor: User,
    version: PolicyVersion,
    reason: str,
) -> None:
    face.current = Revision.objects.create(
        face=face,
        parent_id=face.current_id,
        kind=RevisionKind.RESTORE,
        round=face.round,
        author=actor,
        policy=version,
        comment=f"Version {wanted.pk} restored. {reason}",
        **Revision.columns_of(replace(labels, age=None)),
    )
    face.save(update_fields=["current"])


def _keep_closed(*, face: Face, labels: FaceLabels, version: PolicyVersion) -> None:
    """The acceptance stays, now under the policy that the labels were checked against."""
    face.accepted_policy = version
    if face.state == FaceState.ACCEPTED:
        ages = _ages(face=face, labels=labels, policy=version.policy)
        face.age_mean, face.age_sd, face.age_n = ages.mean, ages.sd, ages.n
        if ages.mean is None:
            face.age_corrected = face.age_corrected_error = None
    face.save(update_fields=["accepted_policy", *AGE_COLUMNS])


def _ages(*, face: Face, labels: FaceLabels, policy: Policy) -> AgeSummary:
    """The age of a closed face with these labels: as it is, none under a flag, and back once the flag is gone."""
    if "age" in policy.removed_by(labels.flags):
        return AgeSummary(mean=None, sd=None, n=0)
    if face.age_mean is not None:
        return AgeSummary(mean=face.age_mean, sd=face.age_sd, n=face.age_n)
    return summarise_ages(round_ages(face=face))
