"""A real Celery worker, killed twice in the middle of a pre-label job: nothing is lost, nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db.models import Count
from PIL import Image as PillowImage

from annotator.datasets.models import Dataset
from annotator.demo.pictures import astronaut_file
from annotator.faces.models import Face, Revision
from annotator.images.models import Image
from annotator.jobs.models import Job, JobState
from annotator.jobs.services import jobs_reap
from annotator.learning.models import WorkerNode
from annotator.learning.services.prelabel_jobs import prelabel_start
from annotator.work.models import PassKind, WorkItem
from tests.cast import ImageFactory
from tests.learning.conftest import StartWorker, until

IMAGES = 16


@pytest.mark.django_db(transaction=True)
def test_it_labels_each_image_once_though_its_worker_is_killed_twice(
    dataset: Dataset,
    image_factory: ImageFactory,
    start_worker: StartWorker,
    settings: Any,
) -> None:
    settings.JFA_JOB_LOST_AFTER_SECONDS = 2
    with PillowImage.open(astronaut_file()) as portrait:
        pixels = np.asarray(portrait.convert("RGB"))
    for shift in range(IMAGES):
        image_factory(dataset, pixels=np.roll(pixels, 3 * shift, axis=0), prelabelled=False)
    job = prelabel_start(dataset=dataset, actor=None)

    def labelled(least: int) -> Callable[[], bool]:
        return lambda: Image.objects.exclude(prelabelled_at=None).count() >= least

    def returned() -> bool:
        jobs_reap()
        return (
            Job.objects.get(pk=job.pk).attempt > attempt
            or Job.objects.get(pk=job.pk).state == JobState.QUEUED
        )

    worker = start_worker()
    until(labelled(3), "three images labelled")
    attempt = Job.objects.get(pk=job.pk).attempt
    worker.kill_child()
    assert Image.objects.filter(prelabelled_at=None).exists(), "the job was over before its worker was killed"
    until(returned, "the job taken back from the killed child")
    until(labelled(7), "seven images labelled")
    attempt = Job.objects.get(pk=job.pk).attempt
    worker.kill()
    assert Image.objects.filter(prelabelled_at=None).exists(), "the job was over before its worker was killed"
    until(returned, "the job taken back from the killed worker")
    last = start_worker()
    until(lambda: Job.objects.get(pk=job.pk).state == JobState.DONE, f"done; see {last.log}")

    job.refresh_from_db()
    assert job.attempt >= 3
    assert (
        Image.objects.exclude(prelabelled_at=None).filter(prelabelled_by__startswith="packaged").count()
        == IMAGES
    )
    faces = Face.objects.values("image").annotate(n=Count("pk")).values_list("n", flat=True)
    assert len(faces) == IMAGES
    boxes = list(Revision.objects.values_list("face__image", "x1", "y1"))
    assert len(boxes) == len(set(boxes)) == Face.objects.count()
    assert WorkItem.objects.filter(kind=PassKind.SWEEP, state="open").count() == IMAGES
    offered = Face.objects.filter(state="waiting").count()
    assert WorkItem.objects.filter(kind=PassKind.ANNOTATE, state="open").count() == offered
    assert WorkerNode.objects.get().queues == "cpu"
    last.end()
    assert not WorkerNode.objects.exists()
