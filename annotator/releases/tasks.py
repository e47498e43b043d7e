"""Celery functions of this app."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task

from annotator.jobs.running import run_job
from annotator.releases.services.freezing import TASK
from annotator.releases.services.writing import release_write


@shared_task(name=TASK, bind=True)
def write(self: Task[Any, Any], job_id: int) -> None:
    """Write the files of one release."""
    run_job(job_id, str(self.request.hostname), lambda run: release_write(run=run))
