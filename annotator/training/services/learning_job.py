"""The body of a training job: fetch the release, train in a process, register the model, and let the gate judge.

Every step finds out what an earlier attempt has done: a registered model is not trained again, a finished stage
neither, and a model is published only behind the job's fence.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from annotator.jobs.running import JobInterrupted, RunningJob
from annotator.learning.engine.orders import MODEL_FILE, RESULT_FILE, TrainOrder
from annotator.learning.models import ModelVersion
from annotator.learning.selectors.registry import model_local_file
from annotator.learning.services.registry import model_register
from annotator.training.models import PointKind, TrainingRun
from annotator.training.services.folders import attempt_folder, run_folders_remove
from annotator.training.services.gate import gate_run
from annotator.training.services.limits import LimitReached, Limits, memory_limit
from annotator.training.services.materialising import LocalRelease, release_materialise
from annotator.training.services.points import Points
from annotator.training.services.supervising import Event, TrainingFailed, supervise

NOTES: Final = frozenset({"resumed", "stage_ended", "picture_skipped", "faces_found"})


def training_work(*, run: RunningJob) -> dict[str, Any]:
    """Train, register, judge; the job's result.

    Raises TrainingFailed, LimitReached, DiskTooFull, ReleaseDamaged and what the gate raises, each with a
    sentence; JobCancelled, JobLost, JobInterrupted.
    """
    training = TrainingRun.objects.select_related("dataset__policy", "release__job", "parent", "model").get(
        pk=run.job.params["run"]
    )
    model = training.model
    if model is None:
        model = _trained(training, run)
    run.say(f"Comparing model m{model.number} with what pre-labels now")
    gate_run(run=run, training_run=training)
    run_folders_remove(training)
    return {"run": training.number, "model": model.number, "decision": training.decision}


def _trained(training: TrainingRun, run: RunningJob) -> ModelVersion:
    release = release_materialise(release=training.release, run=run, min_free_bytes=training.min_free_bytes)
    folder = attempt_folder(training, run.attempt)
    order = TrainOrder(
        folder=folder,
        release=release.folder,
        stages=tuple(training.stages),
        preset=training.preset,
        start=training.start,
        parent="" if training.parent is None else str(model_local_file(training.parent)),
        seed=training.seed,
        overrides=training.steps,
        threads=training.threads,
        processes=training.gpus,
        min_free_bytes=training.min_free_bytes,
    )
    limits = Limits(
        folder=folder,
        memory=memory_limit(training.max_memory_bytes),
        seconds=training.max_seconds,
        min_free=training.min_free_bytes,
    )
    told = _Told(training, run)
    try:
        supervise(order=order.write(), folder=folder, limits=limits, check=told.check, hear=told.hear)
    except (TrainingFailed, LimitReached, JobInterrupted):
        told.points.flush()  # what it told before it ended
        raise
    told.points.flush()
    return _registered(training, run, folder, release)


class _Told:
    """What the training process tells, as curve points and as the job's progress."""

    def __init__(self, training: TrainingRun, run: RunningJob) -> None:
        self.run = run
        self.points = Points(training, run)
        self._before: dict[str, int] = {}
        self._total = 0

    def check(self) -> None:
        self.points.flush_if_due()
        self.run.check()

    def hear(self, event: Event) -> None:
        kind, stage = event["event"], event.get("stage", "")
        if kind == "plan":
            for name, steps in event["stages"]:
                self._before[name] = self._total
                self._total += steps
            self.run.progress(0, self._total, "Training begins")
        elif kind == "step":
            self.points.add(PointKind.LOSS, stage, event["step"], event["values"])
            loss = event["values"].get("loss")
            shown = "" if loss is None else f", loss {loss:.3g}"
            self.run.progress(
                self._before[stage] + event["step"],
                self._total,
                f"{stage}: iteration {event['step']} of {event['steps']}{shown}",
            )
        elif kind == "metric":
            self.points.add(PointKind.METRIC, stage, event["step"], event["values"])
        elif kind in NOTES:
            facts = {name: value for name, value in event.items() if name not in ("stage", "step")}
            at = int(event["step"] if "step" in event else event.get("steps", 0))
            self.points.add(PointKind.NOTE, stage, at, facts)


def _registered(training: TrainingRun, run: RunningJob, folder: Path, release: LocalRelease) -> ModelVersion:
    """The version of the trained network, published only if the job is still this attempt's."""
    result: dict[str, Any] = json.loads((folder / RESULT_FILE).read_text())
    facts = {**result["facts"], "config": result["config"], "calibration": result["calibration"]}
    run.say("Registering the model")
    with transaction.atomic():
        run.fence()
        model = model_register(
            dataset=training.dataset,
            path=folder / MODEL_FILE,
            run_id=training.pk,
            release_number=training.release.number,
            release_sha256=release.manifest_sha256,
            preset=training.preset,
            stages=result["stages"],
            parent=training.parent,
            metrics=result["metrics"],
            facts=facts,
            created_by=training.created_by,
        )
        training.model = model
        training.facts = result["facts"]
        training.save(update_fields=["model", "facts"])
    return model
