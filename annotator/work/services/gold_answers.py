"""Keeping what a person answered to a gold item. The face itself, its chain and its image stay as they are."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from annotator.accounts.models import User
from annotator.datasets.models import PolicyVersion
from annotator.faces.models import FaceState, Revision, RevisionKind
from annotator.jobs.services import message_send
from annotator.work.models import PassKind, WorkItem
from jfa_pipeline.aggregate.agreement import compare
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import NOT_A_FACE, Policy

TASK: Final = "quality.judge_gold"


def gold_revision_keep(
    *, item: WorkItem, labels: FaceLabels, author: User, policy_version: PolicyVersion, comment: str
) -> Revision:
    """The answer's labels as a ``planted`` revision, which is no part of the face's chain.

    ``item`` is a locked gold item of a face. Whether the person goes on is judged after the commit.
    """
    assert item.face_id is not None  # noqa: S101  # the database: only sweeps have no face
    gold_judge_later(item=item, user=author)
    return Revision.objects.create(
        face_id=item.face_id,
        kind=RevisionKind.PLANTED,
        round=item.round,
        author=author,
        policy=policy_version,
        comment=comment[:500],
        **Revision.columns_of(labels),
    )


def gold_state(
    *, item: WorkItem, base: FaceLabels, labels: FaceLabels, is_disputed: bool, policy: Policy
) -> FaceState:
    """The state that an ordinary face would be in after this answer, which is what the person is told."""
    if is_disputed:
        return FaceState.DISPUTED
    if item.kind == PassKind.CHECK and not compare(base, labels, policy).agrees:
        goes_on = policy.on_disagreement == "another_check" and item.pass_number < policy.checks_max
        return FaceState.CHECKING if goes_on else FaceState.DISPUTED
    if NOT_A_FACE not in labels.flags and not policy.is_offered(labels):
        return FaceState.TOO_SMALL
    if item.pass_number < policy.checks:
        return FaceState.CHECKING
    return FaceState.REJECTED if NOT_A_FACE in labels.flags else FaceState.ACCEPTED


def gold_judge_later(*, item: WorkItem, user: User) -> None:
    """Wake up the worker that judges this person; the beat looks as well, so a lost message only delays it."""
    args = (item.dataset_id, user.pk)
    transaction.on_commit(lambda: message_send(task=TASK, args=args))
