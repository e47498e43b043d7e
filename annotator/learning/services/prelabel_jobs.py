"""Starting pre-label jobs: by a person, for images that wait, and after the champion changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset
from annotator.jobs.models import LIVE, Job, JobKind, JobState
from annotator.jobs.services import job_create
from annotator.learning.models import Promotion
from annotator.learning.providers import GPU_QUEUE, provider_choice
from annotator.learning.selectors.nodes import is_served
from annotator.learning.selectors.registry import promotions_to_relabel
from annotator.learning.selectors.waiting import (
    datasets_to_prelabel,
    images_failed,
    images_waiting,
    prelabel_jobs_latest,
)

TASK: Final = "learning.run_prelabel"
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=30)


def prelabel_start(*, dataset: Dataset, actor: User | None, retry_failed: bool = False) -> Job:
    """The dataset's live pre-label job, or a new one.

    retry_failed: images that could not be labelled before wait again. Raises Invalid ``nothing_waiting`` if
    every image has its coarse labels.
    """
    try:
        with transaction.atomic():
            retried = images_failed(dataset=dataset).update(prelabel_error="") if retry_failed else 0
            live = Job.objects.filter(dataset=dataset, kind=JobKind.PRELABEL, state__in=LIVE).first()
            if live is not None:
                return live
            if not images_waiting(dataset=dataset).exists():
                raise Invalid("nothing_waiting", "Every image of this dataset already has its coarse labels.")
            job = _create(dataset=dataset, actor=actor, params={})
            if actor is not None:
                audit(
                    actor=actor, verb="prelabel.started", target=job, dataset_id=dataset.pk, retried=retried
                )
            return job
    except IntegrityError:  # one_live_prelabel_per_dataset: somebody else was faster
        return Job.objects.get(dataset=dataset, kind=JobKind.PRELABEL, state__in=LIVE)


def prelabel_start_waiting() -> list[Job]:
    """Start a job for each dataset whose images wait and whose time has come; see ``is_due``."""
    now = timezone.now()
    started = []
    for dataset in datasets_to_prelabel():
        latest = prelabel_jobs_latest(dataset=dataset, limit=8)
        newest = images_waiting(dataset=dataset).order_by("-pk").first()
        if newest is not None and is_due(latest=latest, newest_image_at=newest.created_at, now=now):
            started.append(prelabel_start(dataset=dataset, actor=None))
    return started


def relabel_start_due() -> list[Job]:
    """Start a job for each dataset whose champion changed and whose untouched faces have not been labelled anew.

    While another pre-label job of the dataset is live, it waits for the next look.
    """
    started = []
    for found in promotions_to_relabel():
        try:
            with transaction.atomic():
                promotion = Promotion.objects.select_for_update(of=("self",)).get(pk=found.pk)
                if promotion.relabel_job_id is not None:
                    continue
                job = _create(dataset=found.dataset, actor=found.actor, params={"relabel": True})
                promotion.relabel_job = job
                promotion.save(update_fields=["relabel_job"])
                started.append(job)
        except IntegrityError:  # one_live_prelabel_per_dataset: another one started just now
            continue
    return started


def prelabel_jobs_place() -> int:
    """Move queued jobs to the queue of who pre-labels their dataset now, and tell why others have to wait.

    How many were moved. Each write is a compare-and-set: a job that a worker just took is left alone.
    """
    moved = 0
    queued = Job.objects.filter(kind=JobKind.PRELABEL, state=JobState.QUEUED)
    for job in queued.select_related("dataset"):
        queue = provider_choice(job.dataset).queue
        still = queued.filter(pk=job.pk, queue=job.queue, attempt=job.attempt)
        if queue != job.queue:
            moved += still.update(queue=queue, sent_at=None, message=_message(queue))
        elif (message := _message(queue)) != job.message and (
            message or job.message.startswith((NOBODY, BUSY))
        ):
            still.update(message=message)
    return moved


def is_due(*, latest: Sequence[Job], newest_image_at: datetime, now: datetime) -> bool:
    """Whether to start a job by itself after these finished ones (newest first).

    After a cancelled one only when newer images came. After failures with a pause that doubles from half a
    minute to half an hour: a provider that is away is asked again, and not all the time.
    """
    if not latest or latest[0].state == JobState.DONE:
        return True
    ended_at = latest[0].finished_at or latest[0].created_at
    if latest[0].state == JobState.CANCELLED:
        return newest_image_at > ended_at
    failures = 0
    for job in latest:
        if job.state != JobState.FAILED:
            break
        failures += 1
    return now >= ended_at + min(FIRST_PAUSE * (1 << (failures - 1)), LONGEST_PAUSE)


NOBODY: Final = "No worker serves the queue"
BUSY: Final = "Waits: the worker of the queue"


def _create(*, dataset: Dataset, actor: User | None, params: dict[str, object]) -> Job:
    queue = provider_choice(dataset).queue
    job = job_create(
        dataset=dataset, kind=JobKind.PRELABEL, task=TASK, params=params, created_by=actor, queue=queue
    )
    if message := _message(queue):
        Job.objects.filter(pk=job.pk).update(message=message)
        job.message = message
    return job


def _message(queue: str) -> str:
    """What a queued job says: nothing, or why it may be queued for long."""
    if not is_served(queue=queue):
        told = f"{NOBODY} '{queue}' right now. The job begins by itself once a worker is there"
        if queue == GPU_QUEUE:
            told += "; to go on without one, roll the champion back to the coarse provider"
        return f"{told}."
    if queue == GPU_QUEUE:  # a worker of this queue does one thing at a time, and a training takes hours
        busy = Job.objects.filter(queue=queue, state=JobState.RUNNING).order_by("started_at").first()
        if busy is not None:
            return f"{BUSY} '{queue}' is busy with another job ({busy.get_kind_display()})."
    return ""
