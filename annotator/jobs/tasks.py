"""Celery functions of this app."""

from __future__ import annotations

from celery import shared_task

from annotator.jobs.services import jobs_reap


@shared_task(name="jobs.reap")
def reap() -> None:
    """Sent by beat every few seconds."""
    jobs_reap()
