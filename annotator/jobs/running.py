"""Running a job inside a worker: start by compare-and-set, heartbeat, progress, cancel, and how it ended."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from annotator.common.errors import Problem
from annotator.jobs.models import Job, JobState
from annotator.jobs.services import job_send

logger = logging.getLogger(__name__)

FLUSH_SECONDS: Final = 0.5
"""Progress is written, and the cancel flag read, at most this often."""


class JobCancelled(Exception):
    """Somebody asked for the job to stop."""


class JobLost(Exception):
    """The job belongs to another attempt by now: stop at once and write nothing more."""


class JobInterrupted(Exception):
    """Something outside ended the attempt's work (a process was killed): another attempt may go on with it."""


class RunningJob:
    """One attempt at one job. Every write carries the attempt, so that a lost one can change nothing.

    ``job``: the row as it was at the start; ``attempt``: its number, from 1.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.attempt = job.attempt
        self._done = job.done
        self._total = job.total
        self._message = job.message
        self._flushed_at = 0.0

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Note how far the work is; also does what ``check`` does."""
        self._done = done
        self._total = self._total if total is None else total
        self._message = message[:300] if message else self._message
        self.check()

    def say(self, message: str) -> None:
        """Note what the work is at, its progress unchanged; also does what ``check`` does."""
        self.progress(self._done, message=message)

    def check(self) -> None:
        """Raise JobCancelled or JobLost if that is how things stand; looks at most every half second."""
        if time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write the progress now. Raises JobCancelled or JobLost."""
        written = self._own().update(
            done=self._done, total=self._total, message=self._message, heartbeat_at=Now()
        )
        if not written:
            raise JobLost(f"Job {self.job.pk} is no longer attempt {self.attempt}'s.")
        self._flushed_at = time.monotonic()
        if self._own().filter(cancel_requested=True).exists():
            raise JobCancelled(f"Job {self.job.pk} was cancelled.")

    def fence(self) -> None:
        """Inside a transaction: make sure that it can only commit while the job is this attempt's.

        Locks the job's row until the transaction ends, so keep that short. Raises JobLost.
        """
        if not self._own().select_for_update(no_key=True).values_list("pk", flat=True).first():
            raise JobLost(f"Job {self.job.pk} is no longer attempt {self.attempt}'s.")

    def checkpoint(self, result: dict[str, Any]) -> None:
        """Inside the transaction of a piece of work: what is done by it, so that nothing is done twice or left out.

        A later attempt finds it as ``job.result``. Locks the job's row as ``fence`` does. Raises JobLost.
        """
        if not self._own().update(result=result):
            raise JobLost(f"Job {self.job.pk} is no longer attempt {self.attempt}'s.")

    def finish(self, state: JobState, **columns: Any) -> bool:
        """Write how the attempt ended. False if it had been lost before."""
        return bool(
            self._own().update(state=state, done=self._done, total=self._total, finished_at=Now(), **columns)
        )

    def give_back(self, reason: str) -> bool:
        """Queue the job again, for any worker to continue. False if it had been lost before."""
        return bool(self._own().update(state=JobState.QUEUED, sent_at=None, message=reason[:300]))

    def _own(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.job.pk, attempt=self.attempt, state=JobState.RUNNING)


Work = Callable[[RunningJob], dict[str, Any]]


def run_job(job_id: int, node: str, work: Work) -> None:
    """Run a queued job in this process; returns at once if another worker has it or it has ended.

    ``work`` returns the job's result (JSON types). What it raises becomes the job's error, in a sentence; a
    database that goes away, or JobInterrupted, gives the job back to the queue.
    """
    run = _start(job_id, node)
    if run is None:
        return
    try:
        with _heartbeat(run):
            run.flush()
            result = work(run)
        run.finish(JobState.DONE, result=result, error="")
    except JobCancelled:
        run.finish(JobState.CANCELLED, message="Cancelled")
    except JobLost as error:
        logger.warning("%s", error)
    except (OperationalError, InterfaceError) as error:
        connection.close()
        at_last = f"The database failed in every attempt, at last with: {error}"
        _give_back(run, error, "The database was away; waiting to continue", at_last)
    except JobInterrupted as error:
        _give_back(run, error, f"{error} Waiting to continue", f"{error} That happened in every attempt.")
    except Exception as error:
        logger.exception("Job %s (%s) failed", job_id, run.job.kind)
        run.finish(JobState.FAILED, error=sentence_of(error))


def _start(job_id: int, node: str) -> RunningJob | None:
    with transaction.atomic():
        started = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
            state=JobState.RUNNING,
            attempt=F("attempt") + 1,
            node=node[:120],
            started_at=Now(),
            heartbeat_at=Now(),
            done_at_start=F("done"),
            error="",
        )
        if not started:
            logger.info("Job %s is not queued: another worker has it, or it has ended.", job_id)
            return None
        return RunningJob(Job.objects.select_related("dataset__policy", "created_by").get(pk=job_id))


def _give_back(run: RunningJob, error: Exception, message: str, at_last: str) -> None:
    """Queue the job at once for the next attempt, or end it after the last one; without a database the reaper
    finds it."""
    logger.warning("Job %s stopped: %s", run.job.pk, error)
    try:
        if run.job.attempt >= run.job.max_attempts:
            run.finish(JobState.FAILED, error=at_last)
        elif run.give_back(message):
            job_send(job=run.job)
    except DatabaseError as again:
        logger.warning("The database is still away (%s); the reaper queues job %s again.", again, run.job.pk)


def sentence_of(error: BaseException) -> str:
    """What went wrong, for a person: the error's own words, or what a full disk means."""
    if isinstance(error, Problem):
        return error.message
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full: free some space and press Retry. What was stored so far is kept."
    if isinstance(error, MemoryError):
        return "The worker ran out of memory: give it more, or run fewer workers beside it, and press Retry."
    kind = type(error)
    words = str(error).strip()
    if kind.__module__ == "builtins" or not words:
        return f"{kind.__name__}: {words}" if words else kind.__name__
    return words


@contextmanager
def _heartbeat(run: RunningJob) -> Iterator[None]:
    """Beats by a side process for as long as the block runs (annotator.jobs.heartbeat)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "annotator.jobs.heartbeat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=settings.BASE_DIR,
        text=True,
    )
    pipe = process.stdin
    if pipe is None:
        raise RuntimeError("The heartbeat process has no standard input, although a pipe was asked for.")
    dsn = {k: v for k, v in connection.get_connection_params().items() if isinstance(v, str | int)}
    order = {
        "dsn": dsn,
        "job": run.job.pk,
        "attempt": run.attempt,
        "seconds": settings.JFA_JOB_HEARTBEAT_SECONDS,
        "parent": os.getpid(),
    }
    try:
        pipe.write(json.dumps(order) + "\n")
        pipe.flush()
        yield
    finally:
        with contextlib.suppress(BrokenPipeError):  # it ended by itself: the job was lost
            pipe.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
