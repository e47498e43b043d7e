"""The answer of a submit, stored with the pass so that a repeat gets the same one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError

from annotator.accounts.models import User
from annotator.common.errors import Conflict, Problem
from annotator.common.statements import together
from annotator.faces.models import Revision
from annotator.work.models import Pass, PassKind, WorkItem
from annotator.work.rows import PASSES
from annotator.work.services.even import even_count

Answer = dict[str, Any]

ANSWER_KEYS: Final = ("item", "face_id", "revision", "state", "kept_as", "message")
DAY_MS: Final = 24 * 3600 * 1000

ALREADY_YOURS: Final = {
    "nobody_twice_on_a_face": "You already worked on this face in this round; another person has to check it.",
    "nobody_sweeps_twice": "You already swept this image in this round; another person has to do it now.",
    "one_counted_pass_per_item": "This item was finished a moment ago; ask for the next one.",
}


def answer_stored(*, submission_id: UUID, item_id: int, user: User) -> Answer | None:
    """What was answered to this submission before, if it came before.

    Raises Conflict ``submission_id_used`` if the id belongs to other work.
    """
    made = Pass.objects.filter(submission_id=submission_id).first()
    if made is None:
        return None
    return answer_of(made.answer, is_this_work=(made.user_id, made.item_id) == (user.pk, item_id))


def answer_of(stored: Answer, *, is_this_work: bool) -> Answer:
    """The answer in a pass that has the submission's id; raises Conflict ``submission_id_used`` for other work."""
    if not is_this_work:
        raise Conflict(
            "submission_id_used",
            "This submission id was used for other work. Nothing was saved: make a new id for each save.",
        )
    return {key: stored[key] for key in ANSWER_KEYS}


def submit_once(*, submission_id: UUID, item_id: int, user: User, work: Callable[[], Answer]) -> Answer:
    """Run ``work`` in a transaction, at most once for each submission id; a repeat gets the first answer.

    ``work`` looks for the first answer once it has its row locks. Of two requests with the same id that run at the
    same time the second waits for these or fails on the unique column, and then reads what was stored.
    """
    try:
        with together():
            return work()
    except IntegrityError as error:
        if (answer := answer_stored(submission_id=submission_id, item_id=item_id, user=user)) is not None:
            return answer
        raise _as_conflict(error) from error


def pass_record(
    *,
    submission_id: UUID,
    item: WorkItem,
    user: User,
    counted: bool,
    revision: Revision | None,
    active_ms: int | None,
    state: str,
    message: str,
    extra: Answer | None = None,
) -> Answer:
    """Store the pass of a locked item together with its answer, and return the answer.

    ``extra`` is kept beside the answer and told to nobody: what a sweep sent, or the verdict on gold.
    """
    answer: Answer = {
        "item": item.pk,
        "face_id": item.face_id,
        "revision": None if revision is None else revision.pk,
        "state": state,
        "kept_as": "counted" if counted else "side",
        "message": message,
    }
    PASSES.add(
        Pass(
            submission_id=submission_id,
            item_id=item.pk,
            dataset_id=item.dataset_id,
            image_id=item.image_id,
            face_id=item.face_id,
            round=item.round,
            kind=PassKind(item.kind),
            user_id=user.pk,
            revision_id=None if revision is None else revision.pk,
            counted=counted,
            is_gold=item.gold_id is not None,
            active_ms=None if active_ms is None else min(active_ms, DAY_MS),
            answer={**answer, **(extra or {})},
        )
    )
    if counted:
        even_count(item=item, user=user)
    return answer


def already_yours(constraint: str = "nobody_twice_on_a_face") -> Conflict:
    """The refusal of a second pass, whether code or a database constraint found it."""
    return Conflict("already_yours", ALREADY_YOURS[constraint])


def _as_conflict(error: IntegrityError) -> Problem | IntegrityError:
    """The database's rules about people, as a sentence; any other integrity error stays what it is."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if name in ALREADY_YOURS:
        return already_yours(name)
    return error
