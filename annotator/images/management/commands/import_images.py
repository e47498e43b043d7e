"""Import photographs from this computer's disk: a folder, one file, a zip, or a manifest."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connection

from annotator.common.errors import Problem
from annotator.datasets.models import Dataset
from annotator.images.models import Import, Outcome
from annotator.images.services.candidates import PROVENANCE
from annotator.images.services.importing import import_counts, import_create, import_run
from annotator.jobs.models import LIVE, Job, JobState
from annotator.jobs.running import run_job

FOLLOW_SECONDS = 0.5


class Command(BaseCommand):
    help = (
        "Import photographs: a folder, a single file, a zip, or a CSV/JSONL/Parquet manifest with the columns "
        f"file, {', '.join(PROVENANCE)}. Running it again imports only what is new."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", help="a path that this computer and the workers see")
        parser.add_argument("--dataset", required=True, help="slug of the dataset")
        for field in PROVENANCE:
            parser.add_argument(
                f"--{field.replace('_', '-')}", default="", help="for files that do not say it"
            )
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--here", action="store_true", help="import in this process; no worker is needed")
        how.add_argument("--no-wait", action="store_true", help="queue the import for a worker and return")
        parser.add_argument("--json", action="store_true", help="print one JSON line at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = Dataset.objects.select_related("policy").filter(slug=options["dataset"]).first()
        if dataset is None:
            known = ", ".join(Dataset.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(
                f"There is no dataset {options['dataset']!r}. There are: {known or 'none yet'}."
            )
        defaults = {field: options[field] for field in PROVENANCE}
        try:
            batch = import_create(dataset=dataset, source=options["path"], defaults=defaults)
        except Problem as error:
            raise CommandError(error.message) from error
        if batch.job is None:
            raise CommandError("The import has no job; this should not happen.")
        if options["here"]:
            run_job(batch.job.pk, "import_images --here", lambda run: import_run(run=run))
        if options["no_wait"]:
            self._answer(batch, batch.job, options["json"])
            return
        job = self._follow(batch.job)
        self._report(batch)
        self._answer(batch, job, options["json"])
        if job.state != JobState.DONE:
            raise CommandError(job.error or f"The import was {job.state}.")
        counts = import_counts(batch)
        if not any(counts[outcome] for outcome in Outcome.values if outcome != Outcome.REFUSED):
            raise CommandError("Nothing was imported: the source holds no picture that can come in.")

    def _follow(self, job: Job) -> Job:
        """Wait for the job's end, showing how far it is."""
        last = ""
        while True:
            try:
                job.refresh_from_db()
            except (OperationalError, InterfaceError):  # the server restarts; the import goes on with it
                connection.close()
                time.sleep(FOLLOW_SECONDS)
                continue
            total = "" if job.total is None else f" of {job.total}"
            line = f"import {job.state}: {job.done}{total} files"
            if line != last:
                self.stderr.write(line)
                last = line
            if job.state not in LIVE:
                return job
            time.sleep(FOLLOW_SECONDS)

    def _report(self, batch: Import) -> None:
        """One line a refused file, read in keyset chunks."""
        after = 0
        while True:
            rows = list(
                batch.entries.filter(outcome=Outcome.REFUSED, pk__gt=after)
                .order_by("pk")
                .values_list("pk", "name", "code", "message")[:500]
            )
            for _, name, code, message in rows:
                self.stderr.write(f"refused {name}: {code}. {message}")
            if not rows:
                return
            after = rows[-1][0]

    def _answer(self, batch: Import, job: Job, as_json: bool) -> None:
        counts = import_counts(batch)
        if as_json:
            answer = {"import": batch.pk, "job": job.pk, "state": str(job.state), "counts": counts}
            self.stdout.write(json.dumps(answer))
        else:
            parts = [f"{number} {outcome}" for outcome, number in counts.items()]
            self.stdout.write(f"import {batch.pk} {job.state}: {', '.join(parts)}")
