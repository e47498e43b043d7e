"""Taking a person's sweep of an image: missed faces added, false ones rejected, a verdict on the image."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from annotator.accounts.models import User
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import PolicyVersion
from annotator.faces.models import Face, FaceState, Suggestion
from annotator.faces.services import (
    accepted_is_closed,
    face_reject,
    faces_add,
    faces_lock,
    suggestions_replace,
)
from annotator.images.models import Image
from annotator.images.services.verdicts import image_quarantine, image_reject, image_rotate
from annotator.work.models import CHOSEN_LEVELS, Draft, ItemState, Pass, PassKind, WorkItem
from annotator.work.selectors.gold import gold_of_items
from annotator.work.services.answers import Answer, already_yours, answer_stored, pass_record, submit_once
from annotator.work.services.geometry import box_inside, box_turned
from annotator.work.services.gold_answers import gold_judge_later
from annotator.work.services.leases import Standing, not_yours, standing
from annotator.work.services.levels import order_in_force
from annotator.work.services.opening import item_close, item_for_face, item_for_sweep, items_cancel
from annotator.work.services.suggested import suggestions_answered, suggestions_named, where_from
from jfa_pipeline.core.boxes import Box, iou_matrix
from jfa_pipeline.core.policy import Violation

ImageVerdict = Literal["reject", "quarantine", "rotate90", "rotate180", "rotate270"]
SAME_FACE_IOU: Final = 0.7
"""A drawn box that overlaps another face this much is that face (the threshold of J03)."""

ROTATED: Final = "image rotated"
CHANCE_STEPS: Final = 1_000_000

TURNED: Final = "Saved. The image is turned; it gets new pre-labels and another sweep."
VERDICT_MESSAGES: Final[dict[ImageVerdict, str]] = {
    "reject": "Saved. The image is rejected; its faces are not offered any more.",
    "quarantine": "Saved. The image is set aside until an admin decides.",
    "rotate90": TURNED,
    "rotate180": TURNED,
    "rotate270": TURNED,
}


@dataclass(frozen=True, slots=True)
class SweepSubmission:
    """What a person sends for an image. ``added``: boxes of missed faces, pixels of the upright image.

    ``taken``: for each of these the suggestion that it was taken from, or None; may be shorter. ``dismissed``:
    suggestions that are no faces.
    """

    submission_id: UUID
    token: UUID
    added: Sequence[Box] = ()
    rejected: Sequence[int] = ()
    taken: Sequence[int | None] = ()
    dismissed: Sequence[int] = ()
    verdict: ImageVerdict | None = None
    reason: str = ""
    active_ms: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types: how a sweep that came too late is kept."""
        return {
            "added": [list(box) for box in self.added],
            "rejected": list(self.rejected),
            "taken": list(self.taken),
            "dismissed": list(self.dismissed),
            "verdict": self.verdict,
            "reason": self.reason,
        }


def sweep_submit(*, item: WorkItem, user: User, submission: SweepSubmission) -> Answer:
    """Take the sweep; the answer is stored and repeats with the submission id.

    Locks the image, its faces, then their open items. An added face is recorded as drawn by this person and gets
    an ``annotate`` item, which the same person may take: drawing a box is what a detector does, and the labels are
    still checked by others. A rejected face becomes a version with the flag ``not_a_face`` and leaves the queue.
    Raises Conflict (``already_yours``, ``closed``, ``lease_lost``, ``submission_id_used`` and what the image's
    verdict raises), Invalid (``policy`` with violations, ``reason``, ``rejected``).
    """

    def work() -> Answer:
        return _take(item=item, user=user, sent=submission)

    return submit_once(submission_id=submission.submission_id, item_id=item.pk, user=user, work=work)


def _take(*, item: WorkItem, user: User, sent: SweepSubmission) -> Answer:
    image = Image.objects.select_for_update(no_key=True, of=("self",)).get(pk=item.image_id)
    faces = faces_lock(image=image)
    rows = list(
        WorkItem.objects.select_for_update(no_key=True, of=("self",))
        .filter(Q(pk=item.pk) | Q(image=image, state=ItemState.OPEN))
        .select_related("image", "dataset__policy")
        .order_by("pk")
    )
    locked = next(row for row in rows if row.pk == item.pk)
    if (stored := answer_stored(submission_id=sent.submission_id, item_id=item.pk, user=user)) is not None:
        return stored
    policy_version = locked.dataset.policy
    assert policy_version is not None  # noqa: S101  # made together with the dataset
    turn = _Turn(user, sent, image, faces, locked, [row for row in rows if row is not locked], policy_version)
    if (gold := gold_of_items([locked]).get(locked.pk)) is not None:
        turn = replace(turn, faces=[face for face in faces if face.pk != gold.face_id])
    match standing(item=locked, user=user, token=sent.token):
        case Standing.NEVER:
            raise _refusal(turn)
        case Standing.LOST:
            return _keep_aside(turn)
        case Standing.HELD:
            return _take_held(turn)


@dataclass(frozen=True)
class _Turn:
    """A sweep together with the locked rows that it is about; ``others``: open items of the image's faces."""

    user: User
    sent: SweepSubmission
    image: Image
    faces: list[Face]
    item: WorkItem
    others: list[WorkItem]
    policy_version: PolicyVersion

    @cached_property
    def suggestions(self) -> dict[int, Suggestion]:
        """Those of the image that the sweep names."""
        return suggestions_named(image=self.image, taken=self.sent.taken, dismissed=self.sent.dismissed)


def _take_held(turn: _Turn) -> Answer:
    if _swept_before(turn):
        raise already_yours("nobody_sweeps_twice")
    if turn.sent.verdict is not None and (turn.sent.added or turn.sent.rejected):
        raise Invalid(
            "verdict", "An image that gets a verdict takes no changes to its faces; send one or the other."
        )
    item_close(item=turn.item, state=ItemState.DONE, by_holder=turn.item.leased_to_id == turn.user.pk)
    Draft.objects.filter(item=turn.item, user=turn.user).delete()
    if turn.item.gold_id is not None:
        return _answer_gold(turn)
    added: list[Face] = []
    if turn.sent.verdict is None:
        rejected, added = _change_faces(turn)
        message = _changed(added=len(added), rejected=len(rejected))
        _swept_once(turn)
    else:
        message = _give_verdict(turn, turn.sent.verdict)
    said = {"added": [face.pk for face in added], **_suggestions_answered(turn, added)}
    return _record(turn, counted=True, state=ItemState.DONE, message=message, extra=said)


def _answer_gold(turn: _Turn) -> Answer:
    """The same rules and the same answer as for an ordinary sweep; only what was sent is kept."""
    if turn.sent.verdict is None:
        rejected = _faces_to_reject(turn)
        if any(face.state == FaceState.ACCEPTED for face in rejected):
            raise accepted_is_closed(next(face for face in rejected if face.state == FaceState.ACCEPTED))
        message = _changed(added=len(_boxes_to_add(turn)), rejected=len(rejected))
    else:
        _check_reason(turn)
        message = VERDICT_MESSAGES[turn.sent.verdict]
    gold_judge_later(item=turn.item, user=turn.user)
    said = {"sent": turn.sent.to_json(), **_suggestions_answered(turn, [None] * len(turn.sent.added))}
    return _record(turn, counted=True, state=ItemState.DONE, message=message, extra=said)


def _suggestions_answered(turn: _Turn, faces: Sequence[Face | None]) -> dict[str, Any]:
    return suggestions_answered(
        known=turn.suggestions, faces=faces, taken=turn.sent.taken, dismissed=turn.sent.dismissed
    )


def _changed(*, added: int, rejected: int) -> str:
    return f"Saved: {added} added, {rejected} rejected."


def _swept_once(turn: _Turn) -> None:
    """The first sweep makes the image complete; now and then somebody else sweeps it again, to see what it missed.

    The second one is in the same round, so that the database keeps the first person away from it.
    """
    is_first = turn.item.pass_number == 0
    if is_first or turn.image.swept_at is None:
        _swept(turn.image, at=timezone.now())
    share = turn.policy_version.policy.resweep_share
    if is_first and secrets.randbelow(CHANCE_STEPS) < share * CHANCE_STEPS:
        item_for_sweep(image=turn.image, round_number=turn.item.round, pass_number=1).save()


def _faces_to_reject(turn: _Turn) -> list[Face]:
    wanted = set(turn.sent.rejected)
    rejected = [face for face in turn.faces if face.pk in wanted and face.state != FaceState.REJECTED]
    if unknown := wanted - {face.pk for face in turn.faces}:
        raise Invalid(
            "rejected", f"These faces are not on this image: {', '.join(map(str, sorted(unknown)))}."
        )
    return rejected


def _change_faces(turn: _Turn) -> tuple[list[Face], list[Face]]:
    """The faces that the sweep rejected and those that it added."""
    wanted = set(turn.sent.rejected)
    rejected = _faces_to_reject(turn)
    for face in rejected:
        face_reject(
            face=face,
            author=turn.user,
            policy_version=turn.policy_version,
            comment=turn.sent.reason or "rejected in a sweep",
        )
    items_cancel(items=[other for other in turn.others if other.face_id in wanted])
    boxes = _boxes_to_add(turn)
    added = faces_add(
        image=turn.image,
        boxes=boxes,
        author=turn.user,
        policy_version=turn.policy_version,
        comments=where_from(known=turn.suggestions, taken=turn.sent.taken, count=len(boxes)),
    )
    if added and turn.item.priority in CHOSEN_LEVELS:  # the faces of a delivery that nobody had seen
        Face.objects.filter(pk__in=[face.pk for face in added]).update(chosen_level=turn.item.priority)
        for face in added:
            face.chosen_level = turn.item.priority
    order = order_in_force(dataset_id=turn.image.dataset_id) if added else None
    WorkItem.objects.bulk_create(
        item_for_face(face=face, kind=PassKind.ANNOTATE, order=order)
        for face in added
        if face.state == FaceState.WAITING
    )
    return rejected, added


def _boxes_to_add(turn: _Turn) -> list[Box]:
    """The drawn boxes, cut to the image. Raises Invalid ``policy`` for one outside it or over another face."""
    found: list[Violation] = []
    boxes: list[Box] = []
    taken = [
        face.current.labels.box
        for face in turn.faces
        if face.state != FaceState.REJECTED and face.current is not None
    ]
    for number, drawn in enumerate(turn.sent.added, start=1):
        box = box_inside(box=drawn, image=turn.image) if drawn.is_proper() else None
        if box is None:
            found.append(
                Violation(
                    "box_outside", "box", f"Box {number} lies outside the image: draw it around a face."
                )
            )
        elif taken and iou_matrix([box], taken).max() > SAME_FACE_IOU:
            found.append(
                Violation(
                    "face_exists",
                    "box",
                    f"Box {number} lies on a face that is already there: remove it, or reject the other one.",
                )
            )
        else:
            boxes.append(box)
            taken.append(box)
    if found:
        raise Invalid(
            "policy",
            " ".join(violation.message for violation in found),
            violations=[asdict(violation) for violation in found],
        )
    return boxes


def _give_verdict(turn: _Turn, verdict: ImageVerdict) -> str:
    """Reject, quarantine or turn the image; every open item of its faces is cancelled.

    It does not count as swept: an image that comes back is swept anew.
    """
    reason = _check_reason(turn)
    items_cancel(items=turn.others)
    if verdict == "reject":
        image_reject(image=turn.image, actor=turn.user, reason=reason)
    elif verdict == "quarantine":
        image_quarantine(image=turn.image, actor=turn.user, reason=reason)
    else:
        _turn_image(turn, degrees=int(verdict.removeprefix("rotate")), reason=reason)
    return VERDICT_MESSAGES[verdict]


def _check_reason(turn: _Turn) -> str:
    reason = turn.sent.reason.strip()
    if turn.sent.verdict in ("reject", "quarantine") and not reason:
        raise Invalid("reason", "Say why, so that others can follow: the reason stays with the image.")
    return reason


def _turn_image(turn: _Turn, *, degrees: int, reason: str) -> None:
    """Turn the image clockwise: its faces were found in the wrong position, so they are closed and found anew.

    Their boxes are turned with the image, so that an old face still shows what it was about.
    """
    width, height = turn.image.width, turn.image.height
    image_rotate(image=turn.image, degrees=degrees, actor=turn.user, reason=reason)
    for face in turn.faces:
        if face.state != FaceState.REJECTED and face.current is not None:
            box = box_turned(box=face.current.labels.box, degrees=degrees, width=width, height=height)
            face_reject(
                face=face,
                author=turn.user,
                policy_version=turn.policy_version,
                comment=ROTATED,
                box=box,
            )
    suggestions_replace(seen=[(turn.image, ())])
    Image.objects.filter(pk=turn.image.pk).update(prelabelled_at=None, prelabelled_by="", prelabel_error="")
    _swept(turn.image, at=None)


def _swept(image: Image, *, at: datetime | None) -> None:
    Image.objects.filter(pk=image.pk).update(swept_at=at)


def _keep_aside(turn: _Turn) -> Answer:
    """A sweep that came too late changes nothing; what was sent is kept with the pass."""
    Draft.objects.filter(item=turn.item, user=turn.user).delete()
    return _record(
        turn,
        counted=False,
        state=turn.item.state,
        message="Your lease had run out and somebody else went on with this image. What you sent is kept beside "
        "it and changes nothing.",
    )


def _record(
    turn: _Turn, *, counted: bool, state: str, message: str, extra: dict[str, Any] | None = None
) -> Answer:
    return pass_record(
        submission_id=turn.sent.submission_id,
        item=turn.item,
        user=turn.user,
        counted=counted,
        revision=None,
        active_ms=turn.sent.active_ms,
        state=state,
        message=message,
        extra=extra if counted else {"sent": turn.sent.to_json()},
    )


def _swept_before(turn: _Turn) -> bool:
    return Pass.objects.filter(
        image=turn.image,
        round=turn.item.round,
        user=turn.user,
        kind=PassKind.SWEEP,
        counted=True,
        is_gold=turn.item.gold_id is not None,
    ).exists()


def _refusal(turn: _Turn) -> Conflict:
    return already_yours("nobody_sweeps_twice") if _swept_before(turn) else not_yours(item=turn.item)
