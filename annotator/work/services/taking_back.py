"""Taking back one's own last submit while nobody has gone on with the face."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict
from annotator.datasets.models import Membership
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.faces.services import CLOSED, face_lock
from annotator.images.models import Verdict
from annotator.work.models import Draft, ItemState, Pass, PassKind, WorkItem
from annotator.work.services.even import even_count
from annotator.work.services.opening import items_cancel, items_lock
from jfa_pipeline.core.labels import FaceLabels

STATE_BEFORE: Final = {PassKind.ANNOTATE: FaceState.WAITING, PassKind.CHECK: FaceState.CHECKING}
"""The state in which a face waits for a pass of this kind. What an adjudicator decided is closed at once."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The item that is the person's again, and what they had sent for it: their own labels, with their own age."""

    item: WorkItem
    labels: FaceLabels
    comment: str


@transaction.atomic
def pass_take_back(*, item: WorkItem, user: User) -> TakenBack:
    """Give a person the face back that they submitted last, as it was before, under a new lease.

    Their pass no longer counts, their revision stays in the chain, the item that came out of it is cancelled and
    the face waits as before. Only the newest submit of the person in the dataset, and only once: a repeat while
    they hold the item gets the same answer. Locks the face, then its items. Raises Conflict ``not_last``,
    ``sweep``, ``paused``, ``closed`` for a face that is accepted or left the queue, ``gone_on`` when somebody else
    did the next pass, holds or held its item, or began a draft of it.
    """
    if item.face_id is None:
        raise Conflict(
            "sweep",
            "A sweep is not taken back, since its faces went to other people at once. Ask an admin to have the "
            "photograph swept again.",
        )
    face = face_lock(face_id=item.face_id)
    locked = (
        WorkItem.objects.select_for_update(no_key=True, of=("self",))
        .select_related("image", "dataset__policy")
        .get(pk=item.pk)
    )
    made = (
        Pass.objects.filter(user=user, dataset_id=locked.dataset_id)
        .select_related("revision__parent", "user")
        .last()
    )
    if made is None or made.item_id != locked.pk:
        raise Conflict(
            "not_last",
            "Only the face that you submitted last can be taken back, and you have submitted another one since. "
            "Leave a question on this face instead, or ask an adjudicator to reopen it.",
        )
    if made.revision is None or made.kind not in STATE_BEFORE:
        raise _finished("decided")
    taken = TakenBack(locked, made.revision.labels, made.revision.comment)
    if not made.counted and locked.state == ItemState.OPEN and locked.leased_to_id == user.pk:
        return taken
    _check(made=made, item=locked)
    if not made.is_gold:
        _undo(face=face, item=locked, made=made)
    made.counted = False
    made.answer = {**made.answer, "taken_back": True}
    made.save(update_fields=["counted", "answer"])
    _hold(item=locked, user=user)
    even_count(item=locked, user=user, step=-1)
    return taken


def _check(*, made: Pass, item: WorkItem) -> None:
    """Raise unless the pass stands and the person may work. What was answered decides, for every item alike."""
    if not made.counted or item.state != ItemState.DONE:
        raise Conflict(
            "gone_on",
            "This submit does not count any more, so there is nothing to take back. Ask for the next face.",
        )
    if Membership.objects.filter(
        dataset_id=item.dataset_id, user=made.user_id, paused_at__isnull=False
    ).exists():
        raise Conflict("paused", "You are paused in this dataset: an admin has to lift that first.")
    if made.answer["state"] in CLOSED or item.image.verdict != Verdict.NONE:
        raise _finished(made.answer["state"])


def _undo(*, face: Face, item: WorkItem, made: Pass) -> None:
    """Put a locked face back to before this pass. Raises Conflict ``gone_on`` or ``closed``."""
    following = items_lock(face=face, gold=None)
    begun = (
        Draft.objects.filter(item__in=following).exists()
        or Revision.objects.filter(face=face, kind=RevisionKind.RESTORE, pk__gt=made.revision_id).exists()
    )
    held = any(one.leased_to_id or one.past_tokens for one in following)
    later = Pass.objects.filter(face=face, round=made.round, counted=True, is_gold=False, pk__gt=made.pk)
    if face.round != made.round or begun or held or later.exists():
        raise Conflict(
            "gone_on",
            "Somebody else has gone on with this face, so it cannot be taken back. Leave a question on it that says "
            "what you would change: whoever works on it reads it.",
        )
    if face.state in CLOSED or not following:
        raise _finished(face.state)
    items_cancel(items=following)
    assert made.revision is not None  # noqa: S101  # checked by the caller
    face.current = made.revision.parent
    face.state = STATE_BEFORE[PassKind(made.kind)]
    face.save(update_fields=["current", "state"])
    audit(
        actor=made.user,
        verb="pass.taken_back",
        target=face,
        dataset_id=made.dataset_id,
        kind=made.kind,
        round=made.round,
        revision=made.revision_id,
    )


def _hold(*, item: WorkItem, user: User) -> None:
    """Open a locked item again, for this person and under a new token."""
    version = item.dataset.policy
    assert version is not None  # noqa: S101  # made together with the dataset
    item.state = ItemState.OPEN
    item.closed_at = None
    item.leased_to = user
    item.lease_token = uuid.uuid4()
    item.leased_until = timezone.now() + timedelta(minutes=version.policy.lease_minutes)
    item.save(update_fields=["state", "closed_at", "leased_to", "lease_token", "leased_until"])


def _finished(state: str) -> Conflict:
    return Conflict(
        "closed",
        "This face is finished and read-only. An admin or adjudicator can reopen it with a reason: leave a question on "
        "it that says what is wrong.",
        state=state,
    )
