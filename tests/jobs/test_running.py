"""An attempt at a job: start, progress, cancel, failure, and what a lost attempt may not do."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import connection, transaction

from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset
from annotator.jobs.models import Job, JobKind, JobState
from annotator.jobs.running import JobInterrupted, JobLost, RunningJob, run_job
from annotator.jobs.services import job_cancel, job_create


@pytest.fixture
def job(dataset: Dataset) -> Job:
    return job_create(dataset=dataset, kind=JobKind.RELEASE, task="tests.none", params={}, created_by=None)


def run(job: Job, work: Any) -> Job:
    run_job(job.pk, "node-1", work)
    job.refresh_from_db()
    return job


def test_it_runs_a_job_and_keeps_its_result(job: Job) -> None:
    def work(run: RunningJob) -> dict[str, Any]:
        run.progress(2, 4, "half")
        run.progress(4)
        return {"made": 4}

    done = run(job, work)
    assert (done.state, done.attempt, done.node) == (JobState.DONE, 1, "node-1")
    assert (done.done, done.total, done.result) == (4, 4, {"made": 4})
    assert done.started_at is not None
    assert done.finished_at is not None


def test_it_runs_a_job_once_however_often_its_message_comes(job: Job) -> None:
    calls: list[int] = []

    def work(run: RunningJob) -> dict[str, Any]:
        calls.append(run.attempt)
        run_job(job.pk, "node-2", work)  # a second message while the first one runs
        return {}

    run(job, work)
    run(job, work)  # and one after its end
    assert calls == [1]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Invalid("nothing", "There is nothing to release."), "There is nothing to release."),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (KeyError("box"), "KeyError: 'box'"),
    ],
)
def test_it_stores_a_failure_as_a_sentence(job: Job, error: Exception, sentence: str) -> None:
    def work(_: RunningJob) -> dict[str, Any]:
        raise error

    failed = run(job, work)
    assert failed.state == JobState.FAILED
    assert failed.error.startswith(sentence)


def test_it_stops_within_one_check_of_a_cancel(job: Job) -> None:
    seen: list[str] = []

    def work(run: RunningJob) -> dict[str, Any]:
        job_cancel(job=run.job, actor=None)
        seen.append("cancelled")
        run.flush()
        seen.append("went on")
        return {}

    cancelled = run(job, work)
    assert cancelled.state == JobState.CANCELLED
    assert seen == ["cancelled"]


def test_it_writes_nothing_once_the_job_belongs_to_another_attempt(job: Job) -> None:
    def work(run: RunningJob) -> dict[str, Any]:
        Job.objects.filter(pk=run.job.pk).update(attempt=2, message="attempt two")
        with pytest.raises(JobLost), transaction.atomic():
            run.fence()
        run.progress(9, 9, "late")
        return {"late": True}

    lost = run(job, work)
    assert (lost.state, lost.attempt, lost.message, lost.result) == (JobState.RUNNING, 2, "attempt two", {})


@pytest.mark.django_db(transaction=True)
def test_it_gives_the_job_back_when_the_database_went_away(job: Job) -> None:
    def work(_: RunningJob) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return {}

    returned = run(job, work)
    assert (returned.state, returned.attempt) == (JobState.QUEUED, 1)
    Job.objects.filter(pk=job.pk).update(max_attempts=2)
    given_up = run(job, work)
    assert given_up.state == JobState.FAILED
    assert given_up.error.startswith("The database failed in every attempt")


@pytest.mark.django_db(transaction=True)
def test_it_beats_from_outside_while_the_work_holds_the_interpreter(job: Job, settings: Any) -> None:
    settings.JFA_JOB_HEARTBEAT_SECONDS = 0.05
    beats: list[Any] = []

    def work(run: RunningJob) -> dict[str, Any]:
        for _ in range(2):
            before = Job.objects.get(pk=job.pk).heartbeat_at
            deadline = time.monotonic() + 20
            while Job.objects.get(pk=job.pk).heartbeat_at == before:  # this process itself writes nothing
                assert time.monotonic() < deadline, "no beat came"
            beats.append(before)
        return {}

    assert run(job, work).state == JobState.DONE
    assert len(set(beats)) == 2


@pytest.mark.django_db(transaction=True)
def test_it_leaves_no_heartbeat_behind_when_the_worker_is_killed(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempt=1)
    script = (
        "import json, os, subprocess, sys\n"
        "beats = [sys.executable, '-m', 'annotator.jobs.heartbeat']\n"
        "child = subprocess.Popen(beats, stdin=subprocess.PIPE, text=True)\n"
        "child.stdin.write(json.dumps({**json.loads(sys.argv[1]), 'parent': os.getpid()}) + chr(10))\n"
        "child.stdin.flush()\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    dsn = {k: v for k, v in connection.get_connection_params().items() if isinstance(v, str | int)}
    order = {"dsn": dsn, "job": job.pk, "attempt": 1, "seconds": 0.05}
    worker = subprocess.Popen(
        [sys.executable, "-c", script, json.dumps(order)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert worker.stdout is not None
    beating = psutil.Process(int(worker.stdout.readline()))
    deadline = time.monotonic() + 20
    while Job.objects.get(pk=job.pk).heartbeat_at is None:
        assert time.monotonic() < deadline, "no beat came"
    worker.kill()
    worker.wait()
    beating.wait(timeout=10)


def test_it_counts_the_rate_from_where_the_attempt_started(job: Job) -> None:
    from annotator.jobs.selectors import job_rate

    Job.objects.filter(pk=job.pk).update(done=100)

    def work(run: RunningJob) -> dict[str, Any]:
        run.progress(103, 200)
        return {}

    done = run(job, work)
    assert (done.done_at_start, done.done) == (100, 103)
    assert done.started_at is not None
    assert done.finished_at is not None
    seconds = (done.finished_at - done.started_at).total_seconds()
    rate = job_rate(done)
    assert rate == pytest.approx(3 / seconds, abs=0.01)


def test_it_queues_an_interrupted_attempt_again_until_the_last_one(job: Job) -> None:
    def work(run: RunningJob) -> dict[str, Any]:
        raise JobInterrupted("Its process was killed.")

    ended = run(job, work)
    assert (ended.state, ended.attempt) == (JobState.QUEUED, 1)
    assert ended.message == "Its process was killed. Waiting to continue"
    Job.objects.filter(pk=job.pk).update(max_attempts=2)
    ended = run(job, work)
    assert (ended.state, ended.attempt) == (JobState.FAILED, 2)
    assert ended.error == "Its process was killed. That happened in every attempt."
