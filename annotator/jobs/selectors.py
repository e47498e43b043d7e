"""Reads about jobs."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone

from annotator.accounts.models import User
from annotator.common.errors import NotFound
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Dataset, Role
from annotator.jobs.models import Job


def job_list(*, dataset: Dataset) -> QuerySet[Job]:
    """The jobs of a dataset; newest first is the caller's page order."""
    return Job.objects.filter(dataset=dataset)


def job_access(*, user: User | AnonymousUser, job_id: int, roles: tuple[Role, ...]) -> Job:
    """The job, if the person has one of the roles in its dataset. Raises NotFound or NotAllowed."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise NotFound()
    dataset_access(user=user, dataset_id=job.dataset_id, roles=roles)
    return job


def job_rate(job: Job) -> float | None:
    """Units a second of the latest attempt; None before it has done any."""
    if job.started_at is None or job.done <= job.done_at_start:
        return None
    seconds = ((job.finished_at or timezone.now()) - job.started_at).total_seconds()
    return round((job.done - job.done_at_start) / seconds, 2) if seconds > 0 else None
