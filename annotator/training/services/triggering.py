"""Runs that a dataset starts by itself: enough newly accepted faces, or a schedule; and the settings of that."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset
from annotator.training.models import RunState, TrainingRun, TrainingSettings, Trigger
from annotator.training.selectors import (
    faces_accepted_since,
    live_run,
    live_train_job,
    runs_latest,
    settings_automatic,
)
from annotator.training.services.runs import AUTO, Resources, checked_steps, run_create
from annotator.training.stage_rules import StagesRefused, check_stages

logger = logging.getLogger(__name__)

FIRST_PAUSE: Final = timedelta(minutes=15)
LONGEST_PAUSE: Final = timedelta(days=1)
FAILURES_LOOKED_AT: Final = 10


@transaction.atomic
def settings_change(*, dataset: Dataset, actor: User | None, changes: Mapping[str, Any]) -> TrainingSettings:
    """Store a dataset's settings; ``changes`` are columns of TrainingSettings.

    Raises Invalid ``no_trigger`` for automatic training that nothing would start, for ``steps`` and for stages
    that make no run.
    """
    found, _ = TrainingSettings.objects.select_for_update().get_or_create(dataset=dataset)
    for name, value in changes.items():
        setattr(found, name, checked_steps(value) if name == "steps" else value)
    if found.stages != AUTO:
        try:
            check_stages(found.stages, before=("S1",))
        except StagesRefused as error:
            raise Invalid(error.code, str(error)) from error
    if found.is_automatic and found.after_faces is None and found.every_hours is None:
        raise Invalid(
            "no_trigger", "Say after how many newly accepted faces, or every how many hours, a run starts."
        )
    found.save()
    audit(actor=actor, verb="training.settings", target=found, dataset_id=dataset.pk, **changes)
    return found


def runs_trigger() -> list[TrainingRun]:
    """Start a run for each dataset whose time has come. Safe to call twice at once."""
    now = timezone.now()
    started = []
    for settings in settings_automatic():
        trigger = _due(settings, now)
        if trigger is None:
            continue
        try:
            started.append(_start(settings, trigger))
        except Conflict as error:  # somebody started one this moment
            logger.info("No automatic run of dataset %s: %s", settings.dataset_id, error.message)
        except Invalid as error:  # nothing accepted, or nothing new: asked again when there is
            logger.info("No automatic run of dataset %s yet: %s", settings.dataset_id, error.message)
    return started


def pause_after(states: Sequence[RunState]) -> timedelta:
    """How long to wait after these ended runs (newest first) before another starts by itself.

    Nothing after a run that ended well; after failures a pause that doubles from a quarter of an hour to a day.
    """
    failures = 0
    for state in states:
        if state != RunState.FAILED:
            break
        failures += 1
    return min(FIRST_PAUSE * (1 << (failures - 1)), LONGEST_PAUSE) if failures else timedelta()


def _due(settings: TrainingSettings, now: datetime) -> Trigger | None:
    dataset = settings.dataset
    if live_run(dataset=dataset) is not None or live_train_job(dataset=dataset) is not None:
        return None
    latest = runs_latest(dataset=dataset, limit=FAILURES_LOOKED_AT)
    newest = latest[0] if latest else None
    if newest is not None:
        ended_at = (newest.job.finished_at if newest.job else None) or newest.created_at
        if now < ended_at + pause_after([run.state for run in latest]):
            return None
    learnt = next((run.release for run in latest if run.state != RunState.FAILED), None)
    if settings.after_faces is not None:
        most = settings.after_faces
        if faces_accepted_since(dataset=dataset, release=learnt, most=most) >= most:
            return Trigger.FACES
    if settings.every_hours is not None:
        since = dataset.created_at if newest is None else newest.created_at
        is_time = now >= since + timedelta(hours=settings.every_hours)
        if is_time and faces_accepted_since(dataset=dataset, release=learnt, most=1):
            return Trigger.SCHEDULE
    return None


def _start(settings: TrainingSettings, trigger: Trigger) -> TrainingRun:
    return run_create(
        dataset=settings.dataset,
        actor=None,
        preset=settings.preset,
        stages=settings.stages,
        steps=settings.steps,
        resources=Resources(threads=settings.threads, gpus=settings.gpus),
        trigger=trigger,
    )
