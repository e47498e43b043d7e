"""The reaper: jobs whose worker went silent, and messages that got lost."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone

from annotator.datasets.models import Dataset
from annotator.jobs.models import Job, JobKind, JobState
from annotator.jobs.services import job_cancel, job_create, job_retry, jobs_reap, message_send

QUEUE = "tests-jobs"


@pytest.fixture
def queue() -> Any:
    """The Redis list of a queue that no worker serves, emptied before and after."""
    with current_app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        channel.client.delete(QUEUE)
        yield lambda: channel.client.llen(QUEUE)
        channel.client.delete(QUEUE)


@pytest.fixture
def job(dataset: Dataset) -> Job:
    return job_create(
        dataset=dataset, kind=JobKind.RELEASE, task="tests.none", params={}, created_by=None, queue=QUEUE
    )


def change(job: Job, **columns: Any) -> None:
    Job.objects.filter(pk=job.pk).update(**columns)


def ago(seconds: float) -> Any:
    return timezone.now() - timedelta(seconds=seconds)


def test_it_sends_the_message_when_the_transaction_commits(
    dataset: Dataset, queue: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        made = job_create(
            dataset=dataset, kind=JobKind.RELEASE, task="tests.none", params={}, created_by=None, queue=QUEUE
        )
        assert queue() == 0
    assert queue() == 1
    made.refresh_from_db()
    assert made.sent_at is not None


def test_it_sends_what_was_never_sent_and_only_once(job: Job, queue: Any) -> None:
    assert jobs_reap().sent == 1
    assert jobs_reap().sent == 0
    assert queue() == 1


def test_it_sends_a_lost_message_again_but_not_one_that_still_waits(job: Job, queue: Any) -> None:
    jobs_reap()
    change(job, sent_at=ago(60))
    assert jobs_reap().sent == 0  # the message is still in Redis
    with current_app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        channel.client.delete(QUEUE)  # Redis lost it
    assert jobs_reap().sent == 1
    assert queue() == 1


def test_it_gives_the_job_of_a_silent_worker_to_another(job: Job, queue: Any) -> None:
    change(job, state=JobState.RUNNING, attempt=1, heartbeat_at=ago(60), sent_at=ago(100))
    reaped = jobs_reap()
    assert (reaped.returned, reaped.sent) == (1, 1)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobState.QUEUED, 1)


def test_it_leaves_a_job_that_beats(job: Job, queue: Any) -> None:
    change(job, state=JobState.RUNNING, attempt=1, heartbeat_at=ago(1), sent_at=ago(1000))
    reaped = jobs_reap()
    assert (reaped.returned, reaped.sent, reaped.ended) == (0, 0, 0)


def test_it_gives_up_after_the_last_attempt_with_a_sentence(job: Job) -> None:
    change(job, state=JobState.RUNNING, attempt=5, heartbeat_at=ago(60))
    assert jobs_reap().ended == 1
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "press Retry" in job.error


def test_it_ends_a_cancelled_job_of_a_silent_worker(job: Job) -> None:
    change(job, state=JobState.RUNNING, attempt=1, heartbeat_at=ago(60), cancel_requested=True)
    assert jobs_reap().ended == 1
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_it_cancels_a_waiting_job_at_once_and_runs_it_on_retry(job: Job, admin: Any) -> None:
    assert job_cancel(job=job, actor=admin).state == JobState.CANCELLED
    again = job_retry(job=job, actor=admin)
    assert (again.state, again.cancel_requested, again.max_attempts) == (JobState.QUEUED, False, 5)


def test_it_creates_a_job_although_redis_is_away(
    dataset: Dataset, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    from celery import Celery

    away = Celery("away", broker="redis://127.0.0.1:1/0", set_as_current=True)
    away.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    try:
        with django_capture_on_commit_callbacks(execute=True):
            made = job_create(
                dataset=dataset, kind=JobKind.RELEASE, task="tests.none", params={}, created_by=None
            )
        made.refresh_from_db()
        assert (made.state, made.sent_at) == (JobState.QUEUED, None)
        assert jobs_reap().sent == 0
    finally:
        away.close()
        from annotator.config.celery import app

        app.set_current()
    assert jobs_reap().sent == 1


def test_it_sends_from_any_thread_to_the_configured_redis(queue: Any) -> None:
    sent: list[bool] = []
    thread = threading.Thread(target=lambda: sent.append(message_send(task="tests.none", queue=QUEUE)))
    thread.start()
    thread.join(timeout=20)
    assert sent == [True]
    assert queue() == 1
