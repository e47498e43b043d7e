"""Celery functions of this app. Importing them also starts the worker's reports (presence)."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task

from annotator.jobs.running import RunningJob, run_job
from annotator.learning import presence
from annotator.learning.providers import provider_choice
from annotator.learning.services.prelabel_jobs import (
    TASK,
    prelabel_jobs_place,
    prelabel_start_waiting,
    relabel_start_due,
)
from annotator.learning.services.prelabelling import prelabel_run
from annotator.learning.services.registry import RELABEL_TASK

__all__ = ["prelabel_waiting", "presence", "relabel", "run_prelabel"]


@shared_task(name="learning.prelabel_waiting")
def prelabel_waiting() -> None:
    """Sent by beat, and after imports and turns; looks at the database, so a lost or repeated message is no harm.

    Images of a dataset whose champion changed are labelled by the same job as its untouched faces.
    """
    relabel_start_due()
    prelabel_start_waiting()
    prelabel_jobs_place()


@shared_task(name=RELABEL_TASK)
def relabel(_: int) -> None:
    """Sent when a champion changed; looks at the database for every dataset of which that is so."""
    relabel_start_due()


@shared_task(name=TASK, bind=True)
def run_prelabel(self: Task[Any, Any], job_id: int) -> None:
    """Run one pre-label job; a repeated message loses the compare-and-set of run_job and ends."""

    def work(run: RunningJob) -> dict[str, Any]:
        chosen = provider_choice(run.job.dataset)
        if (
            chosen.queue != run.job.queue
        ):  # the champion changed while the job was on its way: the beat sends the next
            return {"champion_changed": True}

        def is_current() -> bool:
            return provider_choice(run.job.dataset).key == chosen.key

        return prelabel_run(run=run, provider=chosen.provider(), is_current=is_current)

    run_job(job_id, str(self.request.hostname), work)
