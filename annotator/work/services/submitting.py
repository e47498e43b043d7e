"""Taking a person's work on one face: label it, check it, or decide a dispute."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import Final, Literal
from uuid import UUID

from annotator.accounts.models import User
from annotator.common.errors import Conflict, Invalid, NotAllowed
from annotator.datasets.models import PolicyVersion, Role
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.faces.services import CLOSED, base_check, revision_create
from annotator.work.models import Extra, ItemState, PassKind, WorkItem
from annotator.work.selectors.eligibility import kinds_for
from annotator.work.selectors.gold import face_shown, gold_of_items
from annotator.work.selectors.versions import round_ages
from annotator.work.services.answers import (
    Answer,
    already_yours,
    pass_record,
    submit_once,
)
from annotator.work.services.deciding import (
    face_accept,
    face_close,
    face_dispute,
    face_move_on,
    face_settle,
    is_too_small,
)
from annotator.work.services.drafts import draft_drop
from annotator.work.services.geometry import labels_fit
from annotator.work.services.gold_answers import gold_revision_keep, gold_state
from annotator.work.services.leases import Standing, not_yours, standing
from annotator.work.services.opening import item_close
from annotator.work.services.sending_back import face_send_back
from annotator.work.services.turns import turn_lock
from jfa_pipeline.aggregate.agreement import compare
from jfa_pipeline.aggregate.blind import with_own, without_blind
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import NOT_A_FACE, Policy, Violation

Verdict = Literal["save", "accept", "dispute", "send_back"]


@dataclass(frozen=True, slots=True)
class FaceSubmission:
    """What a person sends for a face. ``labels`` carry their own apparent age, nobody else's."""

    submission_id: UUID
    token: UUID
    base_revision: int
    verdict: Verdict
    labels: FaceLabels
    comment: str = ""
    active_ms: int | None = None


@dataclass(frozen=True)
class _Turn:
    """A submission together with the locked rows that it is about."""

    user: User
    sent: FaceSubmission
    face: Face
    item: WorkItem
    policy_version: PolicyVersion
    worked_before: bool
    has_draft: bool
    revision_pk: int

    @property
    def policy(self) -> Policy:
        return self.policy_version.policy

    @cached_property
    def base(self) -> FaceLabels:
        """Labels of the revision that was current before this turn; the base check has passed."""
        assert self.face.current is not None  # noqa: S101  # every face is made together with a revision
        return self.face.current.labels


def face_submit(*, item: WorkItem, user: User, role: Role, submission: FaceSubmission) -> Answer:
    """Take the work and move the face on; the answer is stored and repeats with the submission id.

    Locks the face, then the item. While nobody else was handed the item the work counts, also after the lease
    ran out; after that it is kept as a ``side`` revision. Raises Conflict (``stale_base``, ``already_yours``,
    ``closed``, ``lease_lost``, ``submission_id_used``), Invalid (``policy`` with the violations,
    ``comment_missing``, ``verdict``), NotAllowed for a dispute without the role.
    """
    if PassKind(item.kind) not in kinds_for(role):
        raise NotAllowed("role", "Disputed faces are decided by adjudicators and admins of the dataset.")

    def work() -> Answer:
        return _take(item=item, user=user, sent=submission)

    return submit_once(submission_id=submission.submission_id, item_id=item.pk, user=user, work=work)


def _take(*, item: WorkItem, user: User, sent: FaceSubmission) -> Answer:
    found = turn_lock(item=item, user=user, submission_id=sent.submission_id)
    if found.answer is not None:
        return found.answer
    locked, face = found.item, found.face
    policy_version = locked.dataset.policy
    assert policy_version is not None  # noqa: S101  # made together with the dataset
    if (gold := gold_of_items([locked]).get(locked.pk)) is not None:
        face = face_shown(gold, round_number=locked.round)
    turn = _Turn(
        user, sent, face, locked, policy_version, found.worked_before, found.has_draft, found.revision_pk
    )
    match standing(item=locked, user=user, token=sent.token):
        case Standing.NEVER:
            raise _refusal(turn)
        case Standing.LOST:
            return _keep_aside(turn)
        case Standing.HELD:
            return _take_held(turn)


def _take_held(turn: _Turn) -> Answer:
    if turn.worked_before:
        raise already_yours()
    kind = PassKind(turn.item.kind)
    hide = partial(without_blind, policy=turn.policy) if kind == PassKind.CHECK else FaceLabels.without_age
    base_check(face=turn.face, base_revision=turn.sent.base_revision, yours=turn.sent.labels, hide=hide)
    _check_verdict(kind=kind, sent=turn.sent)
    if turn.item.gold_id is not None:
        return _answer_gold(turn)
    if turn.sent.verdict == "dispute":
        return _dispute(turn)
    if turn.sent.verdict == "send_back":
        return _send_back(turn)
    labels = _labels_to_save(turn)
    if kind == PassKind.ANNOTATE:
        return _annotate(turn, labels)
    if kind == PassKind.CHECK:
        return _check(turn, labels)
    return _adjudicate(turn, labels)


def _annotate(turn: _Turn, labels: FaceLabels) -> Answer:
    revision = _save(turn, RevisionKind.ANNOTATE, labels)
    _close_item(turn)
    turn.face.needs_person = ""
    face_move_on(face=turn.face, labels=labels, checks_done=0, policy_version=turn.policy_version)
    return _record(turn, revision)


def _check(turn: _Turn, labels: FaceLabels) -> Answer:
    """A check within the thresholds agrees; its correction of what it was shown, if any, becomes current.

    Blind answers that agree are combined when the round ends. People who differ are asked for a majority if the
    policy says so, and go to an adjudicator otherwise.
    """
    base, done = turn.base, turn.item.pass_number
    agreement = compare(base, labels, turn.policy)
    corrects = agreement.agrees and not labels.same_but_age(with_own(base, labels, turn.policy))
    revision = _save(turn, RevisionKind.CHECK, labels, make_current=corrects)
    _close_item(turn)
    asks_majority = turn.item.extra == Extra.MAJORITY or turn.policy.on_disagreement == "another_check"
    if agreement.agrees and turn.item.extra != Extra.MAJORITY:
        agreed = labels if corrects else base
        face_move_on(face=turn.face, labels=agreed, checks_done=done, policy_version=turn.policy_version)
    elif asks_majority:
        face_settle(
            face=turn.face,
            checks_done=done,
            policy_version=turn.policy_version,
            differing=agreement.differing,
            reason=" ".join(agreement.reasons) or "No version has a majority of the checks.",
        )
    else:
        face_dispute(face=turn.face, reason=" ".join(agreement.reasons))
    return _record(turn, revision)


def _dispute(turn: _Turn) -> Answer:
    """The checker says that it is wrong; what they sent is kept as it is, complete or not."""
    labels = _labels_of_dispute(turn)
    revision = _save(turn, RevisionKind.CHECK, labels, make_current=False)
    _close_item(turn)
    face_dispute(face=turn.face, reason=turn.sent.comment.strip())
    return _record(turn, revision)


def _labels_of_dispute(turn: _Turn) -> FaceLabels:
    labels, misplaced = labels_fit(labels=turn.sent.labels, image=turn.item.image)
    _refuse_if_any([*misplaced, *_beside_missing(turn.policy.violations(labels))])
    return labels


def _answer_gold(turn: _Turn) -> Answer:
    """The same rules and the same answer as for ordinary work; only the answer is kept. ``face`` is a copy."""
    is_disputed = turn.sent.verdict == "dispute"
    labels = _labels_of_dispute(turn) if is_disputed else _labels_to_save(turn)
    turn.face.state = gold_state(
        item=turn.item, base=turn.base, labels=labels, is_disputed=is_disputed, policy=turn.policy
    )
    revision = _save(turn, RevisionKind.PLANTED, labels, make_current=False)
    _close_item(turn)
    return _record(turn, revision, said={"verdict": turn.sent.verdict})


def _adjudicate(turn: _Turn, labels: FaceLabels) -> Answer:
    """The decision ends the round, without another check or age."""
    revision = _save(turn, RevisionKind.ADJUDICATE, labels)
    _close_item(turn)
    if is_too_small(labels, turn.policy):
        face_close(
            face=turn.face,
            state=FaceState.TOO_SMALL,
            labels=labels,
            policy_version=turn.policy_version,
        )
    else:
        face_accept(face=turn.face, labels=labels, policy_version=turn.policy_version)
    return _record(turn, revision)


def _send_back(turn: _Turn) -> Answer:
    """No version is right: the author labels the face again in a new round, with the adjudicator's comment."""
    _close_item(turn)
    comment = turn.sent.comment.strip()
    name = face_send_back(face=turn.face, comment=comment)
    return pass_record(
        submission_id=turn.sent.submission_id,
        item=turn.item,
        user=turn.user,
        counted=True,
        revision=None,
        active_ms=turn.sent.active_ms,
        state=turn.face.state,
        message=f"Sent back to {name} with your comment."
        if name
        else "Sent back to the queue: its first annotator no longer works in this dataset.",
        extra={"sent_back": comment},
    )


def _keep_aside(turn: _Turn) -> Answer:
    """Work that came too late to count: a ``side`` revision and a pass that is not counted."""
    revision = _save(turn, RevisionKind.SIDE, turn.sent.labels, make_current=False)
    _drop_draft(turn)
    return pass_record(
        submission_id=turn.sent.submission_id,
        item=turn.item,
        user=turn.user,
        counted=False,
        revision=revision,
        active_ms=turn.sent.active_ms,
        state=turn.face.state,
        message="Your lease had run out and this face went on without you. Your version is kept beside it, "
        "where an adjudicator can see it; it does not count as a pass.",
    )


def _labels_to_save(turn: _Turn) -> FaceLabels:
    """What is saved: for ``accept`` the base with this person's age.

    Raises Invalid ``policy`` if the policy does not allow it, ``accept_changed`` for an ``accept`` whose labels
    are not those of the base.
    """
    sent = turn.sent.labels
    if turn.sent.verdict == "accept":
        agreed = turn.base
        if turn.item.kind == PassKind.CHECK:
            agreed = with_own(turn.base, sent, turn.policy)
        if not sent.same_but_age(agreed):
            raise Invalid(
                "accept_changed",
                "You changed these labels, so this is a correction: save it instead of accepting.",
            )
        sent = agreed.with_age(sent.age)
    labels, misplaced = labels_fit(labels=sent, image=turn.item.image)
    found = turn.policy.violations(labels)
    if NOT_A_FACE not in labels.flags and not turn.policy.is_offered(labels):
        found = _beside_missing(found)
    if turn.item.kind == PassKind.ADJUDICATE and round_ages(face=turn.face):
        found = [violation for violation in found if violation.code != "age_missing"]
    _refuse_if_any([*misplaced, *found])
    return labels


def _check_verdict(*, kind: PassKind, sent: FaceSubmission) -> None:
    if sent.verdict == "accept" and kind == PassKind.ANNOTATE:
        raise Invalid("verdict", "A pre-label is not accepted as it is: look at it and save it as yours.")
    if sent.verdict == "send_back":
        if kind != PassKind.ADJUDICATE:
            raise Invalid("verdict", "Only who decides a dispute sends a face back to its author.")
        if not sent.comment.strip():
            raise Invalid("comment_missing", "Say what the author should do differently; they read it.")
    if sent.verdict == "dispute":
        if kind != PassKind.CHECK:
            raise Invalid("verdict", "Only a check can be disputed; save the labels that you find right.")
        if not sent.comment.strip():
            raise Invalid("comment_missing", "Say what is wrong, so that the adjudicator can decide.")


def _save(turn: _Turn, kind: RevisionKind, labels: FaceLabels, *, make_current: bool = True) -> Revision:
    if turn.item.gold_id is not None:
        return gold_revision_keep(
            item=turn.item,
            labels=labels,
            author=turn.user,
            policy_version=turn.policy_version,
            comment=turn.sent.comment.strip(),
        )
    revision = revision_create(
        face=turn.face,
        labels=labels,
        kind=kind,
        base_revision=turn.sent.base_revision,
        author=turn.user,
        policy_version=turn.policy_version,
        comment=turn.sent.comment.strip(),
        pk=turn.revision_pk,
    )
    if make_current:
        turn.face.current = revision  # stored with what follows for the face
    return revision


def _close_item(turn: _Turn) -> None:
    item_close(item=turn.item, state=ItemState.DONE, by_holder=turn.item.leased_to_id == turn.user.pk)
    _drop_draft(turn)


def _drop_draft(turn: _Turn) -> None:
    """Nobody makes one meanwhile: keeping a draft locks the item too."""
    if turn.has_draft:
        draft_drop(item=turn.item, user=turn.user)


def _record(turn: _Turn, revision: Revision, *, said: Answer | None = None) -> Answer:
    return pass_record(
        submission_id=turn.sent.submission_id,
        item=turn.item,
        user=turn.user,
        counted=True,
        revision=revision,
        active_ms=turn.sent.active_ms,
        state=turn.face.state,
        message=WHAT_NOW[FaceState(turn.face.state)],
        extra=said,
    )


WHAT_NOW: Final = {
    FaceState.WAITING: "Saved.",
    FaceState.CHECKING: "Saved. Somebody else checks it next.",
    FaceState.DISPUTED: "Saved. The two versions differ, so an adjudicator decides.",
    FaceState.ACCEPTED: "Saved. The face is accepted.",
    FaceState.REJECTED: "Saved. It is not a face and leaves the queue.",
    FaceState.TOO_SMALL: "Saved. The face is too small for this dataset's policy and leaves the queue.",
}


def _refusal(turn: _Turn) -> Conflict:
    """Why work on an item that was not handed to this person is not taken."""
    if turn.worked_before:
        return already_yours()
    if turn.face.state in CLOSED:
        return Conflict(
            "closed",
            f"This face is {turn.face.get_state_display().lower()} and read-only. An admin or adjudicator can "
            "reopen it with a reason.",
            face=turn.face.pk,
            state=turn.face.state,
        )
    return not_yours(item=turn.item)


def _beside_missing(found: list[Violation]) -> list[Violation]:
    """The violations that are not about a label that is absent."""
    return [violation for violation in found if not violation.code.endswith("_missing")]


def _refuse_if_any(found: list[Violation]) -> None:
    if found:
        raise Invalid(
            "policy",
            " ".join(violation.message for violation in found),
            violations=[asdict(violation) for violation in found],
        )
