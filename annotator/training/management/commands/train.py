"""`manage.py train`: start a training run, and if asked wait for it."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from annotator.common.errors import Problem
from annotator.datasets.models import Dataset
from annotator.releases.models import Release
from annotator.training.models import Preset, RunState, TrainingRun
from annotator.training.serializers import run_json
from annotator.training.services.runs import AUTO, Resources, run_create
from annotator.training.stage_rules import STAGES

LOOK_SECONDS: Final = 1.0
LIVE: Final = (RunState.WAITING_RELEASE, RunState.QUEUED, RunState.RUNNING)


class Command(BaseCommand):
    help = (
        "Start a training run on a release, or on the faces that are accepted now. A learning worker runs it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dataset", required=True, help="slug")
        parser.add_argument("--release", type=int, help="number; left out: freeze a new one now")
        parser.add_argument(
            "--stages", default=AUTO, help="such as S2,S3,S4; left out: what the new labels need"
        )
        parser.add_argument("--preset", choices=Preset.values, default=Preset.FAST)
        parser.add_argument(
            "--start", default=AUTO, help="auto, champion, model:NUMBER, random, centerface or imagenet"
        )
        for stage in STAGES:
            parser.add_argument(
                f"--steps-{stage.lower()}", type=int, help=f"iterations of {stage} instead of the preset's"
            )
        parser.add_argument(
            "--batch", type=int, help="pictures or faces per iteration instead of the preset's"
        )
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--threads", type=int, default=0, help="of each process; 0: all cores")
        parser.add_argument("--gpus", type=int, default=1, help="more than one: processes under torchrun")
        parser.add_argument("--max-seconds", type=int, help="an attempt that takes longer is stopped")
        parser.add_argument("--wait", action="store_true", help="return when the run has ended")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = Dataset.objects.select_related("policy").filter(slug=options["dataset"]).first()
        if dataset is None:
            raise CommandError(f"There is no dataset {options['dataset']}.")
        stages = options["stages"] if options["stages"] == AUTO else options["stages"].split(",")
        try:
            run = run_create(
                dataset=dataset,
                actor=None,
                release=_release(dataset, options["release"]),
                stages=stages,
                preset=options["preset"],
                start=options["start"],
                seed=options["seed"],
                steps=_steps(options),
                resources=Resources(
                    threads=options["threads"], gpus=options["gpus"], max_seconds=options["max_seconds"]
                ),
            )
        except Problem as error:
            raise CommandError(error.message) from error
        self.stdout.write(
            f"Run {run.number}: {', '.join(run.stages)} on release {run.release.number}, preset {run.preset}, "
            f"start {run.start}"
        )
        if options["wait"]:
            self._wait(run)

    def _wait(self, run: TrainingRun) -> None:
        told = ""
        while True:
            now = TrainingRun.objects.select_related(
                "job", "release__job", "parent", "model", "created_by"
            ).get(pk=run.pk)
            state = now.state
            line = f"{state}: {now.job.message}" if now.job is not None and now.job.message else str(state)
            if line != told:
                self.stderr.write(line)
                told = line
            if state not in LIVE:
                break
            time.sleep(LOOK_SECONDS)
        if state != RunState.DONE:
            raise CommandError(f"Run {now.number} {state}: {run_json(now)['error'] or 'it was cancelled'}")
        made = now.model.number if now.model is not None else None
        self.stdout.write(f"Run {now.number} made model m{made}: {now.decision or 'not judged'}")


def _release(dataset: Dataset, number: int | None) -> Release | None:
    if number is None:
        return None
    release = Release.objects.select_related("job", "policy").filter(dataset=dataset, number=number).first()
    if release is None:
        raise CommandError(f"The dataset {dataset.slug} has no release {number}.")
    return release


def _steps(options: dict[str, Any]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for stage in STAGES:
        changes = {"steps": options[f"steps_{stage.lower()}"], "batch": options["batch"]}
        found[stage] = {name: value for name, value in changes.items() if value is not None}
    return found
