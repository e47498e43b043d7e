"""Where pre-label jobs go: by who pre-labels the dataset, and what they say while nobody serves that queue."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.jobs.models import Job, JobKind, JobState
from annotator.learning.models import Promotion
from annotator.learning.providers import provider_choice
from annotator.learning.services.nodes import node_seen
from annotator.learning.services.prelabel_jobs import (
    prelabel_jobs_place,
    prelabel_start,
    prelabel_start_waiting,
    relabel_start_due,
)
from annotator.learning.services.registry import champion_rollback, model_promote
from annotator.learning.tasks import prelabel_waiting
from tests.cast import FaceFactory, ImageFactory
from tests.learning.models import register

pytestmark = pytest.mark.django_db


def serve(*queues: str) -> None:
    node_seen(name="worker@one", queues=queues, pid=1, started_at=timezone.now(), capabilities={})


def promote(dataset: Dataset, folder: Path, admin: User) -> None:
    model_promote(model=register(dataset, folder), actor=admin, reason="better")


def test_the_coarse_provider_works_on_the_queue_cpu(
    dataset: Dataset, admin: User, image_factory: ImageFactory
) -> None:
    serve("cpu")
    image_factory(dataset, prelabelled=False)
    job = prelabel_start(dataset=dataset, actor=admin)
    assert (job.queue, job.message, provider_choice(dataset).key) == ("cpu", "", "packaged")


def test_a_model_works_on_the_queue_gpu_and_says_when_nobody_serves_it(
    dataset: Dataset, admin: User, image_factory: ImageFactory, tmp_path: Path
) -> None:
    serve("cpu")
    image_factory(dataset, prelabelled=False)
    promote(dataset, tmp_path, admin)
    job = prelabel_start(dataset=dataset, actor=admin)
    assert job.queue == "gpu"
    assert "No worker serves the queue 'gpu'" in job.message
    serve("cpu", "gpu")
    prelabel_jobs_place()
    job.refresh_from_db()
    assert job.message == ""


def test_it_says_what_the_worker_is_busy_with(
    dataset: Dataset, other_dataset: Dataset, admin: User, image_factory: ImageFactory, tmp_path: Path
) -> None:
    serve("gpu")
    training = Job.objects.create(
        dataset=other_dataset, kind=JobKind.TRAIN, task="t", queue="gpu", state=JobState.RUNNING
    )
    image_factory(dataset, prelabelled=False)
    promote(dataset, tmp_path, admin)
    job = prelabel_start(dataset=dataset, actor=admin)
    assert "is busy with another job (Train)" in job.message
    Job.objects.filter(pk=training.pk).update(state=JobState.DONE)
    prelabel_jobs_place()
    job.refresh_from_db()
    assert job.message == ""


def test_a_queued_job_follows_the_champion(
    dataset: Dataset, admin: User, image_factory: ImageFactory, tmp_path: Path
) -> None:
    image_factory(dataset, prelabelled=False)
    job = prelabel_start(dataset=dataset, actor=admin)
    Job.objects.update(sent_at=timezone.now())
    promote(dataset, tmp_path, admin)
    assert prelabel_jobs_place() == 1
    job.refresh_from_db()
    assert (job.queue, job.sent_at) == ("gpu", None)
    champion_rollback(dataset=dataset, actor=admin, reason="no GPU here")
    assert (prelabel_jobs_place(), prelabel_jobs_place()) == (1, 0)
    job.refresh_from_db()
    assert job.queue == "cpu"


def test_a_running_job_is_left_alone(
    dataset: Dataset, admin: User, image_factory: ImageFactory, tmp_path: Path
) -> None:
    image_factory(dataset, prelabelled=False)
    prelabel_start(dataset=dataset, actor=admin)
    Job.objects.update(state=JobState.RUNNING)
    promote(dataset, tmp_path, admin)
    assert prelabel_jobs_place() == 0


def test_a_promotion_starts_one_relabelling(
    dataset: Dataset, admin: User, image_factory: ImageFactory, face_factory: FaceFactory, tmp_path: Path
) -> None:
    face_factory(image_factory(dataset))
    promote(dataset, tmp_path, admin)
    (job,) = relabel_start_due()
    assert (job.kind, job.queue, job.params, job.created_by) == (
        JobKind.PRELABEL,
        "gpu",
        {"relabel": True},
        admin,
    )
    assert Promotion.objects.get().relabel_job == job
    assert relabel_start_due() == []
    Job.objects.update(state=JobState.DONE)
    assert relabel_start_due() == []
    champion_rollback(dataset=dataset, actor=admin, reason="worse")
    (back,) = relabel_start_due()
    assert back.queue == "cpu"


def test_a_relabelling_waits_for_the_job_before_it_and_for_the_last_promotion_only(
    dataset: Dataset, admin: User, image_factory: ImageFactory, tmp_path: Path
) -> None:
    image_factory(dataset, prelabelled=False)
    before = prelabel_start(dataset=dataset, actor=admin)
    promote(dataset, tmp_path, admin)
    promote(dataset, tmp_path, admin)
    assert relabel_start_due() == []
    Job.objects.filter(pk=before.pk).update(state=JobState.DONE)
    assert len(relabel_start_due()) == 1
    first, last = Promotion.objects.order_by("pk")
    assert first.relabel_job is None
    assert last.relabel_job is not None


def test_the_beat_starts_one_job_for_both(
    dataset: Dataset, admin: User, image_factory: ImageFactory, tmp_path: Path
) -> None:
    image_factory(dataset, prelabelled=False)
    promote(dataset, tmp_path, admin)
    prelabel_waiting()
    assert Job.objects.get().params == {"relabel": True}
    assert prelabel_start_waiting() == []
