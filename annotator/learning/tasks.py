"""Celery functions of this app. Importing them also starts the worker's reports (presence)."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task
from django.conf import settings

from annotator.jobs.running import RunningJob, run_job
from annotator.learning import presence
from annotator.learning.providers import resident_provider
from annotator.learning.services.prelabelling import TASK, prelabel_run, prelabel_start_waiting

__all__ = ["prelabel_waiting", "presence", "run_prelabel"]


@shared_task(name="learning.prelabel_waiting")
def prelabel_waiting() -> None:
    """Sent by beat, and after imports and turns; looks at the database, so a lost or repeated message is no harm."""
    prelabel_start_waiting()


@shared_task(name=TASK, bind=True)
def run_prelabel(self: Task[Any, Any], job_id: int) -> None:
    """Run one pre-label job; a repeated message loses the compare-and-set of run_job and ends."""

    def work(run: RunningJob) -> dict[str, Any]:
        return prelabel_run(run=run, provider=resident_provider(settings.JFA_COARSE_PROVIDER))

    run_job(job_id, str(self.request.hostname), work)
