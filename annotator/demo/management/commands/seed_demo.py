"""`manage.py seed_demo`: demo people, and a demo dataset or one of the user's own photographs."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotator.common.errors import Problem
from annotator.demo.pictures import DemoPictureMissing
from annotator.demo.services import ShownLogin, demo_seed

UNKNOWN = "(changed by its owner)"


class Command(BaseCommand):
    help = (
        "Make the demo people and the demo dataset (or, with --images, one of your photographs); repeatable."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--images", type=Path, help="a folder, zip file or manifest of your own photographs"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON line instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        images: Path | None = options["images"]
        if images is not None and not images.exists():
            raise CommandError(f"{images} does not exist: name a folder, a zip file or a manifest.")
        try:
            seeded = demo_seed(images=images)
        except (Problem, DemoPictureMissing) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            logins = [_as_json(login) for login in seeded.logins]
            self.stdout.write(
                json.dumps({"dataset": seeded.dataset, "is_new": seeded.is_new, "logins": logins})
            )
            return
        self.stdout.write(f"Dataset: {seeded.dataset}")
        for login in seeded.logins:
            self.stdout.write(f"  {login.role:<12} {login.username:<12} {login.password or UNKNOWN}")


def _as_json(login: ShownLogin) -> dict[str, str]:
    return {"username": login.username, "role": login.role, "password": login.password or UNKNOWN}
