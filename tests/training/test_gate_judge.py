"""The judging process on a real release: a network and the coarse provider, shown the same pictures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from django.conf import settings as django_settings

from annotator.jobs.models import Job
from annotator.jobs.running import JobCancelled
from annotator.learning.engine.judge import judge
from annotator.learning.engine.judge_order import Candidate, JudgeOrder
from annotator.learning.services.registry import model_register
from annotator.releases.models import Release
from annotator.training.models import Decision, TrainingRun
from annotator.training.services.gate import gate_run
from jfa_pipeline.metrics.judged import Judged
from tests.releases.conftest import Run, written_release
from tests.training.conftest import Labelled, processes_naming, start_run
from tfn.model_file import Model, save_model
from tfn.presets import PRESETS
from tfn.start import new_network


def network_file(folder: Path, *stages: str) -> Path:
    """A network that nobody has trained, in a file."""
    torch.manual_seed(0)
    path = folder / f"network-{'-'.join(stages)}.pt"
    save_model(Model(new_network(PRESETS["tiny"](), "random", seed=0), stages), path)
    return path


@pytest.fixture
def release(label: Labelled) -> Release:
    """Release 1 of three drawn pictures, two of them to test on."""
    return written_release(label(splits=("train", "test", "test")))


@pytest.fixture
def order(release: Release, tmp_path: Path, files_folder: Path) -> JudgeOrder:
    folder = tmp_path / "judged"
    folder.mkdir()
    network = Candidate("model", "m1", str(network_file(tmp_path, "S1")))
    coarse = Candidate("coarse", "packaged")
    return JudgeOrder(folder, files_folder / release.folder, (network, coarse), threads=1)


class Lines(list[dict[str, Any]]):
    """A stream of events."""

    def write(self, text: str) -> None:
        self.append(json.loads(text))

    def flush(self) -> None:
        """Nothing is held back."""


def test_it_writes_what_became_of_each_test_face_for_every_candidate(order: JudgeOrder) -> None:
    lines = Lines()
    judge(order, lines)  # type: ignore[arg-type]  # write and flush are all it uses
    assert lines[-1] == {"event": "done", "pictures": 2}
    assert [line["done"] for line in lines[:-1]] == [0, 1]
    read = [json.loads(order.outcome_path(number).read_text()) for number in range(2)]
    ids = [[row["face_id"] for row in outcome["faces"]] for outcome in read]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 2
    for outcome in read:
        assert len(outcome["images"]) == 2
        judged = Judged.of_rows(outcome["images"], outcome["faces"], outcome["detections"])
        assert judged.clusters == 2
        assert {"landmarks", "age", "gender", "ethnicity"} <= set(outcome["faces"][0]["has"])
    assert read[0]["version"].startswith("tfn S1-")


def test_it_says_in_a_sentence_why_it_cannot_judge(order: JudgeOrder, tmp_path: Path) -> None:
    stale = Candidate("model", "m2", str(network_file(tmp_path, "S1", "S2")))
    written = JudgeOrder(order.folder, order.release, (stale,)).write()
    done = subprocess.run(
        [sys.executable, "-m", "annotator.learning.engine.judge", str(written)],
        env={**os.environ, "JFA_TRAINING_PARENT": str(os.getpid())},
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, told["event"]) == (1, "refused")
    assert "stopped after S2" in told["sentence"]


@pytest.fixture
def training(release: Release, tmp_path: Path) -> TrainingRun:
    """A run whose untrained network is registered."""
    run = start_run(release, stages=["S1"])
    run.model = model_register(
        dataset=release.dataset,
        path=network_file(tmp_path, "S1"),
        run_id=run.pk,
        release_number=1,
        release_sha256="",
        preset="tiny",
        stages=["S1"],
        parent=None,
        metrics={},
        facts={},
        created_by=None,
    )
    run.save(update_fields=["model"])
    return run


def test_it_judges_a_run_from_its_release_to_its_report(training: TrainingRun, training_folder: Path) -> None:
    assert training.job is not None
    gate_run(run=Run(training.job), training_run=training)
    after = TrainingRun.objects.get(pk=training.pk)
    assert (after.decision, after.gate["test_faces"], after.gate["test_images"]) == (Decision.KEPT, 2, 2)
    assert [entry["code"] for entry in after.gate["reasons"]] == ["too_few_test_faces", "not_enough_evidence"]
    assert after.gate["overall"]["landmarks"]["n"] == 2
    assert processes_naming(training_folder) == []
    assert not list(training_folder.glob("run-*/gate-*"))


def test_it_ends_the_process_when_the_job_is_cancelled(training: TrainingRun, training_folder: Path) -> None:
    assert training.job is not None
    Job.objects.filter(pk=training.job.pk).update(cancel_requested=True)
    with pytest.raises(JobCancelled):
        gate_run(run=Run(training.job), training_run=training)
    assert TrainingRun.objects.get(pk=training.pk).decision == ""
    assert processes_naming(training_folder) == []
    assert not list(training_folder.glob("run-*/gate-*"))
