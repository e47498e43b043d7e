"""Pre-labelling: every waiting image gets its coarse faces and their work items in one transaction an image.

A worker killed half-way leaves whole images labelled and the others waiting; whoever goes on finds out under
a lock on the image which of the two an image is. So nothing is lost and nothing is done twice.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol

import numpy as np
from django.db import IntegrityError, transaction
from django.utils import timezone
from numpy.typing import NDArray

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset
from annotator.faces.services import faces_prelabel
from annotator.images.models import Image, Verdict
from annotator.images.services.derivatives import upright_pixels
from annotator.jobs.models import LIVE, Job, JobKind, JobState
from annotator.jobs.services import job_create
from annotator.learning.selectors.waiting import (
    datasets_to_prelabel,
    images_failed,
    images_waiting,
    images_waiting_after,
    prelabel_jobs_latest,
)
from annotator.work.services.opening import items_open_for_image
from jfa_pipeline.coarse.protocol import CoarseFace, Provider, ProviderRefused
from jfa_pipeline.core.pixels import PixelsRefused

logger = logging.getLogger(__name__)

TASK: Final = "learning.run_prelabel"
BATCH: Final = 50
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=30)
MADE_BY_LENGTH: Final = 60
DEATHS_ALLOWED: Final = 3
"""So many attempts of a job may end without a word on the same image; then the image is given up."""

ImageOutcome = Literal["labelled", "failed", "skipped"]


class Running(Protocol):
    """The part of annotator.jobs.running.RunningJob that this work needs."""

    @property
    def job(self) -> Job: ...

    def progress(self, done: int, total: int | None = None, message: str = "") -> None: ...

    def check(self) -> None: ...


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
            job = job_create(dataset=dataset, kind=JobKind.PRELABEL, task=TASK, params={}, created_by=actor)
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


def prelabel_run(*, run: Running, provider: Provider) -> dict[str, Any]:
    """The body of a pre-label job: label every waiting image of the job's dataset, in id order.

    Returns counts for the job's result. Raises JobCancelled or JobLost between two images, and
    ProviderUnavailable, which fails the job; images not reached stay waiting.
    """
    dataset = run.job.dataset
    total = images_waiting(dataset=dataset).count()
    counts = {"labelled": 0, "failed": 0, "skipped": 0}
    done = last = 0
    if (deadly := _deadly_image(run.job)) is not None:
        counts[_give_up(deadly, provider)] += 1
    run.progress(0, total, f"{total} images wait")
    while batch := images_waiting_after(dataset=dataset, after=last, limit=BATCH):
        for image_id in batch:
            run.check()
            counts[image_prelabel(image_id=image_id, provider=provider)] += 1
            done += 1
            run.progress(done, max(total, done), f"{counts['labelled']} labelled, {counts['failed']} failed")
        last = batch[-1]
    return {**counts, "made_by": made_by(provider), "provider": provider.name, "version": provider.version}


def _deadly_image(job: Job) -> int | None:
    """The image on which attempts of this job keep dying; None if there is none.

    Images are labelled in the order of their ids, so an attempt that was killed without finishing one image
    leaves the same first waiting image to the next. Each attempt writes it down before it starts.
    """
    waiting = images_waiting_after(dataset=job.dataset, after=0, limit=1)
    starts = [*job.params.get("first_images", []), *waiting][-DEATHS_ALLOWED - 1 :]
    Job.objects.filter(pk=job.pk, attempt=job.attempt).update(params={**job.params, "first_images": starts})
    died = len(starts) > DEATHS_ALLOWED and len(set(starts)) == 1
    return starts[-1] if died else None


def _give_up(image_id: int, provider: Provider) -> ImageOutcome:
    image = Image.objects.select_related("dataset__policy").get(pk=image_id)
    problem = f"The worker died {DEATHS_ALLOWED} times on this image: out of memory, or a fault of a model."
    return _store(image, (), provider, problem)


def made_by(provider: Provider) -> str:
    """Provider and version as they are stored with every label, in 60 characters.

    A longer version is named by its first part and a digest of all of it; the job's result has it in full.
    """
    whole = f"{provider.name} {provider.version}"
    if len(whole) <= MADE_BY_LENGTH:
        return whole
    digest = hashlib.sha256(provider.version.encode()).hexdigest()[:8]
    return f"{provider.name} {provider.version.split('+')[0]}"[: MADE_BY_LENGTH - 9] + f"+{digest}"


def image_prelabel(*, image_id: int, provider: Provider) -> ImageOutcome:
    """Label one image. "skipped": meanwhile labelled by another worker, turned, given a verdict, or deleted.

    "failed": its pixels cannot be read or the provider refuses it; the reason is stored with the image, and
    its sweep item is opened all the same, so that people can draw its faces. Raises ProviderUnavailable.
    """
    image = Image.objects.select_related("dataset__policy").filter(pk=image_id).first()
    if image is None:
        return "skipped"
    faces: Sequence[CoarseFace] = ()
    problem = ""
    try:
        faces = provider.label(_pixels(image))
    except FileNotFoundError:
        problem = "The stored file of this image is gone; import the photograph again."
    except PixelsRefused as error:
        problem = f"The pixels cannot be read: {error.message}"
    except ProviderRefused as error:
        problem = f"{provider.name} refused the image ({error.code}): {error}"
    return _store(image, faces, provider, problem)


def _pixels(image: Image) -> NDArray[np.uint8]:
    return np.ascontiguousarray(upright_pixels(image))


@transaction.atomic
def _store(seen: Image, faces: Sequence[CoarseFace], provider: Provider, problem: str) -> ImageOutcome:
    """Locks the image row. What was computed from another turn of the image is thrown away."""
    image = (
        Image.objects.select_for_update(of=("self",))
        .select_related("dataset__policy")
        .filter(pk=seen.pk)
        .first()
    )
    if (
        image is None
        or image.prelabelled_at is not None
        or image.prelabel_error
        or image.verdict != Verdict.NONE
        or image.rotation != seen.rotation
    ):
        return "skipped"
    if problem:
        logger.warning("Image %s (%s) was not labelled: %s", image.pk, image.name, problem)
        image.prelabel_error = problem[:300]
        image.save(update_fields=["prelabel_error"])
    else:
        policy = image.dataset.policy
        if policy is None:
            raise Invalid("no_policy", "This dataset has no policy yet; publish one first.")
        faces_prelabel(image=image, faces=faces, made_by=made_by(provider), policy_version=policy)
        image.prelabelled_by = made_by(provider)
        image.prelabelled_at = timezone.now()
        image.save(update_fields=["prelabelled_by", "prelabelled_at"])
    items_open_for_image(image=image)
    return "failed" if problem else "labelled"
