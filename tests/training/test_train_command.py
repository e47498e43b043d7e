"""`manage.py train`."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from annotator.jobs.models import Job, JobState
from annotator.releases.models import Release
from annotator.training.models import RunState, TrainingRun


def call(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("train", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_starts_a_run_on_a_release(release: Release) -> None:
    out, _ = call(
        *("--dataset", release.dataset.slug, "--release", "1", "--preset", "tiny", "--start", "random"),
        *("--stages", "S1,S2,S3,S4", "--steps-s1", "7", "--batch", "2", "--threads", "1"),
    )
    run = TrainingRun.objects.get()
    assert (run.state, run.stages, run.threads) == (RunState.QUEUED, ["S1", "S2", "S3", "S4"], 1)
    assert run.steps == {"S1": {"steps": 7, "batch": 2}, **{s: {"batch": 2} for s in ("S2", "S3", "S4")}}
    assert out == "Run 1: S1, S2, S3, S4 on release 1, preset tiny, start random\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--dataset", "nowhere"], "no dataset nowhere"),
        (["--dataset", "street-portraits", "--release", "7"], "no release 7"),
        (["--dataset", "street-portraits", "--release", "1", "--stages", "S3"], "starts with S1"),
    ],
)
def test_it_refuses_in_a_sentence(release: Release, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call(*arguments)


@pytest.mark.django_db(transaction=True)
def test_it_waits_and_says_why_a_run_failed(release: Release) -> None:
    def fail() -> None:
        try:
            while not Job.objects.filter(kind="train").update(state=JobState.FAILED, error="It broke."):
                pass
        finally:
            connection.close()

    worker = threading.Thread(target=fail)
    worker.start()
    arguments: Any = (
        "--dataset",
        release.dataset.slug,
        "--release",
        "1",
        "--start",
        "random",
        "--preset",
        "tiny",
    )
    with pytest.raises(CommandError, match=r"Run 1 failed: It broke\."):
        call(*arguments, "--wait")
    worker.join()
