"""A worker of the queue gpu with a trained model, killed in the middle: every image is labelled anew exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.demo.pictures import astronaut_file
from annotator.faces.models import Face, FaceState, Revision
from annotator.images.models import Image
from annotator.jobs.models import Job, JobState
from annotator.jobs.services import jobs_reap
from annotator.learning.services.prelabel_jobs import relabel_start_due
from annotator.learning.services.registry import model_promote
from annotator.work.models import PassKind, WorkItem
from tests.cast import FaceFactory, ImageFactory
from tests.learning.conftest import StartWorker, until
from tests.learning.models import register

torch = pytest.importorskip("torch", reason="torch is not installed: no model can be loaded")

IMAGES = 40


def sees_faces_everywhere(folder: Path) -> bytes:
    """The file of an untrained tiny network whose detector is sure of every box."""
    from tfn.model_file import Model, save_model
    from tfn.models.network import Network
    from tfn.presets import tiny

    torch.manual_seed(1)
    config = tiny()
    network = Network(replace(config, test=replace(config.test, max_faces=6)))
    with torch.no_grad():
        network.detection_decision.logits.bias.copy_(torch.tensor([-4.0, 4.0]))
    save_model(Model(network, ("S1",)), folder / "tiny.pt")
    return (folder / "tiny.pt").read_bytes()


@pytest.mark.django_db(transaction=True)
def test_it_labels_each_image_anew_once_though_its_worker_is_killed(
    dataset: Dataset,
    admin: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    start_worker: StartWorker,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.JFA_JOB_LOST_AFTER_SECONDS = 2
    with PillowImage.open(astronaut_file()) as portrait:
        pixels = np.asarray(portrait.convert("RGB"))
    for shift in range(IMAGES):
        image = image_factory(dataset, pixels=np.roll(pixels, 3 * shift, axis=0), sweep=True)
        face_factory(image)
    model = register(dataset, tmp_path, content=sees_faces_everywhere(tmp_path))
    model_promote(model=model, actor=admin, reason="first")
    (job,) = relabel_start_due()
    made_by = f"tfn m1 {model.sha256[:8]}"

    def relabelled(least: int) -> Callable[[], bool]:
        return lambda: Image.objects.filter(prelabelled_by=made_by).count() >= least

    def returned() -> bool:
        jobs_reap()
        return Job.objects.get(pk=job.pk).state == JobState.QUEUED

    worker = start_worker("gpu")
    until(relabelled(8), f"a group of images labelled anew; see {worker.log}")
    worker.kill()
    done = Image.objects.filter(prelabelled_by=made_by).count()
    assert done < IMAGES, "the job was over before its worker was killed"
    until(returned, "the job taken back from the killed worker")
    last = start_worker("gpu")
    until(lambda: Job.objects.get(pk=job.pk).state == JobState.DONE, f"done; see {last.log}")

    job.refresh_from_db()
    assert (job.attempt, job.result["relabelled"] + done) == (2, IMAGES)
    assert Image.objects.filter(prelabelled_by=made_by).count() == IMAGES
    boxes = Counter(
        Revision.objects.filter(made_by=made_by).values_list("face__image", "x1", "y1", "x2", "y2")
    )
    assert max(boxes.values()) == 1
    assert len({image for image, *_ in boxes}) == IMAGES
    waiting = Face.objects.filter(state=FaceState.WAITING).count()
    assert WorkItem.objects.filter(kind=PassKind.ANNOTATE, state="open").count() == waiting > IMAGES
    assert WorkItem.objects.filter(kind=PassKind.SWEEP).count() == IMAGES
