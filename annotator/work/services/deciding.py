"""What follows for a face from a counted pass: the next check, a dispute, or the end of the round."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from annotator.datasets.models import PolicyVersion
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.work.models import Acceptance, PassKind
from annotator.work.services.opening import item_for_face
from jfa_pipeline.aggregate.age import AgeSummary, summarise_ages
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import NOT_A_FACE

COUNTED_KINDS: Final = (RevisionKind.ANNOTATE, RevisionKind.CHECK, RevisionKind.ADJUDICATE)


def face_move_on(*, face: Face, labels: FaceLabels, checks_done: int, policy_version: PolicyVersion) -> None:
    """After an agreeing pass: too small, the next check, or closed.

    ``face`` is locked, ``labels`` are its current ones, the revision is stored and its item closed.
    """
    policy = policy_version.policy
    if NOT_A_FACE not in labels.flags and not policy.is_offered(labels):
        face_close(face=face, state=FaceState.TOO_SMALL, labels=labels, policy_version=policy_version)
    elif checks_done >= policy.checks:
        face_accept(face=face, labels=labels, policy_version=policy_version)
    else:
        face.state = FaceState.CHECKING
        face.save(update_fields=["state", "needs_person"])
        item_for_face(face=face, kind=PassKind.CHECK, pass_number=checks_done + 1).save()


def face_dispute(*, face: Face, reason: str) -> None:
    """Two people differ: somebody else decides."""
    face.state = FaceState.DISPUTED
    face.save(update_fields=["state"])
    item_for_face(face=face, kind=PassKind.ADJUDICATE, reason=reason, dispute=True).save()


def face_accept(*, face: Face, labels: FaceLabels, policy_version: PolicyVersion) -> None:
    """The round ends with these labels: accepted, or rejected if they say that it is not a face (J05).

    An acceptance is noted in the same transaction for the economy of the loop, which is above this app.
    """
    state = FaceState.REJECTED if NOT_A_FACE in labels.flags else FaceState.ACCEPTED
    face_close(face=face, state=state, labels=labels, policy_version=policy_version)
    if state == FaceState.ACCEPTED:
        assert face.current is not None  # noqa: S101  # the labels that are accepted
        acceptance = Acceptance(face=face, round=face.round, revision=face.current, age_mean=face.age_mean)
        Acceptance.objects.bulk_create([acceptance], ignore_conflicts=True)


def face_close(*, face: Face, state: FaceState, labels: FaceLabels, policy_version: PolicyVersion) -> None:
    """Close a locked face under a policy version; its age is the summary over everybody of the round (J07)."""
    ages = AgeSummary(mean=None, sd=None, n=0)
    if state == FaceState.ACCEPTED and "age" not in policy_version.policy.removed_by(labels.flags):
        ages = summarise_ages(round_ages(face=face))
    face.state = state
    face.age_mean, face.age_sd, face.age_n = ages.mean, ages.sd, ages.n
    face.accepted_policy = policy_version
    face.closed_at = timezone.now()
    face.save(
        update_fields=[
            "state",
            "needs_person",
            "age_mean",
            "age_sd",
            "age_n",
            "accepted_policy",
            "closed_at",
        ]
    )


def round_ages(*, face: Face) -> list[float]:
    """The apparent ages in years that different people gave in the face's present round, oldest first."""
    return [
        age
        for age in Revision.objects.filter(
            face=face, round=face.round, kind__in=COUNTED_KINDS, age__isnull=False
        )
        .order_by("pk")
        .values_list("age", flat=True)
        if age is not None
    ]
