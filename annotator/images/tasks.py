"""Celery functions of this app."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task

from annotator.images.services.importing import TASK, import_run
from annotator.images.services.uploads import uploads_clear
from annotator.jobs.running import RunningJob, run_job


@shared_task(name=TASK, bind=True)
def run_import(self: Task[Any, Any], job_id: int) -> None:
    """Run one import job; a repeated message loses the compare-and-set of run_job and ends."""

    def work(run: RunningJob) -> dict[str, Any]:
        return import_run(run=run)

    run_job(job_id, str(self.request.hostname), work)
    uploads_clear()
