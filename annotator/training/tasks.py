"""Celery functions of this app."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task

from annotator.jobs.running import run_job
from annotator.training.services.learning_job import training_work
from annotator.training.services.runs import ADVANCE_TASK, TASK, runs_advance
from annotator.training.services.triggering import runs_trigger


@shared_task(name=TASK, bind=True)
def run(self: Task[Any, Any], job_id: int) -> None:
    """Run one training job; a repeated message loses the compare-and-set of run_job and ends."""
    run_job(job_id, str(self.request.hostname), lambda running: training_work(run=running))


@shared_task(name=ADVANCE_TASK)
def advance() -> None:
    """Sent by beat: runs whose release is written start; looks at the database only."""
    runs_advance()


@shared_task(name="training.trigger")
def trigger() -> None:
    """Sent by beat: datasets that train by themselves and have enough new faces, or whose time has come."""
    runs_trigger()
