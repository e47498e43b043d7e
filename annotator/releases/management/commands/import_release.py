"""`manage.py import_release`: bring a release folder, or a COCO file with its pictures, into a dataset."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotator.common.errors import Problem
from annotator.datasets.models import Dataset
from annotator.datasets.services import dataset_create
from annotator.images.models import Outcome
from annotator.images.services.importing import import_counts
from annotator.releases.services.importing import release_import, source_open

REFUSALS_SHOWN = 200


class Command(BaseCommand):
    help = (
        "Bring a release folder (native format), or a COCO keypoints file with its pictures, into a dataset."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="a release folder, or a COCO .json file")
        parser.add_argument(
            "--dataset",
            required=True,
            help="slug; a dataset that lacks is made, with the release's own policy",
        )
        parser.add_argument(
            "--as",
            dest="treatment",
            choices=("prelabel", "accepted"),
            default="prelabel",
            help="prelabel (default): people check every face; accepted: accepted faces stay accepted",
        )
        parser.add_argument("--pictures", type=Path, help="folder that the names in a COCO file start from")
        parser.add_argument("--json", action="store_true", help="print one JSON line at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        slug: str = options["dataset"]
        try:
            source = source_open(path=options["path"], pictures=options["pictures"])
            dataset = Dataset.objects.select_related("policy").filter(slug=slug).first()
            if dataset is None:
                dataset = dataset_create(name=slug, slug=slug, actor=None, policy=source.policy)
                self.stderr.write(f"Made the dataset {slug}.")
            imported = release_import(dataset=dataset, source=source, treatment=options["treatment"])
        except Problem as error:
            raise CommandError(error.message) from error
        counts = import_counts(imported.batch)
        for entry in imported.batch.entries.filter(outcome=Outcome.REFUSED).order_by("pk")[:REFUSALS_SHOWN]:
            self.stderr.write(f"{entry.name}: {entry.message} [{entry.code}]")
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {"dataset": slug, "import": imported.batch.pk, "images": counts, "faces": imported.faces}
                )
            )
        else:
            self.stdout.write(
                f"{slug}: {counts['imported']} images came in, {counts['unchanged']} were there, "
                f"{counts['refused']} were refused; faces by state: {imported.faces or 'none'}"
            )
        if counts["refused"] and not counts["imported"] and not counts["unchanged"]:
            raise CommandError("Nothing was imported.")
