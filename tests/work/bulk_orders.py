"""Orders for many faces, carried out in the test's own transaction."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face
from annotator.jobs.models import Job, JobState
from annotator.jobs.running import RunningJob
from annotator.work.models import ItemState, Pass, PassKind, WorkItem
from annotator.work.selectors.bulk import Order
from annotator.work.services.bulk import order_run, order_start


def attempt(job: Job) -> RunningJob:
    """The next attempt at a job, as a worker would have started it."""
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempt=job.attempt + 1)
    job.refresh_from_db()
    return RunningJob(Job.objects.select_related("created_by").get(pk=job.pk))


def carry_out(*, dataset: Dataset, order: Order, actor: User) -> dict[str, Any]:
    """What the job of an order brought."""
    job, _ = order_start(dataset=dataset, order=order, actor=actor)
    return order_run(run=attempt(job))


def open_item(face: Face) -> WorkItem:
    return WorkItem.objects.get(face=face, state=ItemState.OPEN)


def timed_pass(
    item: WorkItem, user: User, *, kind: PassKind | None = None, seconds: float = 30.0, **columns: Any
) -> Pass:
    """A counted pass on the item's face that took so many active seconds; the item stays as it is."""
    return Pass.objects.create(
        submission_id=uuid4(),
        item=item,
        dataset_id=item.dataset_id,
        image_id=item.image_id,
        user=user,
        answer={},
        active_ms=int(seconds * 1000),
        **{"face": item.face, "round": item.round, "kind": kind or item.kind, **columns},
    )
