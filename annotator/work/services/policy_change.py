"""What a new policy version means for faces that are already in work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection, transaction

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, PolicyVersion
from annotator.datasets.services import policy_publish
from annotator.faces.models import Face, FaceState
from annotator.faces.services import face_lock
from annotator.jobs.services import message_send
from annotator.work.models import Extra, ItemState, PassKind, WorkItem
from annotator.work.services.deciding import face_close, face_move_on, face_settle
from annotator.work.services.levels import order_in_force
from annotator.work.services.opening import item_for_face, items_cancel, items_lock
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy

BATCH: Final = 200
TASK: Final = "work.follow_policy"

# Faces in work that the policy in force would treat otherwise: enough checks made; asked for a majority or one more
# age that it does not ask for; too small for it; or closed as too small and now large enough.
MISFITS = """
SELECT f.id, 'enough_checks' AS what FROM work_workitem i JOIN faces_face f ON f.id = i.face_id
WHERE i.dataset_id = %(dataset)s AND i.state = 'open' AND i.kind = 'check' AND i.gold_id IS NULL
  AND CASE i.extra WHEN '' THEN i.pass_number > %(checks)s
      WHEN 'majority' THEN i.pass_number > %(checks_max)s
      ELSE NOT %(asks_ages)s OR i.pass_number >= %(people)s END
UNION ALL
SELECT f.id, 'too_small' FROM faces_face f JOIN faces_revision r ON r.id = f.current_id
WHERE f.dataset_id = %(dataset)s AND f.state = 'waiting' AND least(r.x2 - r.x1, r.y2 - r.y1) <= %(side)s
UNION ALL
SELECT f.id, 'offered' FROM faces_face f JOIN faces_revision r ON r.id = f.current_id
JOIN images_image g ON g.id = f.image_id AND g.verdict = '' AND g.prelabelled_at IS NOT NULL
WHERE f.dataset_id = %(dataset)s AND f.state = 'too_small' AND least(r.x2 - r.x1, r.y2 - r.y1) > %(side)s
LIMIT %(limit)s
"""


def dataset_policy_publish(
    *, dataset: Dataset, data: Mapping[str, Any], comment: str, base_version: int, actor: User
) -> PolicyVersion:
    """Publish a policy version and let faces in work follow it.

    The message to the worker is only a wake-up: ``work.expire_leases`` looks again every half minute, so a
    broker that cannot be reached at this moment does not fail the request. Raises what ``policy_publish`` raises.
    """
    version = policy_publish(
        dataset=dataset, data=data, comment=comment, base_version=base_version, actor=actor
    )
    message_send(task=TASK, args=(dataset.pk,))
    return version


def faces_follow_policy(*, dataset: Dataset) -> int:
    """Bring up to BATCH faces in line with the policy in force; how many that were.

    A checked face that has enough checks now moves on; a waiting face under a raised size rule becomes too
    small; one over a lowered rule is offered. Each face in its own short transaction, which looks again under
    the face's lock: somebody may have submitted meanwhile.
    """
    version = Dataset.objects.select_related("policy").get(pk=dataset.pk).policy
    if version is None:
        return 0
    policy = version.policy
    asks_more = policy.on_disagreement == "another_check"
    limits = {
        "checks": policy.checks,
        "checks_max": policy.checks_max if asks_more else 0,
        "asks_ages": policy.age_error_max > 0,
        "people": policy.age_people_max,
        "side": policy.min_side_px,
    }
    with connection.cursor() as cursor:
        cursor.execute(MISFITS, {"dataset": dataset.pk, "limit": BATCH, **limits})
        found = cursor.fetchall()
    return sum(_follow(face_id=pk, version=version) for pk, _ in found)


@transaction.atomic
def _follow(*, face_id: int, version: PolicyVersion) -> bool:
    face = face_lock(face_id=face_id)
    if face.current is None:
        return False
    labels = face.current.labels
    items = items_lock(face=face, gold=None)
    offered = version.policy.is_offered(labels)
    needless = [item for item in items if _is_needless(item, version.policy)]
    if face.state == FaceState.CHECKING and needless:
        items_cancel(items=items)
        _go_on_without(needless[0], face=face, labels=labels, version=version)
    elif face.state == FaceState.WAITING and not offered:
        items_cancel(items=items)
        face_close(face=face, state=FaceState.TOO_SMALL, labels=labels, policy_version=version)
    elif face.state == FaceState.TOO_SMALL and offered:
        _offer(face_id=face_id)
    else:
        return False
    return True


def _is_needless(item: WorkItem, policy: Policy) -> bool:
    """Whether the policy would not ask for this check; the same as in MISFITS."""
    if item.extra == Extra.AGE:
        return not policy.age_error_max or item.pass_number >= policy.age_people_max
    if item.extra == Extra.MAJORITY:
        return policy.on_disagreement != "another_check" or item.pass_number > policy.checks_max
    return item.kind == PassKind.CHECK and item.pass_number > policy.checks


def _go_on_without(item: WorkItem, *, face: Face, labels: FaceLabels, version: PolicyVersion) -> None:
    """What the face's last pass leads to under the new policy, now that this check is not made."""
    done = item.pass_number - 1
    if item.extra == Extra.MAJORITY:
        face_settle(
            face=face,
            checks_done=done,
            policy_version=version,
            differing=(),
            reason="People differ, and the policy asks for no more checks.",
        )
    else:
        face_move_on(face=face, labels=labels, checks_done=done, policy_version=version)


def _offer(*, face_id: int) -> None:
    """A locked face that was too small is offered; in a new round if people worked on it in this one."""
    face = face_lock(face_id=face_id)
    if WorkItem.objects.filter(face=face, round=face.round, state=ItemState.DONE, gold=None).exists():
        face.round += 1
    face.state = FaceState.WAITING
    face.closed_at = face.accepted_policy = None
    face.save(update_fields=["state", "round", "closed_at", "accepted_policy"])
    order = order_in_force(dataset_id=face.dataset_id)
    item_for_face(face=face, kind=PassKind.ANNOTATE, order=order).save()
