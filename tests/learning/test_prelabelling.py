"""Pre-labelling: each waiting image once, in one transaction, whatever happens beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from annotator.accounts.models import User
from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset
from annotator.faces.models import Face
from annotator.images.models import Image, Verdict
from annotator.jobs.models import Job, JobKind, JobState
from annotator.learning.services.prelabel_jobs import is_due, prelabel_start, prelabel_start_waiting
from annotator.learning.services.prelabelling import image_prelabel, made_by, prelabel_run
from annotator.work.models import PassKind, WorkItem
from jfa_pipeline.coarse.protocol import (
    CoarseFace,
    ProviderRefused,
    ProviderUnavailable,
    RgbImage,
)
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from tests.cast import ImageFactory

pytestmark = pytest.mark.django_db


class TwoFaces:
    """Sees two faces on every image, one of them too small to be offered; may do something first."""

    name = "two-faces"
    version = "7"

    def __init__(self, before: Callable[[RgbImage], None] | None = None) -> None:
        self.before = before
        self.seen: list[tuple[int, ...]] = []

    def label(self, image: RgbImage) -> list[CoarseFace]:
        self.seen.append(image.shape)
        if self.before is not None:
            self.before(image)
        boxes: Iterable[Box] = (Box(100, 100, 220, 260), Box(400, 10, 425, 40))
        return [CoarseFace(labels=FaceLabels(box=box, age=30), score=0.9, detector="test") for box in boxes]


class Run:
    """Stands where RunningJob stands, and writes down the progress."""

    def __init__(self, job: Job, stop: Callable[[int], None] | None = None) -> None:
        self.job = job
        self.reports: list[tuple[int, int | None]] = []
        self.stop = stop

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        self.reports.append((done, total))

    def fence(self) -> None:
        """Nobody takes this job away."""

    def check(self) -> None:
        if self.stop is not None:
            self.stop(len(self.reports))


@pytest.fixture
def job(dataset: Dataset) -> Job:
    return Job.objects.create(dataset=dataset, kind=JobKind.PRELABEL, task="learning.run_prelabel")


def waiting(factory: ImageFactory, dataset: Dataset, count: int = 1) -> list[Image]:
    return [factory(dataset, prelabelled=False) for _ in range(count)]


def test_it_labels_an_image_and_opens_its_work(dataset: Dataset, image_factory: ImageFactory) -> None:
    (image,) = waiting(image_factory, dataset)
    provider = TwoFaces()
    assert image_prelabel(image_id=image.pk, provider=provider) == "labelled"
    image.refresh_from_db()
    assert provider.seen == [(480, 640, 3)]
    assert image.prelabelled_by == "two-faces 7"
    assert image.prelabelled_at is not None
    faces = list(image.faces.order_by("pk"))
    assert [face.state for face in faces] == ["waiting", "too_small"]
    assert faces[0].current is not None
    assert (faces[0].current.kind, faces[0].current.made_by) == ("prelabel", "two-faces 7")
    items = WorkItem.objects.filter(image=image, state="open").order_by("kind")
    assert [(item.kind, item.face_id) for item in items] == [
        (PassKind.ANNOTATE, faces[0].pk),
        (PassKind.SWEEP, None),
    ]


def test_it_labels_an_image_once(dataset: Dataset, image_factory: ImageFactory) -> None:
    (image,) = waiting(image_factory, dataset)
    assert image_prelabel(image_id=image.pk, provider=TwoFaces()) == "labelled"
    assert image_prelabel(image_id=image.pk, provider=TwoFaces()) == "skipped"
    assert Face.objects.filter(image=image).count() == 2


def test_it_throws_away_labels_of_another_turn_of_the_image(
    dataset: Dataset, image_factory: ImageFactory
) -> None:
    (image,) = waiting(image_factory, dataset)

    def turn(_: RgbImage) -> None:
        Image.objects.filter(pk=image.pk).update(rotation=90, width=480, height=640)

    assert image_prelabel(image_id=image.pk, provider=TwoFaces(turn)) == "skipped"
    assert not Face.objects.exists()
    provider = TwoFaces()
    assert image_prelabel(image_id=image.pk, provider=provider) == "labelled"
    assert provider.seen == [(640, 480, 3)]


def test_it_leaves_an_image_alone_that_got_a_verdict_or_went_away(
    dataset: Dataset, image_factory: ImageFactory
) -> None:
    rejected, deleted = waiting(image_factory, dataset, 2)

    def reject(_: RgbImage) -> None:
        Image.objects.filter(pk=rejected.pk).update(verdict=Verdict.REJECTED)

    assert image_prelabel(image_id=rejected.pk, provider=TwoFaces(reject)) == "skipped"
    deleted.delete()
    assert image_prelabel(image_id=deleted.pk, provider=TwoFaces()) == "skipped"
    assert not Face.objects.exists()


def refuse(_: RgbImage) -> None:
    raise ProviderRefused("The picture is too large for this service.", code="IMAGE_FILE_TOO_LARGE")


def test_it_opens_the_sweep_of_an_image_that_the_provider_refuses(
    dataset: Dataset, image_factory: ImageFactory
) -> None:
    (image,) = waiting(image_factory, dataset)
    assert image_prelabel(image_id=image.pk, provider=TwoFaces(refuse)) == "failed"
    image.refresh_from_db()
    assert "IMAGE_FILE_TOO_LARGE" in image.prelabel_error
    assert image.prelabelled_at is None
    assert WorkItem.objects.get(image=image).kind == PassKind.SWEEP
    assert image_prelabel(image_id=image.pk, provider=TwoFaces()) == "skipped"


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_it_says_why_an_image_cannot_be_read(
    dataset: Dataset, image_factory: ImageFactory, damage: str
) -> None:
    (image,) = waiting(image_factory, dataset)
    path = default_storage.path(image.file)
    with open(path, "rb") as file:
        content = file.read()
    default_storage.delete(image.file)
    if damage == "cut":
        with open(path, "wb") as file:
            file.write(content[: len(content) // 2])
    assert image_prelabel(image_id=image.pk, provider=TwoFaces()) == "failed"
    image.refresh_from_db()
    assert ("cannot be read" if damage == "cut" else "is gone") in image.prelabel_error


def test_it_labels_every_waiting_image_of_its_dataset_and_counts(
    dataset: Dataset, other_dataset: Dataset, image_factory: ImageFactory, job: Job
) -> None:
    images = waiting(image_factory, dataset, 3)
    image_factory(dataset)
    waiting(image_factory, other_dataset)
    default_storage.delete(images[1].file)
    run = Run(job)
    result = prelabel_run(run=run, provider=TwoFaces())
    assert {name: result[name] for name in ("labelled", "failed", "skipped")} == {
        "labelled": 2,
        "failed": 1,
        "skipped": 0,
    }
    assert run.reports == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert set(Face.objects.values_list("image_id", flat=True)) == {images[0].pk, images[2].pk}


def test_it_keeps_what_is_done_when_it_is_stopped_and_goes_on_from_there(
    dataset: Dataset, image_factory: ImageFactory, job: Job
) -> None:
    images = waiting(image_factory, dataset, 4)

    class Stopped(Exception):
        pass

    def stop(reports: int) -> None:
        if reports == 3:
            raise Stopped

    with pytest.raises(Stopped):
        prelabel_run(run=Run(job, stop), provider=TwoFaces())
    assert Image.objects.filter(prelabelled_at=None).count() == 2
    provider = TwoFaces()
    prelabel_run(run=Run(job), provider=provider)
    assert len(provider.seen) == 2
    assert Face.objects.count() == 2 * len(images)


def test_it_leaves_images_waiting_when_the_provider_is_away(
    dataset: Dataset, image_factory: ImageFactory, job: Job
) -> None:
    waiting(image_factory, dataset, 2)

    def away(_: RgbImage) -> None:
        raise ProviderUnavailable("Face++ did not answer in 30 s.", retryable=True)

    with pytest.raises(ProviderUnavailable):
        prelabel_run(run=Run(job), provider=TwoFaces(away))
    assert Image.objects.filter(prelabelled_at=None, prelabel_error="").count() == 2


def test_it_starts_one_job_a_dataset(dataset: Dataset, admin: User, image_factory: ImageFactory) -> None:
    waiting(image_factory, dataset)
    assert [started.dataset_id for started in prelabel_start_waiting()] == [dataset.pk]
    assert prelabel_start_waiting() == []
    assert prelabel_start(dataset=dataset, actor=admin) == Job.objects.get()


def test_it_starts_nothing_where_nothing_waits(
    dataset: Dataset, admin: User, image_factory: ImageFactory
) -> None:
    image_factory(dataset)
    waiting(image_factory, dataset)[0].delete()
    image_factory(dataset, prelabelled=False, prelabel_error="It cannot be read.")
    image_factory(dataset, prelabelled=False, verdict=Verdict.REJECTED)
    assert prelabel_start_waiting() == []
    with pytest.raises(Invalid) as refused:
        prelabel_start(dataset=dataset, actor=admin)
    assert refused.value.code == "nothing_waiting"


def test_it_tries_failed_images_again_when_asked(
    dataset: Dataset, admin: User, image_factory: ImageFactory
) -> None:
    image = image_factory(dataset, prelabelled=False, prelabel_error="The service refused it.")
    job = prelabel_start(dataset=dataset, actor=admin, retry_failed=True)
    assert job.state == JobState.QUEUED
    image.refresh_from_db()
    assert image.prelabel_error == ""


def test_it_gives_an_image_up_on_which_every_attempt_dies(
    dataset: Dataset, image_factory: ImageFactory, job: Job
) -> None:
    deadly, healthy = waiting(image_factory, dataset, 2)

    class Killed(BaseException):
        pass

    def die(_: RgbImage) -> None:
        raise Killed

    for attempt in (1, 2, 3):
        Job.objects.filter(pk=job.pk).update(attempt=attempt)
        with pytest.raises(Killed):
            prelabel_run(run=Run(Job.objects.get(pk=job.pk)), provider=TwoFaces(die))
    Job.objects.filter(pk=job.pk).update(attempt=4)
    result = prelabel_run(run=Run(Job.objects.get(pk=job.pk)), provider=TwoFaces())
    assert (result["labelled"], result["failed"]) == (1, 1)
    deadly.refresh_from_db()
    assert "died 3 times" in deadly.prelabel_error
    assert Face.objects.filter(image=healthy).count() == 2


def test_it_gives_no_image_up_while_attempts_get_on(
    dataset: Dataset, image_factory: ImageFactory, job: Job
) -> None:
    images = waiting(image_factory, dataset, 5)

    class Killed(BaseException):
        pass

    def stop(reports: int) -> None:
        if reports == 2:
            raise Killed

    for attempt in (1, 2, 3, 4):
        Job.objects.filter(pk=job.pk).update(attempt=attempt)
        with pytest.raises(Killed):
            prelabel_run(run=Run(Job.objects.get(pk=job.pk), stop), provider=TwoFaces())
    prelabel_run(run=Run(Job.objects.get(pk=job.pk)), provider=TwoFaces())
    assert Image.objects.filter(pk__in=[i.pk for i in images]).exclude(prelabelled_at=None).count() == 5


NOW = timezone.now()


def ended(state: JobState, seconds_ago: float) -> Job:
    return Job(state=state, finished_at=NOW - timedelta(seconds=seconds_ago))


@pytest.mark.parametrize(
    ("latest", "image_age_s", "due"),
    [
        ([], 100, True),
        ([ended(JobState.DONE, 1)], 100, True),
        ([ended(JobState.CANCELLED, 50)], 100, False),
        ([ended(JobState.CANCELLED, 50)], 10, True),
        ([ended(JobState.FAILED, 29)], 100, False),
        ([ended(JobState.FAILED, 30)], 100, True),
        ([ended(JobState.FAILED, 59), ended(JobState.FAILED, 200)], 100, False),
        ([ended(JobState.FAILED, 60), ended(JobState.FAILED, 200)], 100, True),
        ([ended(JobState.FAILED, 31), ended(JobState.DONE, 99), ended(JobState.FAILED, 200)], 100, True),
        ([ended(JobState.FAILED, 1799)] * 8, 100, False),
        ([ended(JobState.FAILED, 1800)] * 8, 100, True),
    ],
)
def test_it_waits_longer_after_each_failure(latest: list[Job], image_age_s: float, due: bool) -> None:
    assert is_due(latest=latest, newest_image_at=NOW - timedelta(seconds=image_age_s), now=NOW) is due


def test_it_names_a_provider_in_sixty_characters() -> None:
    provider = TwoFaces()
    assert made_by(provider) == "two-faces 7"
    provider.version = "1+" + "x" * 80
    assert made_by(provider).startswith("two-faces 1+")
    assert len(made_by(provider)) == len("two-faces 1+") + 8
    first = made_by(provider)
    provider.version = "1+" + "y" * 80
    assert made_by(provider) != first


def test_it_hands_the_provider_rows_of_pixels_in_order(dataset: Dataset, image_factory: ImageFactory) -> None:
    (image,) = waiting(image_factory, dataset)
    Image.objects.filter(pk=image.pk).update(rotation=180)

    def contiguous(pixels: RgbImage) -> None:
        assert pixels.flags["C_CONTIGUOUS"]
        assert pixels.dtype == np.uint8

    assert image_prelabel(image_id=image.pk, provider=TwoFaces(contiguous)) == "labelled"
