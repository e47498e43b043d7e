"""The folders of a run: one for each attempt, which takes over what the attempts before it had reached."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from django.conf import settings

from annotator.learning.engine.orders import CHECKPOINT_FILE, STAGE_FILE
from annotator.training.models import TrainingRun
from annotator.training.stage_rules import STAGES

PRIVATE: Final = 0o700


def run_folder(run: TrainingRun) -> Path:
    """Where the attempts of a run keep their files on this machine."""
    return Path(settings.JFA_TRAINING_DIR) / f"run-{run.pk}"


def attempt_folder(run: TrainingRun, attempt: int) -> Path:
    """Make the folder of a new attempt with the checkpoints of the attempts before it, newest first.

    Files are linked, and the training replaces a checkpoint instead of writing into it, so that an attempt that
    was only believed dead keeps its own. On a machine that has none of the attempts' folders it starts anew.
    """
    folder = run_folder(run) / f"attempt-{attempt}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=PRIVATE, parents=True)
    earlier = [run_folder(run) / f"attempt-{number}" for number in range(attempt - 1, 0, -1)]
    for stage in STAGES:
        for pattern in (STAGE_FILE, CHECKPOINT_FILE):
            name = pattern.format(stage=stage)
            newest = next((before / name for before in earlier if (before / name).is_file()), None)
            if newest is not None:
                _take(newest, folder / name)
    return folder


def run_folders_remove(run: TrainingRun) -> None:
    """Remove what the attempts of a run left once its model is judged, and what older runs of its dataset left.

    A run that failed or was cancelled keeps its checkpoints, for Retry, until a later one of its dataset is done.
    """
    there = [
        int(folder.name.removeprefix("run-"))
        for folder in run_folder(run).parent.glob("run-*")
        if folder.name.removeprefix("run-").isdecimal()
    ]
    older = TrainingRun.objects.filter(pk__in=there, dataset=run.dataset_id, number__lte=run.number)
    for one in older:
        shutil.rmtree(run_folder(one), ignore_errors=True)


def _take(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        shutil.copyfile(source, target)
