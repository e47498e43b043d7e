"""Celery tasks of the queue; each is idempotent and correctness depends on none of them."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task

from annotator.datasets.models import Dataset
from annotator.jobs.running import run_job
from annotator.work.services.bulk import TASK as BULK
from annotator.work.services.bulk import order_run
from annotator.work.services.ordering import queue_order
from annotator.work.services.policy_change import faces_follow_policy
from annotator.work.services.tidying import queue_tidy

ROUNDS_A_RUN = 50


@shared_task(name=BULK, bind=True)
def bulk(self: Task[Any, Any], job_id: int) -> None:
    """Carry out an order for many faces or images."""
    run_job(job_id, str(self.request.hostname), lambda run: order_run(run=run))


@shared_task(name="work.expire_leases")
def expire_leases() -> dict[str, int]:
    """From the beat: tidy leases and drafts, and let faces follow policies whose message got lost."""
    done = queue_tidy()
    done["followed"] = sum(_follow(dataset) for dataset in Dataset.objects.order_by("pk"))
    return done


@shared_task(name="work.follow_policy")
def follow_policy(dataset_id: int) -> int:
    """After a policy was published."""
    dataset = Dataset.objects.get(pk=dataset_id)
    return _follow(dataset) + queue_order(dataset=dataset)


@shared_task(name="work.order_queues")
def order_queues() -> int:
    """From the beat: levels follow models and accepted faces where the order is "learning"."""
    return sum(queue_order(dataset=dataset) for dataset in Dataset.objects.order_by("pk"))


def _follow(dataset: Dataset) -> int:
    total = 0
    for _ in range(ROUNDS_A_RUN):
        if not (moved := faces_follow_policy(dataset=dataset)):
            break
        total += moved
    return total
