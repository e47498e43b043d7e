"""Runs that a dataset starts by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import AuditEntry, User
from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset
from annotator.jobs.models import Job, JobState
from annotator.releases.models import Release
from annotator.training.models import RunState, TrainingRun, TrainingSettings, Trigger
from annotator.training.services.triggering import pause_after, runs_trigger, settings_change
from tests.training.conftest import Labelled, start_run

FAILED, DONE = RunState.FAILED, RunState.DONE
TINY = {"preset": "tiny", "steps": {"S1": {"steps": 3}}}


def automatic(dataset: Dataset, **changes: Any) -> TrainingSettings:
    return settings_change(
        dataset=dataset, actor=None, changes={"is_automatic": True, "after_faces": None, **TINY, **changes}
    )


def ended(run: TrainingRun, state: JobState, *, ago: timedelta = timedelta()) -> None:
    Job.objects.filter(training_run=run).update(
        state=state, finished_at=timezone.now() - ago, error="It broke."
    )


def frozen_ago(release: Release, ago: timedelta) -> None:
    Release.objects.filter(pk=release.pk).update(created_at=timezone.now() - ago)


def test_it_starts_nothing_by_default(label: Labelled) -> None:
    label()
    assert runs_trigger() == []


def test_it_starts_after_enough_newly_accepted_faces(label: Labelled) -> None:
    dataset = label()
    automatic(dataset, after_faces=9)
    assert runs_trigger() == []
    label(seed=2, splits=("train",))
    (run,) = runs_trigger()
    assert (run.trigger, run.preset, run.steps) == (Trigger.FACES, "tiny", {"S1": {"steps": 3}})
    assert run.created_by is None
    assert AuditEntry.objects.get(verb="training.created").details["trigger"] == "faces"


def test_it_starts_one_run_at_a_time(label: Labelled) -> None:
    automatic(label(), after_faces=1)
    assert len(runs_trigger()) == 1
    assert runs_trigger() == []


def test_it_counts_from_the_release_of_the_last_run(release: Release, label: Labelled) -> None:
    run = start_run(release)
    ended(run, JobState.DONE)
    automatic(release.dataset, after_faces=2)
    assert runs_trigger() == []
    label(seed=2, splits=("train",) * 2)
    assert [run.number for run in runs_trigger()] == [2]


def test_it_starts_on_a_schedule_when_there_is_anything_new(release: Release, label: Labelled) -> None:
    run = start_run(release)
    ended(run, JobState.DONE)
    TrainingRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(hours=25))
    automatic(release.dataset, every_hours=24)
    assert runs_trigger() == []
    label(seed=2, splits=("train",))
    (made,) = runs_trigger()
    assert made.trigger == Trigger.SCHEDULE


def test_it_waits_after_a_failure_and_tries_again_later(release: Release, label: Labelled) -> None:
    frozen_ago(release, timedelta(hours=2))
    label(seed=2, splits=("train",))
    automatic(release.dataset, after_faces=1)
    run = start_run(release)
    ended(run, JobState.FAILED, ago=timedelta(minutes=10))
    assert runs_trigger() == []
    ended(run, JobState.FAILED, ago=timedelta(minutes=20))
    assert len(runs_trigger()) == 1


def test_it_doubles_the_pause_with_each_failure_in_a_row() -> None:
    minutes = [pause_after([FAILED] * n + [DONE, FAILED]).total_seconds() / 60 for n in range(10)]
    assert minutes == [0, 15, 30, 60, 120, 240, 480, 960, 1440, 1440]


def test_it_refuses_automatic_training_that_nothing_starts(dataset: Dataset, admin: User) -> None:
    with pytest.raises(Invalid) as refused:
        settings_change(dataset=dataset, actor=admin, changes={"is_automatic": True, "after_faces": None})
    assert refused.value.code == "no_trigger"
    assert not TrainingSettings.objects.exists()


@pytest.mark.parametrize(("stages", "code"), [(["S2"], "stale_nets"), (["S4", "S3"], "stage_order")])
def test_it_refuses_stages_that_make_no_run(dataset: Dataset, stages: list[str], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        automatic(dataset, stages=stages, after_faces=1)
    assert refused.value.code == code
