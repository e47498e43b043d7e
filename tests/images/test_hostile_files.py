"""The import's report about 250 files equals the generator's list, also after a kill."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from annotator.datasets.models import Dataset
from annotator.images.models import Image, Import, ImportEntry
from annotator.images.services.importing import import_create, import_run
from annotator.jobs.models import Job, JobState
from annotator.jobs.running import run_job
from annotator.jobs.services import jobs_reap
from tests.fixtures.hostile_files import FILES, Expected, make


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Expected]]:
    folder = tmp_path_factory.mktemp("hostile") / "files"
    return folder, make(folder)


def run(batch: Import) -> None:
    assert batch.job is not None
    run_job(batch.job.pk, "test", lambda attempt: import_run(run=attempt))
    batch.job.refresh_from_db()
    assert batch.job.state == JobState.DONE, batch.job.error


def report(batch: Import) -> list[Expected]:
    rows = ImportEntry.objects.filter(batch=batch).values_list("name", "outcome", "code")
    return sorted(Expected(*row) for row in rows)


def test_it_reports_each_of_250_files_as_the_generator_says(
    dataset: Dataset, hostile: tuple[Path, list[Expected]]
) -> None:
    folder, expected = hostile
    batch = import_create(dataset=dataset, source=folder)
    run(batch)
    assert len(expected) == FILES
    assert report(batch) == expected
    stored = [line for line in expected if line.outcome in ("imported", "converted")]
    assert Image.objects.filter(dataset=dataset).count() == len(stored)
    assert batch.job is not None
    counts = Counter(line.outcome for line in expected)
    assert batch.job.result == {**counts, "unchanged": 0}
    for entry in ImportEntry.objects.filter(batch=batch, outcome="refused"):
        assert entry.message.endswith("."), entry

    again = import_create(dataset=dataset, source=folder)
    run(again)
    assert report(again) == sorted(
        line if line.outcome == "refused" else Expected(line.name, "unchanged", "") for line in expected
    )
    assert Image.objects.filter(dataset=dataset).count() == len(stored)


@pytest.mark.django_db(transaction=True)
def test_it_continues_where_a_killed_import_stopped(
    dataset: Dataset, hostile: tuple[Path, list[Expected]], tmp_path: Path, settings: Any
) -> None:
    folder, expected = hostile
    batch = import_create(dataset=dataset, source=folder)
    assert batch.job is not None
    script = (
        "import django, sys; django.setup()\n"
        "from annotator.images.tasks import run_import\n"
        "run_import.apply(args=[int(sys.argv[1])])\n"
    )
    database = connection.settings_dict
    url = (
        f"postgresql://{database['USER']}:{database['PASSWORD']}@/{database['NAME']}?host={database['HOST']}"
    )
    environment = {
        **os.environ,
        "DATABASE_URL": url if not database["PORT"] else f"{url}&port={database['PORT']}",
        "JFA_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "annotator.config.settings",
    }
    worker = subprocess.Popen(
        [sys.executable, "-c", script, str(batch.job.pk)],
        env=environment,
        cwd=Path(__file__).resolve().parents[2],
    )
    deadline = time.monotonic() + 60
    while batch.entries.count() < 60:
        assert worker.poll() is None, "the worker ended by itself"
        assert time.monotonic() < deadline, "the worker imports nothing"
    worker.kill()
    worker.wait()
    before = set(batch.entries.values_list("pk", flat=True))
    assert 60 <= len(before) < FILES

    settings.JFA_JOB_LOST_AFTER_SECONDS = 1
    while not jobs_reap().returned:
        assert time.monotonic() < deadline, "the reaper does not find the job"
    run(batch)
    job = Job.objects.get(pk=batch.job.pk)
    assert job.attempt == 2
    assert report(batch) == expected
    assert before <= set(batch.entries.values_list("pk", flat=True))
