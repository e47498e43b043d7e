"""Real Celery workers for tests that kill them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import pytest
from django.conf import settings as django_settings
from django.db import connection

from annotator.config.celery import app
from annotator.jobs.models import Job

PATIENCE_S = 90


def until(what: Callable[[], bool], why: str) -> None:
    """Wait until something is so. A deadline, not a pause: fails with ``why``."""
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline, f"after {PATIENCE_S} s still not: {why}"
        time.sleep(0.05)


class Worker:
    """`celery worker` with one child, on the test's database, storage and queue."""

    def __init__(self, folder: Path, queue: str) -> None:
        url = urlsplit(os.environ["DATABASE_URL"])
        name = connection.settings_dict["NAME"]
        environment = {
            **os.environ,
            "DATABASE_URL": urlunsplit(url._replace(path=f"/{name}")),
            "JFA_DATA_DIR": os.fspath(folder),
            "DJANGO_SETTINGS_MODULE": "annotator.config.settings",
        }
        self.log = folder / "worker.log"
        options = ("--queues", queue, "--concurrency", "1", "--hostname", "test@%h", "--loglevel", "INFO")
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
        job = Job.objects.get(state="running")
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


StartWorker = Callable[..., Worker]


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[StartWorker]:
    started: list[Worker] = []

    def start(queue: str = "cpu") -> Worker:
        started.append(Worker(tmp_path, queue))
        return started[-1]

    app.control.purge()
    yield start
    for worker in started:
        worker.end()
    app.control.purge()
