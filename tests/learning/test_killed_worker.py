"""A real Celery worker, killed twice in the middle of a pre-label job: nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import psutil
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.db.models import Count
from PIL import Image as PillowImage

from annotator.config.celery import app
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

IMAGES = 16
PATIENCE_S = 90


def until(what: Callable[[], bool], why: str) -> None:
    """Wait until something is so. A deadline, not a pause: fails with ``why``."""
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline, f"after {PATIENCE_S} s still not: {why}"
        time.sleep(0.05)


class Worker:
    """`celery worker` with one child, on the test's database, storage and queue."""

    def __init__(self, folder: Path) -> None:
        url = urlsplit(os.environ["DATABASE_URL"])
        name = connection.settings_dict["NAME"]
        environment = {
            **os.environ,
            "DATABASE_URL": urlunsplit(url._replace(path=f"/{name}")),
            "JFA_DATA_DIR": os.fspath(folder),
            "DJANGO_SETTINGS_MODULE": "annotator.config.settings",
        }
        self.log = folder / "worker.log"
        options = ("--queues", "cpu", "--concurrency", "1", "--hostname", "test@%h", "--loglevel", "INFO")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "annotator.config.celery:app", "worker", *options],
                stdout=log,
                stderr=log,
                cwd=django_settings.BASE_DIR,
                env=environment,
                start_new_session=True,
            )

    def kill_child(self) -> None:
        """kill -9 of the process that runs the job; Celery starts another one."""
        job = Job.objects.get()
        for process in psutil.Process(self.process.pid).children(recursive=True):
            if "annotator.jobs.heartbeat" in process.cmdline():
                parent = process.parent()
                assert parent is not None, job
                parent.kill()
                return
        pytest.fail("no process runs the job")

    def kill(self) -> None:
        """kill -9 of the worker with everything it started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[[], Worker]]:
    started: list[Worker] = []

    def start() -> Worker:
        started.append(Worker(tmp_path))
        return started[-1]

    app.control.purge()
    yield start
    for worker in started:
        worker.end()
    app.control.purge()


@pytest.mark.django_db(transaction=True)
def test_it_labels_each_image_once_though_its_worker_is_killed_twice(
    dataset: Dataset,
    image_factory: ImageFactory,
    start_worker: Callable[[], Worker],
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
