"""A training job from its release to a registered model, with the real training process."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from django.db import connection

from annotator.jobs.models import Job, JobState
from annotator.jobs.services import job_cancel, job_retry
from annotator.learning.models import ModelVersion
from annotator.learning.selectors.registry import model_local_file
from annotator.releases.models import Release
from annotator.training.models import PointKind, RunState, TrainingPoint, TrainingRun
from annotator.training.services import learning_job
from annotator.training.services.runs import Resources
from tests.training.conftest import FEW, job_of, processes_naming, start_run, train
from tfn.model_file import load_model

LONG = {"S1": {"steps": 100_000, "batch": 2}}
PATIENCE_S = 60


def until(what: Callable[[], bool], why: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline, f"after {PATIENCE_S} s still not: {why}"
        time.sleep(0.02)


def in_thread(run: TrainingRun) -> threading.Thread:
    """The job in a thread with a database connection of its own."""

    def work() -> None:
        try:
            train(run)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_it_trains_registers_and_tells_its_curves(release: Release, training_folder: Path) -> None:
    run = train(start_run(release, stages=["S1", "S2", "S3", "S4"]))
    assert (run.state, job_of(run).error) == (RunState.DONE, "")
    model = run.model
    assert model is not None
    assert (model.number, model.preset, model.stages) == (1, "tiny", ["S1", "S2", "S3", "S4"])
    assert (model.release_number, model.training_run_id) == (1, run.pk)
    assert model.config["genders"] == ["female", "male"]
    assert model.facts["faces"] == 6
    assert set(model.metrics) >= {"ap50", "nme_interocular", "faces_n"}
    assert model_local_file(model).stat().st_size == model.bytes
    points = list(TrainingPoint.objects.filter(run=run).order_by("seq"))
    assert [point.seq for point in points] == list(range(1, len(points) + 1))
    losses = [(p.stage, p.step) for p in points if p.kind == PointKind.LOSS]
    assert losses == [(stage, n) for stage, few in FEW.items() for n in range(1, few["steps"] + 1)]
    metrics = [(p.stage, p.step, p.values["faces_n"]) for p in points if p.kind == PointKind.METRIC]
    assert metrics == [(stage, few["steps"], 2.0) for stage, few in FEW.items()]
    job = job_of(run)
    assert (job.done, job.total) == (18, 18)
    assert not (training_folder / f"run-{run.pk}").exists()
    assert processes_naming(training_folder) == []
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
    assert train(run).model == model, "a second attempt at a run whose model is registered"


def test_it_goes_on_from_its_parent_with_landmarks_only(release: Release) -> None:
    first = train(start_run(release))
    assert first.model is not None
    second = train(start_run(release, stages=["S3"], start=f"model:{first.model.number}"))
    assert second.model is not None
    assert second.model.stages == ["S1", "S3"]
    assert second.model.parent == first.model


@pytest.mark.django_db(transaction=True)
def test_it_stops_within_five_seconds_of_a_cancel(release: Release, training_folder: Path) -> None:
    run = start_run(release, steps=LONG)
    thread = in_thread(run)
    until(lambda: TrainingPoint.objects.filter(run=run).exists(), "the first point")
    assert processes_naming(training_folder)
    asked = time.monotonic()
    job_cancel(job=job_of(run), actor=None)
    thread.join(timeout=PATIENCE_S)
    assert time.monotonic() - asked < 5
    assert job_of(run).state == JobState.CANCELLED
    assert processes_naming(training_folder) == []
    assert not ModelVersion.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_resumes_in_a_new_attempt_after_its_process_was_killed(
    release: Release, training_folder: Path
) -> None:
    run = start_run(release, steps={"S1": {"steps": 60, "batch": 2}})
    thread = in_thread(run)
    checkpoint = training_folder / f"run-{run.pk}" / "attempt-1" / "checkpoint-S1.pt"
    until(checkpoint.exists, "a checkpoint")
    for pid in processes_naming(training_folder):
        os.kill(pid, signal.SIGKILL)
    thread.join(timeout=PATIENCE_S)
    job = job_of(run)
    assert (job.state, job.attempt) == (JobState.QUEUED, 1)
    assert "SIGKILL" in job.message
    ended = train(run)
    assert (ended.state, job_of(run).attempt) == (RunState.DONE, 2)
    steps = list(TrainingPoint.objects.filter(run=run, kind=PointKind.LOSS).order_by("seq"))
    assert [point.step for point in steps] == list(range(1, 61))
    resumed = TrainingPoint.objects.get(run=run, kind=PointKind.NOTE, values__event="resumed")
    assert resumed.step > 0
    assert {p.attempt for p in steps if p.step <= resumed.step} == {1}
    assert {p.attempt for p in steps if p.step > resumed.step} == {2}
    undisturbed = train(start_run(release, steps={"S1": {"steps": 60, "batch": 2}}))
    assert ended.model is not None
    assert undisturbed.model is not None
    weights = [load_model(model_local_file(m)).network.state_dict() for m in (ended.model, undisturbed.model)]
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())


@pytest.mark.django_db(transaction=True)
def test_it_ends_with_the_attempt_that_lost_its_job(release: Release, training_folder: Path) -> None:
    run = start_run(release, steps=LONG)
    thread = in_thread(run)
    until(lambda: TrainingPoint.objects.filter(run=run).exists(), "the first point")
    Job.objects.filter(pk=job_of(run).pk).update(attempt=2)
    thread.join(timeout=PATIENCE_S)
    assert processes_naming(training_folder) == []
    assert (job_of(run).state, job_of(run).attempt) == (JobState.RUNNING, 2)


def test_it_publishes_no_model_of_a_lost_attempt(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start_run(release)
    registered = learning_job._registered

    def too_late(*given: Any) -> ModelVersion:
        Job.objects.filter(pk=job_of(run).pk).update(attempt=7)
        return registered(*given)

    monkeypatch.setattr(learning_job, "_registered", too_late)
    train(run)
    assert not ModelVersion.objects.exists()
    assert TrainingRun.objects.get().model is None


def test_it_stops_a_training_that_takes_too_much_memory(release: Release) -> None:
    run = train(start_run(release, steps=LONG, resources=Resources(threads=1, max_memory_bytes=50_000_000)))
    assert run.state == RunState.FAILED
    assert "50,000,000" in job_of(run).error
    assert "memory" in job_of(run).error


def test_it_names_needed_and_free_bytes_when_the_disk_is_too_small(release: Release) -> None:
    run = train(start_run(release, resources=Resources(threads=1, min_free_bytes=10**15)))
    assert run.state == RunState.FAILED
    assert "1,000,000,000,000,000 bytes have to stay free" in job_of(run).error
    assert "bytes free" in job_of(run).error


def test_it_keeps_its_checkpoint_when_its_time_is_up_and_goes_on_after_retry(
    release: Release, training_folder: Path
) -> None:
    steps = {"S1": {"steps": 60, "batch": 2}}
    run = start_run(release, steps=steps, resources=Resources(threads=1, max_seconds=1))
    failed = train(run)
    assert "after 1 seconds, its limit" in job_of(failed).error
    TrainingRun.objects.filter(pk=run.pk).update(max_seconds=None)
    job_retry(job=job_of(run), actor=None)
    assert train(run).state == RunState.DONE


def test_it_says_in_a_sentence_why_the_process_refused(release: Release, training_folder: Path) -> None:
    run = train(start_run(release, start="imagenet"))
    assert run.state == RunState.FAILED
    assert "ImageNet's VGG-16 fits the backbone vgg16 of width 1 only." in job_of(run).error


def test_it_trains_in_several_processes_under_torchrun(release: Release, training_folder: Path) -> None:
    run = train(
        start_run(release, steps={"S1": {"steps": 3, "batch": 1}}, resources=Resources(gpus=2, threads=1))
    )
    assert job_of(run).error == ""
    assert run.model is not None
    assert run.model.facts["processes"] == 2
    assert processes_naming(training_folder) == []


def test_it_refuses_a_release_whose_file_was_changed(release: Release, files_folder: Path) -> None:
    manifest = json.loads((files_folder / release.folder / "manifest.json").read_text())
    name = next(name for name in manifest["files"] if name.startswith("images/"))
    (files_folder / release.folder / name).write_bytes(b"not what it was")
    run = train(start_run(release))
    assert run.state == RunState.FAILED
    assert f"The file {name} of release 1 is missing or damaged" in job_of(run).error
