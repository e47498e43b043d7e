"""The statements of the queue by themselves: no HTTP, no sign-in, no policy, nothing that is looked at.

    python -m benchmarks.queue_ceiling < plan.json > result.json

Each person is a thread with a connection that claims as they do in ``queue_people`` and carries out the same
statements for each face: lock and read it, then store a revision, the face, the item, the next item and the pass.
What it reaches is what the database lets the platform reach. Started by ``queue.py``.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
import uuid
from typing import Any, Final

import django
import psutil

KINDS: Final = ("annotate", "check", "check")


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
    django.setup()
    plan = json.load(sys.stdin)
    cycles = [0] * len(plan["people"])
    errors: list[Exception] = []

    def work(place: int) -> None:
        from django.db import connection

        try:
            cycles[place] = _Person(plan, plan["people"][place]).work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(cycles))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    used = psutil.Process().cpu_times()
    json.dump({"cycles": sum(cycles), "cpu_seconds": used.user + used.system}, sys.stdout)
    return 0


class _Person:
    def __init__(self, plan: dict[str, Any], user: int) -> None:
        from annotator.accounts.models import User
        from annotator.datasets.models import Dataset
        from benchmarks.queue_filling import LABELS

        self.plan = plan
        self.user = User.objects.get(pk=user)
        self.dataset = Dataset.objects.select_related("policy").get(pk=plan["dataset"])
        self.labels = LABELS
        self.chance = random.Random(user)  # which bucket and kind, not secrets
        self.turn = self.chance.randrange(len(KINDS))

    def work(self) -> int:
        """Take and store until the time is over; the faces stored in [since, until)."""
        from annotator.datasets.models import Role
        from annotator.work.models import PassKind, WorkItem
        from annotator.work.selectors.items import SHOWN
        from annotator.work.services.claiming import items_claim

        stored = 0
        queue: list[int] = []
        while time.monotonic() < self.plan["until"]:
            if len(queue) <= self.plan["refill_at"]:
                self.turn += 1
                kind = PassKind(KINDS[self.turn % len(KINDS)])
                asked = self.plan["ahead"] - len(queue)
                taken = items_claim(
                    dataset=self.dataset,
                    user=self.user,
                    role=Role.ANNOTATOR,
                    count=asked,
                    kinds=[kind],
                    have=queue,
                )
                SHOWN.rows(items=taken, user=self.user.pk)
                queue += taken
            if queue:
                self._store(WorkItem.objects.only("face_id").get(pk=queue.pop(0)))
                stored += self.plan["since"] <= time.monotonic() < self.plan["until"]
        return stored

    def _store(self, item: Any) -> None:
        """What a submit writes, in its order."""
        from django.db import transaction
        from django.utils import timezone

        from annotator.common.statements import together
        from annotator.faces.models import FaceState, Revision, RevisionKind
        from annotator.faces.rows import FACES, REVISIONS
        from annotator.work.models import BUCKETS, ItemState, Pass, PassKind, WorkItem
        from annotator.work.rows import ITEMS, PASSES
        from annotator.work.services.deciding import ACCEPT
        from annotator.work.services.drafts import draft_drop
        from annotator.work.services.turns import turn_lock

        item.dataset = self.dataset
        submission = uuid.uuid4()
        with transaction.atomic(), together():
            found = turn_lock(item=item, user=self.user, submission_id=submission)
            locked, face = found.item, found.face
            REVISIONS.add(
                Revision(
                    pk=found.revision_pk,
                    face_id=face.pk,
                    parent_id=face.current_id,
                    kind=RevisionKind(locked.kind),
                    author_id=self.user.pk,
                    policy_id=self.dataset.policy_id,
                    **self.labels,
                )
            )
            locked.state, locked.closed_at = ItemState.DONE, timezone.now()
            locked.leased_to_id = locked.lease_token = locked.leased_until = None
            ITEMS.update(
                locked, "state", "closed_at", "leased_to_id", "lease_token", "leased_until", "past_tokens"
            )
            draft_drop(item=locked, user=self.user)
            face.current_id = found.revision_pk
            if locked.pass_number == 2:
                face.state, face.closed_at = FaceState.ACCEPTED, timezone.now()
                face.accepted_policy_id = self.dataset.policy_id
                FACES.update(face, "state", "current_id", "accepted_policy_id", "closed_at")
                ACCEPT.run(face=face.pk, round=1, revision=found.revision_pk, age_mean=30.0)
            else:
                face.state = FaceState.CHECKING
                FACES.update(face, "state", "needs_person", "current_id")
                following = WorkItem(
                    dataset_id=locked.dataset_id,
                    image_id=locked.image_id,
                    face_id=face.pk,
                    kind=PassKind.CHECK,
                    pass_number=locked.pass_number + 1,
                    bucket=self.chance.randrange(BUCKETS),
                )
                ITEMS.add(following)
            PASSES.add(
                Pass(
                    submission_id=submission,
                    item_id=locked.pk,
                    dataset_id=locked.dataset_id,
                    image_id=locked.image_id,
                    face_id=face.pk,
                    round=1,
                    kind=locked.kind,
                    user_id=self.user.pk,
                    revision_id=found.revision_pk,
                    active_ms=20_000,
                    answer={"item": locked.pk, "revision": found.revision_pk, "kept_as": "counted"},
                )
            )


if __name__ == "__main__":
    sys.exit(main())
