"""Drawn pictures as a dataset whose faces are all accepted, releases of it, and runs that end in seconds."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotator.datasets.models import Dataset
from annotator.jobs.models import Job
from annotator.jobs.running import run_job
from annotator.releases.models import Release
from annotator.training.models import TrainingRun
from annotator.training.services.learning_job import training_work
from annotator.training.services.runs import Resources, run_create
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from tests.cast import FaceFactory, ImageFactory
from tests.releases.conftest import written_release
from tfn.data.pictures import ProceduralPictures
from tfn.data.procedural import Scene

SPLITS = ("train",) * 6 + ("val",) * 2
"""None for the test: the gate then says at once that it cannot judge (tests/training/test_gate*.py judge)."""

FEW = {"S1": {"steps": 6, "batch": 2}, "S2": {"steps": 4, "batch": 2}}
FEW |= {"S3": {"steps": 4, "batch": 4}, "S4": {"steps": 4, "batch": 4}}

Labelled = Callable[..., Dataset]


@pytest.fixture(autouse=True)
def training_folder(settings: Any, tmp_path: Path) -> Path:
    """Where runs keep their files."""
    folder = tmp_path / "training"
    settings.JFA_TRAINING_DIR = folder
    return folder


@pytest.fixture
def label(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> Labelled:
    """``label(seed=1, splits=SPLITS)``: as many drawn pictures with accepted faces, added to ``dataset``."""

    def make(*, seed: int = 1, splits: tuple[str, ...] = SPLITS, **left_out: None) -> Dataset:
        policy = Policy()
        pictures = ProceduralPictures(
            len(splits), seed=seed, scene=Scene(side=96, face=(30, 60), faces=(1, 1))
        )
        for number, split in enumerate(splits):
            pixels, targets, _ = pictures.picture(number)
            image = image_factory(dataset, pixels=pixels, split=split)
            for face in range(len(targets)):
                labels: dict[str, Any] = {
                    "landmarks": targets.landmarks[face].numpy().astype(np.float32),
                    "visibility": np.where(targets.has_point[face].numpy(), 0, 2).astype(np.uint8),
                    "gender": policy.genders[int(targets.gender[face]) % 2],
                    "ethnicity": policy.ethnicities[int(targets.ethnicity[face]) % 3],
                    **left_out,
                }
                face_factory(
                    image,
                    labels=FaceLabels(Box(*targets.boxes[face].tolist()), **labels),
                    state="accepted",
                    open_item=False,
                    age_mean=float(targets.age[face]),
                    age_sd=2.0,
                    age_n=3,
                )
        return dataset

    return make


@pytest.fixture
def release(label: Labelled) -> Release:
    """Release 1 of eight labelled pictures: six to learn from and two for validation."""
    return written_release(label())


def start_run(release: Release, **given: Any) -> TrainingRun:
    """A run of the tiny preset with a handful of iterations on a written release."""
    options: dict[str, Any] = {
        "preset": "tiny",
        "start": "random",
        "steps": FEW,
        "actor": None,
        "resources": Resources(threads=1),
        **given,
    }
    return run_create(dataset=release.dataset, release=release, **options)


def train(run: TrainingRun) -> TrainingRun:
    """Run the job of a run to its end, as a worker does."""
    assert run.job is not None
    run_job(run.job.pk, "node-1", lambda running: training_work(run=running))
    return TrainingRun.objects.select_related("job", "release", "model", "parent").get(pk=run.pk)


def job_of(run: TrainingRun) -> Job:
    """The row of the run's job as it is now."""
    return Job.objects.get(training_run=run)


def processes_naming(folder: Path) -> list[int]:
    """Ids of processes whose command line names the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if os.fsencode(folder) in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
