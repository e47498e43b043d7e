"""What follows for a face from a counted pass: another check, a dispute, or the end of the round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils import timezone

from annotator.common.statements import Statement
from annotator.datasets.models import PolicyVersion
from annotator.faces.models import Face, FaceState
from annotator.faces.rows import FACES
from annotator.work.models import Extra, PassKind
from annotator.work.rows import ITEMS
from annotator.work.selectors.ages import typical_age_sd
from annotator.work.selectors.team import somebody_is_left
from annotator.work.selectors.versions import round_ages, round_versions
from annotator.work.services.combining import face_combine
from annotator.work.services.opening import item_for_face
from jfa_pipeline.aggregate.age import AgeSummary, summarise_ages, wants_another_age
from jfa_pipeline.aggregate.blind import supported_version
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import NOT_A_FACE, Policy

ACCEPT: Final = Statement(
    "work_accept",
    "INSERT INTO work_acceptance (face_id, round, revision_id, age_mean, at)"
    " VALUES (%(face)s, %(round)s, %(revision)s, %(age_mean)s, now()) ON CONFLICT DO NOTHING",
    face="bigint",
    round="smallint",
    revision="bigint",
    age_mean="double precision",
)
ONE_MORE_AGE: Final = "One more age is wanted for this face; everything else is agreed."


def face_move_on(*, face: Face, labels: FaceLabels, checks_done: int, policy_version: PolicyVersion) -> None:
    """After an agreeing pass: too small, the next check, one more age, or the end of the round.

    ``face`` is locked, ``labels`` are its current ones, the revision is stored and its item closed. What happens
    to the face stores its ``current`` too. One more age
    is asked for only while an active member has not been on the face, so that a small team finishes.
    """
    policy = policy_version.policy
    if is_too_small(labels, policy):
        face_close(face=face, state=FaceState.TOO_SMALL, labels=labels, policy_version=policy_version)
    elif checks_done < policy.checks:
        face_check_again(face=face, checks_done=checks_done)
    elif _wants_another_age(face, labels, policy, asked=checks_done + 1) and somebody_is_left(face=face):
        face_check_again(face=face, checks_done=checks_done, extra=Extra.AGE, reason=ONE_MORE_AGE)
    else:
        face_finish(face=face, labels=labels, policy_version=policy_version)


def face_settle(
    *, face: Face, checks_done: int, policy_version: PolicyVersion, differing: Sequence[str], reason: str
) -> None:
    """People differ about a locked face and the policy asks for more checks: a majority, one more, or a dispute.

    A version that more than half of the round's people agree with becomes current and the face moves on. Without
    one somebody else checks the face, up to ``checks_max`` checks and while somebody is left. ``differing``: the
    labels they differ about, told to the next checker; ``reason`` is told to an adjudicator.
    """
    versions = round_versions(face=face)
    policy = policy_version.policy
    at = supported_version([version.labels for version in versions], policy)
    if at is not None:
        assert face.current is not None  # noqa: S101  # every face is made together with a revision
        if not versions[at].labels.same_but_age(face.current.labels):
            face.current = versions[at]
            face.save(update_fields=["current"])
        face_move_on(
            face=face,
            labels=face.current.labels,
            checks_done=checks_done,
            policy_version=policy_version,
        )
    elif (
        policy.on_disagreement == "another_check"
        and checks_done < policy.checks_max
        and somebody_is_left(face=face)
    ):
        parts = ", ".join(differing) or "this face"
        face_check_again(
            face=face,
            checks_done=checks_done,
            extra=Extra.MAJORITY,
            reason=f"People differ about: {parts}. Your check helps to settle it.",
        )
    else:
        face_dispute(face=face, reason=reason)


def face_check_again(*, face: Face, checks_done: int, extra: Extra = Extra.NONE, reason: str = "") -> None:
    """Somebody else checks a locked face next; ``extra`` and ``reason`` say why if the policy's number is made."""
    face.state = FaceState.CHECKING
    FACES.update(face, "state", "needs_person", "current_id")
    item = item_for_face(face=face, kind=PassKind.CHECK, pass_number=checks_done + 1, reason=reason)
    item.extra = extra
    ITEMS.add(item)


def face_finish(*, face: Face, labels: FaceLabels, policy_version: PolicyVersion) -> None:
    """The checks of a locked face are made: accepted, with what was answered blind combined over everybody.

    A tie between blind words goes to an adjudicator (A21).
    """
    if policy_version.policy.blind_in_checks and NOT_A_FACE not in labels.flags:
        tied = face_combine(face=face, policy_version=policy_version)
        if tied:
            face_dispute(face=face, reason=f"The blind answers are tied: {', '.join(tied)}.")
            return
        assert face.current is not None  # noqa: S101  # every face is made together with a revision
        labels = face.current.labels
    face_accept(face=face, labels=labels, policy_version=policy_version)


def is_too_small(labels: FaceLabels, policy: Policy) -> bool:
    """Whether these labels leave the queue by the size rule (A23); a false detection is rejected instead."""
    return NOT_A_FACE not in labels.flags and not policy.is_offered(labels)


def _wants_another_age(face: Face, labels: FaceLabels, policy: Policy, *, asked: int) -> bool:
    """The policy's stop rule for ages; never for a face whose flags remove the age.

    ``asked`` people were asked so far, whether or not each of them could give one.
    """
    if not policy.age_error_max or asked >= policy.age_people_max:
        return False
    if NOT_A_FACE in labels.flags or "age" in policy.removed_by(labels.flags):
        return False
    return wants_another_age(
        summarise_ages(round_ages(face=face)),
        error_max=policy.age_error_max,
        people_max=policy.age_people_max,
        typical_sd=typical_age_sd(dataset_id=face.dataset_id),
    )


def face_dispute(*, face: Face, reason: str) -> None:
    """Two people differ: somebody else decides."""
    face.state = FaceState.DISPUTED
    FACES.update(face, "state", "current_id")
    ITEMS.add(item_for_face(face=face, kind=PassKind.ADJUDICATE, reason=reason, dispute=True))


def face_accept(*, face: Face, labels: FaceLabels, policy_version: PolicyVersion) -> None:
    """The round ends with these labels: accepted, or rejected if they say that it is not a face (J05).

    An acceptance is noted in the same transaction for the economy of the loop, which is above this app.
    """
    state = FaceState.REJECTED if NOT_A_FACE in labels.flags else FaceState.ACCEPTED
    face_close(face=face, state=state, labels=labels, policy_version=policy_version)
    if state == FaceState.ACCEPTED:
        assert face.current is not None  # noqa: S101  # the labels that are accepted
        ACCEPT.run(face=face.pk, round=face.round, revision=face.current.pk, age_mean=face.age_mean)


def face_close(*, face: Face, state: FaceState, labels: FaceLabels, policy_version: PolicyVersion) -> None:
    """Close a locked face under a policy version; its age is the summary over everybody of the round (J07)."""
    ages = AgeSummary(mean=None, sd=None, n=0)
    if state == FaceState.ACCEPTED and "age" not in policy_version.policy.removed_by(labels.flags):
        ages = summarise_ages(round_ages(face=face))
    face.state = state
    face.age_mean, face.age_sd, face.age_n = ages.mean, ages.sd, ages.n
    face.accepted_policy = policy_version
    face.closed_at = timezone.now()
    FACES.update(
        face,
        "state",
        "needs_person",
        "current_id",
        "age_mean",
        "age_sd",
        "age_n",
        "accepted_policy_id",
        "closed_at",
    )
