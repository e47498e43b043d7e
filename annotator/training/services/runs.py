"""Making a training run: from which release and which network, in which stages; and sending its job.

A run whose release is still being written has no job yet. ``runs_advance`` looks at the database, so a beat and
any number of messages may call it at once.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.db import IntegrityError, transaction
from django.db.models import Max

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset
from annotator.jobs.models import LIVE, JobKind
from annotator.jobs.services import job_cancel, job_create
from annotator.learning.models import ModelVersion
from annotator.learning.selectors.registry import champion_of
from annotator.releases.models import Release, ReleaseState
from annotator.releases.services.freezing import release_create
from annotator.training.models import Preset, RunPhase, TrainingRun, Trigger
from annotator.training.selectors import live_run, live_train_job, release_labels, runs_waiting
from annotator.training.stage_rules import STAGES, StagesRefused, check_stages, stages_for

logger = logging.getLogger(__name__)

TASK: Final = "training.run"
ADVANCE_TASK: Final = "training.advance"
QUEUE: Final = "gpu"
AUTO: Final = "auto"
CHAMPION: Final = "champion"
MODEL: Final = "model:"
NEW_STARTS: Final = ("random", "centerface", "imagenet")
START_OF_PRESET: Final = {Preset.FAST: "centerface", Preset.PAPER: "imagenet", Preset.TINY: "random"}
OVERRIDES: Final = ("steps", "batch")
SHORT_SIDE: Final = "short_side"
"""Of S1, for a new network: pixels that the shorter side of every picture is scaled to."""
SHORTEST_SIDE: Final = 32
LABELS_OF_STAGE: Final = {"S3": ("landmarks", "landmark"), "S4": ("attributes", "age, gender or ethnicity")}


@dataclass(frozen=True, slots=True)
class Resources:
    """What a run may use; see TrainingRun. min_free_bytes None: the model's default."""

    threads: int = 0
    gpus: int = 1
    max_seconds: int | None = None
    max_memory_bytes: int | None = None
    min_free_bytes: int | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of a new run."""
        columns: dict[str, Any] = {
            "threads": self.threads,
            "gpus": self.gpus,
            "max_seconds": self.max_seconds,
            "max_memory_bytes": self.max_memory_bytes,
        }
        if self.min_free_bytes is not None:
            columns["min_free_bytes"] = self.min_free_bytes
        return columns


@dataclass(frozen=True, slots=True)
class _Plan:
    """parent None: a new network. new_labels: by kind, against the release that the parent learnt from."""

    parent: ModelVersion | None
    start: str
    stages: tuple[str, ...]
    new_labels: dict[str, int]


@transaction.atomic
def run_create(
    *,
    dataset: Dataset,
    actor: User | None,
    release: Release | None = None,
    stages: Sequence[str] | Literal["auto"] = "auto",
    preset: str = Preset.FAST,
    start: str = AUTO,
    seed: int = 0,
    steps: Mapping[str, Mapping[str, int]] | None = None,
    resources: Resources | None = None,
    trigger: Trigger = Trigger.MANUAL,
) -> TrainingRun:
    """A new run; its job starts at once, or as soon as the release is written.

    release None: freeze the accepted faces now. start: "auto" goes on from the champion if it has this preset and
    the release's classes, and starts the preset's new network otherwise; "champion", "model:NUMBER" or one of
    NEW_STARTS say which. stages "auto": what the release's new labels need. steps: per stage, "steps" and
    "batch" instead of the preset's; for a new network also "short_side" of S1.

    Locks the dataset's row. Raises Conflict ``run_live`` while the dataset has a live run; Invalid for stages,
    a start or steps that make no run, ``nothing_new`` if the parent has learnt from every label already,
    ``nothing_accepted`` from freezing.
    """
    locked = (
        Dataset.objects.select_for_update(no_key=True, of=("self",))
        .select_related("policy")
        .get(pk=dataset.pk)
    )
    live = live_run(dataset=locked)
    if live is not None or live_train_job(dataset=locked) is not None:
        raise Conflict(
            "run_live",
            "A training run of this dataset is waiting or running; wait for it, or cancel it.",
            run=None if live is None else live.pk,
        )
    _check_release(locked, release)
    changes = checked_steps(steps or {})
    if preset not in Preset.values:
        raise Invalid("preset", f"There is no preset '{preset}': choose {', '.join(Preset.values)}.")
    frozen = release if release is not None else release_create(dataset=locked, actor=actor)
    plan = _plan(locked, frozen, stages, preset, start)
    if plan.parent is not None and SHORT_SIDE in changes.get("S1", {}):
        raise Invalid(
            "short_side",
            "short_side is for a new network: one that is gone on from keeps its own. Leave it out.",
        )
    newest = TrainingRun.objects.filter(dataset=locked).aggregate(number=Max("number"))["number"]
    run = TrainingRun.objects.create(
        dataset=locked,
        number=(newest or 0) + 1,
        release=frozen,
        stages=list(plan.stages),
        preset=preset,
        start=plan.start,
        seed=seed,
        steps={stage: changes[stage] for stage in plan.stages if stage in changes},
        new_labels=plan.new_labels,
        parent=plan.parent,
        trigger=trigger,
        created_by=actor,
        **(resources or Resources()).columns(),
    )
    audit(
        actor=actor,
        verb="training.created",
        target=run,
        dataset_id=locked.pk,
        number=run.number,
        release=frozen.number,
        stages=list(plan.stages),
        trigger=str(trigger),
    )
    if frozen.state == ReleaseState.READY:
        _send(run)
    return run


def runs_advance() -> int:
    """Start the job of every waiting run whose release is written; fail those whose release failed.

    The number of runs that moved. Safe to run twice at once.
    """
    return sum(_advance(run.pk) for run in runs_waiting())


@transaction.atomic
def run_cancel(*, run: TrainingRun, actor: User | None) -> TrainingRun:
    """Stop a run: at once while it waits, within seconds while it trains. The release goes on being written.

    Locks the run's row, then its job's. Raises Conflict ``run_ended``.
    """
    locked = TrainingRun.objects.select_for_update(of=("self",)).select_related("job").get(pk=run.pk)
    if locked.phase == RunPhase.WAITING_RELEASE:
        locked.phase = RunPhase.CANCELLED
        locked.save(update_fields=["phase"])
        audit(actor=actor, verb="training.cancelled", target=locked, dataset_id=locked.dataset_id)
    elif locked.job is not None and locked.job.state in LIVE:
        locked.job = job_cancel(job=locked.job, actor=actor)
    else:
        raise Conflict(
            "run_ended", f"This run has already ended ({locked.state}); there is nothing to cancel."
        )
    return locked


def _advance(run_id: int) -> bool:
    try:
        with transaction.atomic():
            run = (
                TrainingRun.objects.select_for_update(of=("self",), skip_locked=True)
                .select_related("release__job", "dataset")
                .filter(pk=run_id, phase=RunPhase.WAITING_RELEASE)
                .first()
            )
            if run is None or run.release.shown_state == ReleaseState.BUILDING:
                return False
            if run.release.state == ReleaseState.READY:
                _send(run)
            else:
                _fail(run)
            return True
    except IntegrityError:
        logger.info("Training run %s waits: another run of its dataset was started again meanwhile.", run_id)
        return False


def _send(run: TrainingRun) -> None:
    run.job = job_create(
        dataset=run.dataset,
        kind=JobKind.TRAIN,
        task=TASK,
        params={"run": run.pk},
        created_by=run.created_by,
        queue=QUEUE,
    )
    run.phase = RunPhase.SENT
    run.save(update_fields=["job", "phase"])


def _fail(run: TrainingRun) -> None:
    job = run.release.job
    reason = job.error if job is not None and job.error else "its job was stopped or removed"
    run.phase = RunPhase.FAILED
    run.error = (
        f"Release {run.release.number} was not written: {reason} Press Retry at the release's job, then start a "
        "new training run on this release."
    )
    run.save(update_fields=["phase", "error"])
    audit(actor=None, verb="training.failed", target=run, dataset_id=run.dataset_id, reason=run.error)


def _check_release(dataset: Dataset, release: Release | None) -> None:
    if release is None:
        return
    if release.dataset_id != dataset.pk:
        raise Invalid("other_dataset", "This release belongs to another dataset.")
    if release.shown_state == ReleaseState.FAILED:
        raise Invalid(
            "release_failed", f"Writing release {release.number} failed: press Retry at its job first."
        )


def checked_steps(steps: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Changes to the preset's schedules, stages without any left out. Raises Invalid ``steps``."""
    for stage, changes in steps.items():
        names = (*OVERRIDES, SHORT_SIDE) if stage == "S1" else OVERRIDES
        known = stage in STAGES and set(changes) <= set(names)
        whole = all(isinstance(value, int) and not isinstance(value, bool) for value in changes.values())
        if not known or not whole or not all(value > 0 for value in changes.values()):
            raise Invalid(
                "steps",
                'steps holds whole numbers above 0 per stage, such as {"S1": {"steps": 200, "batch": 8}}.',
            )
        if changes.get(SHORT_SIDE, SHORTEST_SIDE) < SHORTEST_SIDE:
            raise Invalid("short_side", f"short_side is at least {SHORTEST_SIDE} pixels.")
    return {stage: dict(changes) for stage, changes in steps.items() if changes}


def _plan(
    dataset: Dataset, release: Release, stages: Sequence[str] | Literal["auto"], preset: str, start: str
) -> _Plan:
    parent, chosen_start = _parent(dataset, release, preset, start)
    every, new = release_labels(release=release, parent=parent)
    if stages == AUTO:
        chosen = stages_for(new, every=every, has_parent=parent is not None)
        if not chosen:
            raise Invalid(
                "nothing_new",
                f"Model m{parent.number if parent else 0} has already learnt from every label of this release. "
                "Label more faces first, or name the stages to run again.",
            )
    else:
        chosen = tuple(stages)
    try:
        check_stages(chosen, before=() if parent is None else parent.stages)
    except StagesRefused as error:
        raise Invalid(error.code, str(error)) from error
    for stage in chosen:
        kind, words = LABELS_OF_STAGE.get(stage, ("boxes", "box"))
        if not every[kind]:
            raise Invalid(
                f"no_{kind}",
                f"Release {release.number} has no {words} label, so {stage} has nothing to learn.",
            )
    return _Plan(parent, chosen_start, chosen, new)


def _parent(dataset: Dataset, release: Release, preset: str, start: str) -> tuple[ModelVersion | None, str]:
    """(the model to go on from or None, how the run says so)."""
    if start == AUTO:
        champion = champion_of(dataset)
        if champion is not None and _misfit(champion, release, preset) is None:
            return champion, CHAMPION
        return None, START_OF_PRESET[Preset(preset)]
    if start in NEW_STARTS:
        return None, start
    if start == CHAMPION:
        parent = champion_of(dataset)
        if parent is None:
            raise Invalid(
                "no_champion",
                "No trained model is the champion of this dataset yet, so there is none to go on from.",
            )
    elif start.startswith(MODEL) and start.removeprefix(MODEL).isdecimal():
        number = int(start.removeprefix(MODEL))
        parent = ModelVersion.objects.filter(dataset=dataset, number=number).first()
        if parent is None:
            raise Invalid("no_model", f"This dataset has no model m{number}.")
    else:
        words = ", ".join((AUTO, CHAMPION, f"{MODEL}NUMBER", *NEW_STARTS))
        raise Invalid("start", f"'{start}' is no start: give one of {words}.")
    misfit = _misfit(parent, release, preset)
    if misfit is not None:
        raise Invalid(
            "misfit", f"Model m{parent.number} cannot be gone on from: {misfit} Start a new network."
        )
    return parent, start


def _misfit(parent: ModelVersion, release: Release, preset: str) -> str | None:
    """Why a network cannot learn on from this release; None if it can."""
    if parent.preset != preset:
        return f"it was made with the preset {parent.preset}, not {preset}."
    policy = release.policy.policy
    for name in ("genders", "ethnicities"):
        own, theirs = list(parent.config.get(name, ())), list(getattr(policy, name))
        if own != theirs:
            return f"it knows the {name} {', '.join(own)}; the policy has {', '.join(theirs)}."
    return None
