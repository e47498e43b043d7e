"""The promotion gate of a run: both candidates judged in a process, compared, and the decision carried out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from annotator.common.errors import Conflict
from annotator.jobs.running import RunningJob
from annotator.learning.engine.judge_order import Candidate, JudgeOrder
from annotator.learning.models import ModelVersion
from annotator.learning.selectors.registry import champion_of, model_local_file
from annotator.learning.services.registry import model_judged, model_promote, model_refuse
from annotator.training.models import Decision, TrainingRun, TrainingSettings
from annotator.training.services.folders import PRIVATE, run_folder
from annotator.training.services.limits import Limits, memory_limit
from annotator.training.services.materialising import release_materialise
from annotator.training.services.supervising import Event, supervise
from jfa_pipeline.core.stages import is_promotable
from jfa_pipeline.metrics.gate import compare
from jfa_pipeline.metrics.gate_report import NO_TEST_FACES, not_compared, reason, report_json
from jfa_pipeline.metrics.judged import Judged

MODULE: Final = "annotator.learning.engine.judge"
TRIES: Final = 3
"""So often a comparison is made anew because another model became the champion meanwhile."""

GateReport = dict[str, Any]
"""``jfa_pipeline.metrics.gate_report.report_json``, as it stands in TrainingRun.gate and on the page."""


def gate_run(*, run: RunningJob, training_run: TrainingRun) -> GateReport:
    """Compare the run's model with the champion (the coarse provider if there is none) on the test split of the
    run's release; promote it, refuse it, or leave it for a person to decide. The report stays with the run and
    the model.

    Idempotent: a run that has its decision keeps it. Everything is written behind the job's fence in one
    transaction. Raises TrainingFailed and LimitReached of the judging process, ModelFileCorrupt, ReleaseDamaged,
    JobCancelled, JobLost, JobInterrupted.
    """
    model = training_run.model
    if model is None:
        raise ValueError(f"{training_run} has no model to judge.")
    if training_run.decision in (Decision.PROMOTED, Decision.KEPT):
        report: GateReport = training_run.gate
        return report
    for tries_left in range(TRIES - 1, -1, -1):
        champion = champion_of(training_run.dataset)
        report = _report(training_run, model, champion, run)
        try:
            return _carry_out(training_run, model, champion, report, run)
        except Conflict as conflict:
            if conflict.code != "champion_changed" or not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


def _report(
    training: TrainingRun, model: ModelVersion, champion: ModelVersion | None, run: RunningJob
) -> GateReport:
    release = training.release
    about: dict[str, Any] = {
        "challenger": {"kind": "model", "name": model.name, "number": model.number},
        "against": _against(champion),
        "release": release.number,
    }
    if champion == model:
        return not_compared("already_champion", "It was promoted before the gate could judge it.", **about)
    if not is_promotable(model.stages):
        sentence = (
            f"It stopped after {model.stages[-1]}: its other parts do not fit the changed ones before S4 is done, "
            "so it was not compared. Train the missing stages."
        )
        return not_compared("stages", sentence, **about)
    faces = release.manifest["counts"].get("faces_by_split")
    if faces is not None and not faces.get("test"):
        return not_compared("no_test_faces", NO_TEST_FACES, **about)
    challenger, rival = _outcomes(training, model, champion, run)
    comparison = compare(_judged(challenger), _judged(rival), seed=training.seed)
    report = report_json(comparison, images=len(rival["images"]), unreadable=rival["unreadable"], **about)
    report["refused"] = {"challenger": challenger["refused"], "champion": rival["refused"]}
    return report


def _against(champion: ModelVersion | None) -> dict[str, Any]:
    if champion is None:
        return {"kind": "coarse", "name": settings.JFA_COARSE_PROVIDER, "number": None}
    return {"kind": "model", "name": champion.name, "number": champion.number}


def _outcomes(
    training: TrainingRun, model: ModelVersion, champion: ModelVersion | None, run: RunningJob
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run the judging process; what the challenger and the champion did."""
    release = release_materialise(release=training.release, run=run, min_free_bytes=training.min_free_bytes)
    folder = run_folder(training) / f"gate-{run.attempt}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=PRIVATE, parents=True)
    try:
        order = JudgeOrder(
            folder=folder,
            release=release.folder,
            candidates=(_candidate(model), _candidate(champion)),
            threads=training.threads,
        )
        limits = Limits(
            folder=folder,
            memory=memory_limit(training.max_memory_bytes),
            seconds=None,
            min_free=training.min_free_bytes,
        )

        def hear(event: Event) -> None:
            if event["event"] == "judging":
                run.say(f"Comparing with the champion: test image {event['done'] + 1} of {event['total']}")

        supervise(
            order=order.write(), folder=folder, limits=limits, check=run.check, hear=hear, module=MODULE
        )
        first, second = (_read(order.outcome_path(number)) for number in range(2))
        return first, second
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _candidate(model: ModelVersion | None) -> Candidate:
    if model is None:
        return Candidate("coarse", settings.JFA_COARSE_PROVIDER)
    return Candidate("model", model.name, str(model_local_file(model)))


def _read(path: Path) -> dict[str, Any]:
    outcome: dict[str, Any] = json.loads(path.read_text())
    return outcome


def _judged(outcome: dict[str, Any]) -> Judged:
    return Judged.of_rows(outcome["images"], outcome["faces"], outcome["detections"])


@transaction.atomic
def _carry_out(
    training: TrainingRun,
    model: ModelVersion,
    champion: ModelVersion | None,
    report: GateReport,
    run: RunningJob,
) -> GateReport:
    """Do what the report says. Raises Conflict ``champion_changed``; nothing is written then."""
    run.fence()
    codes = {entry["code"] for entry in report["reasons"]}
    decision = Decision.KEPT
    if "already_champion" in codes:
        decision = Decision.PROMOTED
    elif report["decision"] == "promote" and _is_automatic(training):
        model_promote(
            model=model,
            actor=None,
            reason=_sentences(report),
            automatic=True,
            judged_against=None if champion is None else champion.number,
        )
        decision = Decision.PROMOTED
    elif report["decision"] == "promote":
        by_hand = reason(
            "by_hand",
            "It passed, and waits: this dataset's settings leave it to an admin to promote it on the models page.",
        )
        report = {**report, "reasons": [by_hand, *report["reasons"]]}
    elif report["overall"]:  # what could not be compared stays a challenger
        model_refuse(model=model, reason=_sentences(report))
    model_judged(model=model, gate=report)
    training.gate, training.decision = report, decision
    training.save(update_fields=["gate", "decision"])
    return report


def _is_automatic(training: TrainingRun) -> bool:
    row = TrainingSettings.objects.filter(dataset=training.dataset_id).first()
    return (row or TrainingSettings()).promote_automatically


def _sentences(report: GateReport) -> str:
    """The reasons in at most as many characters as the registry keeps."""
    return " ".join(entry["sentence"] for entry in report["reasons"])[:500]
