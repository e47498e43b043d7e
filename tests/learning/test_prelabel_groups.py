"""A provider that labels many images at once: groups, what is decoded, and going on after a kill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage

from annotator.datasets.models import Dataset
from annotator.faces.models import Face, Revision
from annotator.images.models import Image
from annotator.jobs.models import Job, JobKind
from annotator.learning.services.decoding import decoded_ahead
from annotator.learning.services.prelabelling import prelabel_run
from annotator.work.models import PassKind, WorkItem
from jfa_pipeline.coarse.protocol import CoarseFace, RgbImage
from tests.cast import FaceFactory, ImageFactory, face_labels

pytestmark = pytest.mark.django_db


class Batches:
    """Sees one face in the middle of every image, four images at a time."""

    name = "tfn"
    group = 4
    decoders = 2
    device = "test"

    def __init__(
        self, version: str = "m1 abcdef12", before: Callable[[Sequence[RgbImage]], None] | None = None
    ) -> None:
        self.version = version
        self.longest_side = 640
        self.sizes: list[int] = []
        self.shapes: list[tuple[int, ...]] = []
        self.before = before

    def label(self, image: RgbImage) -> list[CoarseFace]:
        return self.label_batch([image])[0]

    def label_batch(self, images: Sequence[RgbImage]) -> list[list[CoarseFace]]:
        if self.before is not None:
            self.before(images)
        self.sizes.append(len(images))
        self.shapes += [image.shape for image in images]
        return [[self.middle(image)] for image in images]

    def middle(self, image: RgbImage) -> CoarseFace:
        height, width = image.shape[:2]
        box = (width / 4, height / 4, 3 * width / 4, 3 * height / 4)
        return CoarseFace(labels=face_labels(box), score=0.9, detector="tfn", uncertainty={"age": 0.5})


class Run:
    def __init__(self, job: Job, check: Callable[[], None] = lambda: None) -> None:
        self.job = job
        self.check = check
        self.reports: list[tuple[int, int | None]] = []

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        self.reports.append((done, total))
        self.message = message

    def fence(self) -> None:
        """Nobody takes this job away."""


@pytest.fixture
def job(dataset: Dataset) -> Job:
    return Job.objects.create(dataset=dataset, kind=JobKind.PRELABEL, task="learning.run_prelabel")


def waiting(factory: ImageFactory, dataset: Dataset, count: int, **more: Any) -> list[Image]:
    return [factory(dataset, prelabelled=False, **more) for _ in range(count)]


def test_it_labels_in_groups_and_writes_each_in_one_go(
    dataset: Dataset, image_factory: ImageFactory, job: Job
) -> None:
    images = waiting(image_factory, dataset, 10)
    provider, run = Batches(), Run(job)
    result = prelabel_run(run=run, provider=provider)
    assert provider.sizes == [4, 4, 2]
    assert run.reports == [(0, 10), (4, 10), (8, 10), (10, 10)]
    assert (result["labelled"], result["made_by"], result["device"]) == (10, "tfn m1 abcdef12", "test")
    assert list(Face.objects.order_by("pk").values_list("image_id", flat=True)) == [i.pk for i in images]
    assert set(Revision.objects.values_list("made_by", flat=True)) == {"tfn m1 abcdef12"}
    assert Face.objects.filter(uncertainty=0.5).count() == 10
    assert WorkItem.objects.filter(kind=PassKind.SWEEP).count() == 10
    assert WorkItem.objects.filter(kind=PassKind.ANNOTATE).count() == 10


def test_it_needs_the_same_queries_for_a_group_as_for_one(
    dataset: Dataset, image_factory: ImageFactory, job: Job, django_assert_max_num_queries: Any
) -> None:
    waiting(image_factory, dataset, 4)
    with django_assert_max_num_queries(40):
        prelabel_run(run=Run(job), provider=Batches())


def test_labels_of_a_reduced_photograph_are_in_its_own_pixels(
    dataset: Dataset, image_factory: ImageFactory, job: Job
) -> None:
    (image,) = waiting(image_factory, dataset, 1, size=(2640, 1320))
    provider = Batches()
    prelabel_run(run=Run(job), provider=provider)
    assert provider.shapes == [(330, 660, 3)]
    revision = Revision.objects.get()
    np.testing.assert_allclose(revision.labels.box, (660, 330, 1980, 990))
    assert revision.landmarks is not None
    np.testing.assert_allclose(revision.landmarks, face_labels((660, 330, 1980, 990)).landmarks, atol=1e-3)
    assert image.width == 2640


def test_one_bad_image_does_not_stop_its_group(
    dataset: Dataset, image_factory: ImageFactory, job: Job
) -> None:
    images = waiting(image_factory, dataset, 4)
    default_storage.delete(images[1].file)
    provider = Batches()
    result = prelabel_run(run=Run(job), provider=provider)
    assert (result["labelled"], result["failed"], provider.sizes) == (3, 1, [3])
    assert "is gone" in Image.objects.get(pk=images[1].pk).prelabel_error
    assert WorkItem.objects.filter(kind=PassKind.SWEEP).count() == 4


def test_it_throws_away_only_what_changed_meanwhile(
    dataset: Dataset, image_factory: ImageFactory, job: Job
) -> None:
    images = waiting(image_factory, dataset, 4)

    def change(_: Sequence[RgbImage]) -> None:
        Image.objects.filter(pk=images[0].pk).update(rotation=180)
        Image.objects.filter(pk=images[2].pk).update(split="test")

    result = prelabel_run(run=Run(job), provider=Batches(before=change))
    assert (result["labelled"], result["skipped"], result["blind"]) == (2, 1, 1)
    assert Face.objects.count() == 2


def test_images_of_the_test_split_get_a_sweep_and_no_labels(
    dataset: Dataset, image_factory: ImageFactory, job: Job
) -> None:
    blind = waiting(image_factory, dataset, 2, split="test")
    waiting(image_factory, dataset, 1, split="val")
    provider = Batches()
    result = prelabel_run(run=Run(job), provider=provider)
    assert (result["labelled"], result["blind"], provider.sizes) == (1, 2, [1])
    for image in Image.objects.filter(pk__in=[one.pk for one in blind]):
        assert image.prelabelled_at is not None
        assert image.prelabelled_by == ""
        assert not image.faces.exists()
        assert WorkItem.objects.get(image=image).kind == PassKind.SWEEP


def test_it_goes_on_image_by_image_where_an_attempt_died_and_gives_up_the_deadly_one(
    dataset: Dataset, image_factory: ImageFactory, job: Job
) -> None:
    waiting(image_factory, dataset, 5)
    (deadly,) = waiting(image_factory, dataset, 1, size=(320, 240))
    waiting(image_factory, dataset, 3)

    class Killed(BaseException):
        pass

    def die(seen: Sequence[RgbImage]) -> None:
        if any(image.shape == (240, 320, 3) for image in seen):
            raise Killed

    attempts = 0
    while True:
        attempts += 1
        Job.objects.filter(pk=job.pk).update(attempt=attempts)
        try:
            result = prelabel_run(run=Run(Job.objects.get(pk=job.pk)), provider=Batches(before=die))
            break
        except Killed:
            assert attempts < 5, "a job has five attempts"
    deadly.refresh_from_db()
    assert "died 3 times" in deadly.prelabel_error
    assert result["failed"] == 1
    assert Image.objects.exclude(prelabelled_at=None).count() == 8
    assert Face.objects.count() == 8


def test_it_ends_when_another_provider_takes_over(
    dataset: Dataset, image_factory: ImageFactory, job: Job
) -> None:
    waiting(image_factory, dataset, 8)
    answers = iter([True, False])
    result = prelabel_run(run=Run(job), provider=Batches(), is_current=lambda: next(answers))
    assert (result["labelled"], result["champion_changed"]) == (4, True)
    assert Image.objects.filter(prelabelled_at=None).count() == 4


def test_new_photographs_go_before_earlier_ones_that_are_labelled_anew(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, job: Job
) -> None:
    earlier = [image_factory(dataset, sweep=True) for _ in range(3)]
    middle = (160.0, 120.0, 480.0, 360.0)
    faces = [face_factory(image, box=middle) for image in earlier]
    new = waiting(image_factory, dataset, 1)
    job.params = {"relabel": True}
    run, provider = Run(job), Batches()
    result = prelabel_run(run=run, provider=provider)
    assert provider.sizes == [1, 3]
    assert (result["labelled"], result["relabelled"]) == (1, 3)
    assert run.reports[0] == (0, 4)
    assert run.reports[-1] == (4, 4)
    made = Revision.objects.filter(made_by="tfn m1 abcdef12").values_list("face__image", flat=True)
    assert sorted(made) == [image.pk for image in (*earlier, *new)]
    assert all(Face.objects.get(pk=face.pk).current != face.current for face in faces)
    again = Batches()
    prelabel_run(run=Run(job), provider=again)
    assert again.sizes == []


def test_a_stopped_relabelling_goes_on_where_it_was(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, job: Job
) -> None:
    for _ in range(6):
        face_factory(image_factory(dataset, sweep=True))
    test_image = image_factory(dataset, split="test")
    job.params = {"relabel": True}

    class Stopped(Exception):
        pass

    checks = iter(range(10))

    def check() -> None:
        if next(checks) == 1:
            raise Stopped

    with pytest.raises(Stopped):
        prelabel_run(run=Run(job, check), provider=Batches())
    assert Image.objects.filter(prelabelled_by="tfn m1 abcdef12").count() == 4
    provider = Batches()
    prelabel_run(run=Run(job), provider=provider)
    assert provider.sizes == [2]
    assert Revision.objects.filter(made_by="tfn m1 abcdef12").count() == 6
    test_image.refresh_from_db()
    assert test_image.prelabelled_by == "packaged 1"


def test_it_decodes_in_order_and_not_too_far_ahead(dataset: Dataset, image_factory: ImageFactory) -> None:
    images = waiting(image_factory, dataset, 6)
    asked: list[int] = []

    def source() -> Any:
        for image in images:
            asked.append(image.pk)
            yield image

    ahead = decoded_ahead(source(), threads=2, longest_side=None, ahead=3)
    first = next(ahead)
    assert first.image == images[0]
    assert len(asked) == 3
    assert [one.image.pk for one in ahead] == [image.pk for image in images[1:]]


def test_it_holds_one_huge_photograph_at_a_time(
    dataset: Dataset, image_factory: ImageFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.learning.services.decoding.AHEAD_BYTES", 100)
    asked: list[int] = []

    def source() -> Any:
        for image in waiting(image_factory, dataset, 3):
            asked.append(image.pk)
            yield image

    ahead = decoded_ahead(source(), threads=2, longest_side=None, ahead=8)
    next(ahead)
    assert len(asked) == 1
    ahead.close()
