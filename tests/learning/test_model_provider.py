"""A registered model pre-labels: its file is checked, one is resident, and its labels carry uncertainties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, Revision
from annotator.images.models import Image
from annotator.jobs.models import Job, JobState
from annotator.jobs.running import run_job
from annotator.learning import providers
from annotator.learning.models import ModelVersion
from annotator.learning.providers import BatchProvider, provider_choice
from annotator.learning.services.prelabel_jobs import prelabel_start, relabel_start_due
from annotator.learning.services.registry import champion_rollback, model_promote
from annotator.learning.tasks import prelabel_waiting, run_prelabel
from tests.cast import ImageFactory, some_pixels
from tests.learning.models import register

torch = pytest.importorskip("torch", reason="torch is not installed: no model can be loaded")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_resident() -> None:
    providers._resident.clear()


def weights(folder: Path, seed: int, stages: tuple[str, ...] = ("S1",)) -> bytes:
    """The file of an untrained tiny network whose detector says yes to everything."""
    from tfn.model_file import Model, save_model
    from tfn.models.network import Network
    from tfn.presets import tiny

    torch.manual_seed(seed)
    path = folder / f"{seed}.pt"
    save_model(Model(Network(tiny()), stages, {"score": 1.0}), path)
    return path.read_bytes()


@pytest.fixture
def champion(dataset: Dataset, admin: User, tmp_path: Path) -> ModelVersion:
    model = register(dataset, tmp_path, content=weights(tmp_path, 1))
    model_promote(model=model, actor=admin, reason="first")
    return model


def test_a_champion_is_the_provider_and_one_is_resident(
    dataset: Dataset, admin: User, champion: ModelVersion, tmp_path: Path
) -> None:
    first = provider_choice(dataset).provider()
    assert isinstance(first, BatchProvider)
    assert (first.name, first.version) == ("tfn", f"m1 {champion.sha256[:8]}")
    assert provider_choice(dataset).provider() is first
    second = register(dataset, tmp_path, content=weights(tmp_path, 2))
    model_promote(model=second, actor=admin, reason="better")
    other = provider_choice(dataset).provider()
    assert other is not first
    assert other.version == f"m2 {second.sha256[:8]}"
    assert len(providers._resident) == 1
    champion_rollback(dataset=dataset, actor=admin, reason="worse")
    assert provider_choice(dataset).provider().version == first.version


def test_its_labels_carry_uncertainties_and_do_not_depend_on_the_group(
    dataset: Dataset, champion: ModelVersion
) -> None:
    provider: Any = provider_choice(dataset).provider()
    provider.score = provider._predictor.score = 0.0
    images = [some_pixels(96, 64) for _ in range(3)]
    together = provider.label_batch(images)
    assert all(together)
    for image, faces in zip(images, together, strict=True):
        alone = provider.label(image)
        assert [face.labels.to_json() for face in alone] == [face.labels.to_json() for face in faces]
        assert set(faces[0].uncertainty) == {"detection", "landmarks", "age", "gender", "ethnicity"}


def test_a_job_runs_with_the_champion(
    dataset: Dataset, admin: User, champion: ModelVersion, image_factory: ImageFactory
) -> None:
    images = [image_factory(dataset, prelabelled=False, size=(96, 64)) for _ in range(3)]
    provider: Any = provider_choice(dataset).provider()
    provider.score = provider._predictor.score = 0.0
    job = prelabel_start(dataset=dataset, actor=admin)
    run_prelabel.apply(args=(job.pk,))
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.DONE, "")
    assert job.result["made_by"] == f"tfn m1 {champion.sha256[:8]}"
    assert (job.result["labelled"], job.done, job.total) == (3, 3, 3)
    assert Image.objects.filter(prelabelled_by=job.result["made_by"]).count() == len(images)
    assert set(Revision.objects.values_list("made_by", flat=True)) == {job.result["made_by"]}
    assert not Face.objects.filter(uncertainty=None).exists()


def test_a_job_that_waited_on_the_other_queue_leaves_the_work_to_the_next(
    dataset: Dataset, admin: User, image_factory: ImageFactory, tmp_path: Path
) -> None:
    image_factory(dataset, prelabelled=False)
    job = prelabel_start(dataset=dataset, actor=admin)
    model_promote(model=register(dataset, tmp_path), actor=admin, reason="meanwhile")
    run_prelabel.apply(args=(job.pk,))
    job.refresh_from_db()
    assert (job.queue, job.state, job.result) == ("cpu", JobState.DONE, {"champion_changed": True})
    assert Image.objects.filter(prelabelled_at=None).count() == 1
    prelabel_waiting()
    assert Job.objects.get(state=JobState.QUEUED).queue == "gpu"


def test_a_damaged_file_fails_the_job_and_a_rollback_helps(
    dataset: Dataset, admin: User, champion: ModelVersion, image_factory: ImageFactory
) -> None:
    image_factory(dataset, prelabelled=False)
    Path(default_storage.path(champion.file)).write_bytes(b"something else")
    job = prelabel_start(dataset=dataset, actor=admin)
    run_prelabel.apply(args=(job.pk,))
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "changed or damaged" in job.error
    assert "roll the champion back" in job.error
    champion_rollback(dataset=dataset, actor=admin, reason="its file is damaged")
    (back,) = relabel_start_due()
    assert back.queue == "cpu"
    assert provider_choice(dataset).key == "packaged"


def test_a_file_that_holds_no_network_fails_the_job_with_a_sentence(
    dataset: Dataset, admin: User, image_factory: ImageFactory, tmp_path: Path
) -> None:
    image_factory(dataset, prelabelled=False)
    model = register(dataset, tmp_path, content=b"not a network")
    model_promote(model=model, actor=admin, reason="by mistake")
    (job,) = relabel_start_due()
    run_job(job.pk, "test", lambda run: {"version": provider_choice(run.job.dataset).provider().version})
    assert "cannot be read as a trained network" in Job.objects.get(pk=job.pk).error
