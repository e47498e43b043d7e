"""A relabelling and a person on the same face at the same time, and an attempt that has lost its job."""

from __future__ import annotations

import threading
import time
import uuid

import pytest
from django.db import connection, transaction
from django.db.models import F

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Role
from annotator.faces.models import Face, FaceState, Revision
from annotator.images.models import Image
from annotator.jobs.models import Job, JobKind, JobState
from annotator.jobs.running import JobLost, RunningJob
from annotator.learning.services.prelabelling import prelabel_run
from annotator.learning.services.relabelling import image_relabel
from annotator.work.models import PassKind, WorkItem
from annotator.work.services.claiming import items_claim
from annotator.work.services.submitting import FaceSubmission, face_submit
from jfa_pipeline.coarse.protocol import CoarseFace, RgbImage
from tests.cast import FaceFactory, ImageFactory, face_labels

pytestmark = pytest.mark.django_db(transaction=True)

MODEL = "tfn m1 abcdef12"


def sees() -> list[CoarseFace]:
    return [CoarseFace(labels=face_labels((110, 100, 310, 340)), score=0.9, detector="tfn")]


class Relabelling(threading.Thread):
    """``image_relabel`` in a thread of its own; ``changed`` is its answer."""

    def __init__(self, image: Image) -> None:
        super().__init__()
        self.image = image
        self.changed: bool | None = None
        self.start()

    def run(self) -> None:
        try:
            self.changed = image_relabel(seen=self.image, faces=sees(), made_by=MODEL)
        finally:
            connection.close()

    def until_it_waits(self) -> None:
        """Until PostgreSQL says that somebody waits for a lock."""
        deadline = time.monotonic() + 30
        with connection.cursor() as cursor:
            while True:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone() != (0,):
                    return
                assert time.monotonic() < deadline, "the relabelling never came to wait"
                time.sleep(0.01)


def test_it_sees_what_a_person_submits_while_it_waits(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, ann1: User
) -> None:
    image = image_factory(dataset, sweep=True)
    face = face_factory(image)
    items_claim(dataset=dataset, user=ann1, role=Role.ANNOTATOR, count=1, kinds=[PassKind.ANNOTATE])
    item = WorkItem.objects.get(face=face)
    assert item.lease_token is not None
    with transaction.atomic():
        face_submit(
            item=item,
            user=ann1,
            role=Role.ANNOTATOR,
            submission=FaceSubmission(
                submission_id=uuid.uuid4(),
                token=item.lease_token,
                base_revision=face.current_id or 0,
                verdict="save",
                labels=face_labels(),
            ),
        )
        thread = Relabelling(image)
        thread.until_it_waits()
    thread.join(30)
    assert thread.changed
    after = Face.objects.select_related("current").get(pk=face.pk)
    assert after.current is not None
    assert (after.state, after.current.kind, after.current.author) == (FaceState.CHECKING, "annotate", ann1)
    assert not Revision.objects.filter(made_by=MODEL).exists()


def test_a_person_never_holds_labels_that_change_under_them(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, ann1: User
) -> None:
    """While an item is being relabelled a claim passes it over; afterwards it shows the new labels."""
    image = image_factory(dataset)
    face = face_factory(image)
    fence = threading.Event()
    go_on = threading.Event()

    def relabel() -> None:
        try:
            with transaction.atomic():
                image_relabel(seen=image, faces=sees(), made_by=MODEL)
                fence.set()
                assert go_on.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=relabel)
    thread.start()
    assert fence.wait(30)
    kinds = [PassKind.ANNOTATE]
    assert items_claim(dataset=dataset, user=ann1, role=Role.ANNOTATOR, count=1, kinds=kinds) == []
    go_on.set()
    thread.join(30)
    (item_id,) = items_claim(dataset=dataset, user=ann1, role=Role.ANNOTATOR, count=1, kinds=kinds)
    now = Face.objects.select_related("current").get(pk=face.pk)
    assert WorkItem.objects.get(pk=item_id).face_id == face.pk
    assert now.current is not None
    assert now.current.made_by == MODEL


@pytest.mark.parametrize("relabels", [False, True])
def test_an_attempt_that_lost_its_job_writes_nothing(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, relabels: bool
) -> None:
    if relabels:
        face_factory(image_factory(dataset))
    else:
        image_factory(dataset, prelabelled=False)
    before = Revision.objects.count()
    job = Job.objects.create(
        dataset=dataset,
        kind=JobKind.PRELABEL,
        task="learning.run_prelabel",
        state=JobState.RUNNING,
        attempt=1,
        params={"relabel": relabels},
    )

    class Slow:
        name = "slow"
        version = "1"

        def label(self, image: RgbImage) -> list[CoarseFace]:
            """Meanwhile the reaper gives the job to another worker."""
            Job.objects.filter(pk=job.pk).update(attempt=F("attempt") + 1)
            return sees()

    with pytest.raises(JobLost):
        prelabel_run(run=RunningJob(job), provider=Slow())
    assert Revision.objects.count() == before
    assert not Image.objects.filter(prelabelled_by="slow 1").exists()
