"""Making a run: release, parent and stages; waiting for a release; one live run a dataset."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from annotator.accounts.models import AuditEntry, User
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, Revision
from annotator.jobs.models import Job, JobState
from annotator.jobs.services import job_cancel
from annotator.learning.models import ModelState, ModelVersion
from annotator.releases.models import Release
from annotator.training.models import RunPhase, RunState, TrainingRun
from annotator.training.selectors import release_labels
from annotator.training.services.runs import run_cancel, run_create, runs_advance
from jfa_pipeline.core.policy import Policy
from tests.releases.conftest import Run, release_write, written_release
from tests.training.conftest import Labelled, start_run

POLICY = Policy()


def champion(
    dataset: Dataset, *, release_number: int = 1, preset: str = "tiny", **config: Any
) -> ModelVersion:
    classes = {"genders": list(POLICY.genders), "ethnicities": list(POLICY.ethnicities)}
    return ModelVersion.objects.create(
        dataset=dataset,
        number=ModelVersion.objects.filter(dataset=dataset).count() + 1,
        name="a model",
        preset=preset,
        config={**classes, **config},
        stages=["S1"],
        release_number=release_number,
        sha256="0" * 64,
        file="models/none.pt",
        bytes=1,
        state=ModelState.CHAMPION,
    )


def relabelled(face: Face, **changes: Any) -> None:
    """Another accepted revision of a face with some of its labels changed."""
    assert face.current is not None
    columns = {name: getattr(face.current, name) for name in Revision.LABEL_FIELDS}
    face.current = Revision.objects.create(
        face=face, kind="check", parent=face.current, **{**columns, **changes}
    )
    face.save(update_fields=["current"])


def test_it_sends_a_job_for_a_written_release(release: Release, admin: User) -> None:
    run = start_run(release, actor=admin)
    assert (run.number, run.state, run.stages, run.start) == (1, RunState.QUEUED, ["S1"], "random")
    assert run.job is not None
    assert (run.job.queue, run.job.task, run.job.params) == ("gpu", "training.run", {"run": run.pk})
    assert run.new_labels == {"boxes": 8, "landmarks": 8, "attributes": 8}
    assert AuditEntry.objects.get(verb="training.created").details["stages"] == ["S1"]


def test_it_freezes_a_release_and_waits_for_its_files(label: Labelled) -> None:
    dataset = label()
    run = run_create(dataset=dataset, actor=None, preset="tiny")
    assert (run.state, run.job, run.release.number) == (RunState.WAITING_RELEASE, None, 1)
    assert runs_advance() == 0
    assert run.release.job is not None
    writing = Run(run.release.job)
    writing.finish(JobState.DONE, result=release_write(run=writing))
    assert runs_advance() == 1
    assert runs_advance() == 0
    run.refresh_from_db()
    assert (run.phase, Job.objects.get(training_run=run).state) == (RunPhase.SENT, JobState.QUEUED)


def test_it_fails_with_its_release(label: Labelled) -> None:
    run = run_create(dataset=label(), actor=None, preset="tiny")
    Job.objects.filter(pk=run.release.job_id).update(state=JobState.FAILED, error="The disk is full.")
    assert runs_advance() == 1
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert run.error.startswith("Release 1 was not written: The disk is full.")


def test_it_refuses_to_freeze_nothing(dataset: Dataset) -> None:
    with pytest.raises(Invalid) as refused:
        run_create(dataset=dataset, actor=None)
    assert refused.value.code == "nothing_accepted"
    assert not TrainingRun.objects.exists()


def test_it_allows_one_live_run_a_dataset(release: Release) -> None:
    run = start_run(release)
    with pytest.raises(Conflict) as refused:
        start_run(release)
    assert (refused.value.code, refused.value.details) == ("run_live", {"run": run.pk})
    assert run.job is not None
    job_cancel(job=run.job, actor=None)
    assert start_run(release).number == 2


def test_the_database_allows_one_live_run_whatever_the_code_does(release: Release) -> None:
    start_run(release)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(dataset=release.dataset, kind="train", task="training.run")
    same = {
        "dataset": release.dataset,
        "release": release,
        "stages": ["S1"],
        "preset": "tiny",
        "start": "random",
    }
    TrainingRun.objects.create(number=8, **same)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrainingRun.objects.create(number=9, **same)


def test_it_cancels_a_run_that_waits_for_its_release(label: Labelled, admin: User) -> None:
    run = run_create(dataset=label(), actor=admin, preset="tiny")
    assert run_cancel(run=run, actor=admin).state == RunState.CANCELLED
    assert runs_advance() == 0
    with pytest.raises(Conflict) as refused:
        run_cancel(run=run, actor=admin)
    assert refused.value.code == "run_ended"


def test_it_goes_on_from_the_champion_with_what_is_new(release: Release, label: Labelled) -> None:
    model = champion(release.dataset)
    with pytest.raises(Invalid) as refused:
        start_run(release, start="auto")
    assert refused.value.code == "nothing_new"
    faces = list(Face.objects.order_by("pk"))
    assert faces[0].current is not None
    assert faces[0].current.landmarks is not None
    relabelled(faces[0], landmarks=faces[0].current.landmarks + 1)
    second = written_release(release.dataset)
    every, new = release_labels(release=second, parent=model)
    assert every == {"boxes": 8, "landmarks": 8, "attributes": 8}
    assert new == {"boxes": 0, "landmarks": 1, "attributes": 0}
    run = start_run(second, start="auto")
    assert (run.stages, run.start, run.parent) == (["S3"], "champion", model)


@pytest.mark.parametrize(
    ("change", "stages"),
    [({"gender": "unsure"}, ["S4"]), ({"x1": 1.5}, ["S2", "S3", "S4"])],
)
def test_it_tells_kinds_of_new_labels_apart(
    release: Release, change: dict[str, Any], stages: list[str]
) -> None:
    champion(release.dataset)
    relabelled(Face.objects.order_by("pk")[0], **change)
    assert start_run(written_release(release.dataset), start="auto").stages == stages


def test_it_needs_all_stages_after_s2_for_new_faces(release: Release, label: Labelled) -> None:
    champion(release.dataset)
    label(seed=5, splits=("train",))
    run = start_run(written_release(release.dataset), start="auto")
    assert run.stages == ["S2", "S3", "S4"]
    assert run.new_labels == {"boxes": 1, "landmarks": 1, "attributes": 1}


@pytest.mark.parametrize("misfit", [{"preset": "fast"}, {"genders": ["woman", "man"]}])
def test_it_starts_anew_beside_a_champion_that_does_not_fit(release: Release, misfit: dict[str, Any]) -> None:
    champion(release.dataset, **misfit)
    run = start_run(release, start="auto")
    assert (run.parent, run.start, run.stages) == (None, "random", ["S1"])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"start": "champion"}, "no_champion"),
        ({"start": "model:4"}, "no_model"),
        ({"start": "nowhere"}, "start"),
        ({"stages": ["S3"]}, "needs_s1"),
        ({"stages": ["S1", "S2"]}, "stale_nets"),
        ({"steps": {"S1": {"rate": 1}}}, "steps"),
        ({"steps": {"S1": {"steps": 0}}}, "steps"),
        ({"preset": "huge"}, "preset"),
    ],
)
def test_it_refuses_what_makes_no_run(release: Release, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        start_run(release, **given)
    assert refused.value.code == code
    assert not TrainingRun.objects.exists()


def test_it_refuses_to_go_on_from_a_model_that_does_not_fit(release: Release) -> None:
    champion(release.dataset, preset="fast")
    with pytest.raises(Invalid, match="preset fast, not tiny") as refused:
        start_run(release, start="champion")
    assert refused.value.code == "misfit"


def test_it_refuses_a_stage_without_labels(label: Labelled) -> None:
    release = written_release(label(landmarks=None, visibility=None))
    with pytest.raises(Invalid) as refused:
        start_run(release, stages=["S1", "S2", "S3", "S4"])
    assert refused.value.code == "no_landmarks"
    assert start_run(release).stages == ["S1"]


def test_it_refuses_a_release_of_another_dataset(release: Release, other_dataset: Dataset) -> None:
    with pytest.raises(Invalid) as refused:
        run_create(dataset=other_dataset, actor=None, release=release)
    assert refused.value.code == "other_dataset"
