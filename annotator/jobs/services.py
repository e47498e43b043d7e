"""Writes about jobs: create, send, cancel, try again, and find the ones that got lost.

The row is the truth. A Celery message carries only the id and may get lost or come twice: starting a job is
a compare-and-set, and ``jobs_reap`` sends again what nobody started or whose worker went silent.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from kombu.exceptions import ChannelError, KombuError
from redis.exceptions import RedisError

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict
from annotator.datasets.models import Dataset
from annotator.jobs.models import LIVE, Job, JobKind, JobState

logger = logging.getLogger(__name__)

RESEND_AFTER: Final = timedelta(seconds=30)
"""A job that was sent and not started for this long is sent again, if its queue is empty by then."""

ATTEMPTS: Final = 5

BROKER_ERRORS: Final = (KombuError, RedisError, OSError)


def message_send(*, task: str, args: tuple[Any, ...] = (), queue: str | None = None) -> bool:
    """Send a Celery message now, to ``queue`` or to where the settings send this task.

    False, with a warning in the log, if Redis cannot be reached.
    Never raises for an unreachable Redis: whoever sends must also be found by a look at the database.
    """
    try:
        current_app.send_task(task, args=args, queue=queue, retry=False)
    except BROKER_ERRORS as error:
        logger.warning("The message for %s was not sent (Redis: %s); it is sent again later.", task, error)
        return False
    return True


def job_create(
    *,
    dataset: Dataset,
    kind: JobKind | str,
    task: str,
    params: Mapping[str, Any],
    created_by: User | None,
    queue: str = "cpu",
) -> Job:
    """A queued job; its message goes out when the surrounding transaction commits.

    Raises IntegrityError where the database allows one live job only (pre-labelling, training).
    """
    job = Job.objects.create(
        dataset=dataset,
        kind=kind,
        task=task,
        queue=queue,
        params=dict(params),
        created_by=created_by,
        max_attempts=ATTEMPTS,
    )
    transaction.on_commit(partial(job_send, job=job))
    return job


def job_send(*, job: Job) -> None:
    """Send the job's message and note when; without Redis the note stays empty and the reaper sends it."""
    if message_send(task=job.task, args=(job.pk,), queue=job.queue):
        Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(sent_at=Now())


@transaction.atomic
def job_cancel(*, job: Job, actor: User | None) -> Job:
    """Cancel at once if no worker has it; otherwise ask its worker, which stops within seconds.

    Locks the row. Raises Conflict ``job_finished``.
    """
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.state not in LIVE:
        raise Conflict(
            "job_finished", f"This job has already ended ({job.state}); there is nothing to cancel."
        )
    job.cancel_requested = True
    fields = ["cancel_requested"]
    if job.state == JobState.QUEUED:
        job.state = JobState.CANCELLED
        job.message = "Cancelled before it started"
        fields += ["state", "message"]
    job.save(update_fields=fields)
    if job.state == JobState.CANCELLED:
        Job.objects.filter(pk=job.pk).update(finished_at=Now())
    audit(actor=actor, verb="job_cancel", target=job, dataset_id=job.dataset_id, kind=job.kind)
    job.refresh_from_db()
    return job


def job_retry(*, job: Job, actor: User | None) -> Job:
    """Queue a failed or cancelled job again; it continues where it was.

    Locks the row. Raises Conflict ``job_not_failed``, or ``job_live`` where another one of its kind is live.
    """
    try:
        with transaction.atomic():
            job = Job.objects.select_for_update().get(pk=job.pk)
            if job.state not in (JobState.FAILED, JobState.CANCELLED):
                raise Conflict(
                    "job_not_failed",
                    f"Only a failed or cancelled job can run again; this one is {job.state}.",
                )
            job.state = JobState.QUEUED
            job.cancel_requested = False
            job.error = job.message = job.node = ""
            job.max_attempts = job.attempt + ATTEMPTS
            job.sent_at = job.finished_at = job.heartbeat_at = None
            job.save()
            audit(actor=actor, verb="job_retry", target=job, dataset_id=job.dataset_id, kind=job.kind)
            transaction.on_commit(partial(job_send, job=job))
    except IntegrityError as error:
        raise Conflict(
            "job_live", f"Another {job.kind} job of this dataset is already queued or running."
        ) from error
    return job


@dataclass(frozen=True, slots=True)
class Reaped:
    """What one look found. sent: messages sent again. returned: jobs taken from silent workers. ended: given up."""

    sent: int
    returned: int
    ended: int


def jobs_reap() -> Reaped:
    """Take jobs back from workers that went silent, and send again what got lost. Safe to run twice at once.

    Each step is one compare-and-set statement with the database's clock, so that neither a second reaper nor
    the clocks of several machines can do harm.
    """
    silent = Q(state=JobState.RUNNING) & (
        Q(heartbeat_at=None)
        | Q(heartbeat_at__lt=Now() - timedelta(seconds=settings.JFA_JOB_LOST_AFTER_SECONDS))
    )
    ended = Job.objects.filter(silent, cancel_requested=True).update(
        state=JobState.CANCELLED, finished_at=Now(), message="Cancelled; its worker had gone silent"
    )
    ended += Job.objects.filter(silent, attempt__gte=F("max_attempts")).update(
        state=JobState.FAILED,
        finished_at=Now(),
        error="Its worker went silent in every attempt (killed, out of memory, or the machine stopped). "
        "Look at the worker's log, then press Retry.",
    )
    returned = Job.objects.filter(silent).update(
        state=JobState.QUEUED, sent_at=None, message="Its worker went silent; waiting for another one"
    )
    return Reaped(sent=_resend_lost(), returned=returned, ended=ended)


def _resend_lost() -> int:
    never_sent = Q(sent_at=None)
    overdue = Q(sent_at__lt=Now() - RESEND_AFTER)
    sent = 0
    empty: dict[str, bool] = {}
    for job in Job.objects.filter(never_sent | overdue, state=JobState.QUEUED).order_by("pk")[:200]:
        if job.sent_at is not None:
            if job.queue not in empty:
                empty[job.queue] = _queue_is_empty(job.queue)
            if not empty[job.queue]:
                continue  # its message may still be waiting behind others
        claimed = Job.objects.filter(pk=job.pk, state=JobState.QUEUED, sent_at=job.sent_at).update(
            sent_at=Now()
        )
        if claimed and message_send(task=job.task, args=(job.pk,), queue=job.queue):
            sent += 1
        elif claimed:
            Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(sent_at=None)
            break  # Redis is away: the next look tries again
    return sent


def _queue_is_empty(queue: str) -> bool:
    try:
        with current_app.connection_for_write() as connection:
            channel: Any = connection.default_channel
            return bool(channel.queue_declare(queue=queue, passive=True).message_count == 0)
    except ChannelError:  # Redis keeps no empty list
        return True
    except BROKER_ERRORS:
        return False
