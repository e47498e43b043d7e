"""How fast the progress page and the overview answer over HTTP, and whether the size of the dataset matters.

    python -m benchmarks.progress [--faces 1000000] [--people 64] [--requests 200]

Starts the platform as `make up` does, on a data folder of its own, and fills a half-finished dataset of 10 thousand
faces and one of ``--faces`` (``queue_filling``), with the passes of ``--people`` annotators over the last 120 days. On
each, two hundred faces are then claimed and labelled, so that there are leases and changes that no fold has seen, and
an admin asks for the progress page and the overview in turn.

The last line is one JSON object: ``p95_ms_1m`` and ``p95_ms_10k`` of the progress endpoint, ``overview_p95_ms_1m``,
``equal_to_truth``: both pages say what counting the rows says, and the counters' own comparison finds nothing off.
``by_faces`` has the medians, and the same of the list of blocked items and of the people.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.http_person import HttpPerson
from benchmarks.platform_under_test import Platform
from benchmarks.queue import connect_django
from benchmarks.queue_checks import percentile

if TYPE_CHECKING:
    from annotator.accounts.models import User
    from annotator.datasets.models import Dataset

SMALL: Final = 10_000
LABELLED: Final = 200
HELD: Final = 20
PAGES: Final = ("progress", "overview", "blocked", "people")

FACES: Final = "SELECT state, count(*) FROM faces_face WHERE dataset_id = %s GROUP BY 1"
ITEMS: Final = """
SELECT kind, pass_number, count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE state = 'done'),
       count(*) FILTER (WHERE state = 'open' AND leased_until > now())
FROM work_workitem WHERE dataset_id = %s AND gold_id IS NULL GROUP BY 1, 2
"""
IMAGES: Final = """
SELECT count(*), count(prelabelled_at), count(swept_at), count(*) FILTER (
    WHERE swept_at IS NOT NULL AND verdict = '' AND NOT EXISTS (
        SELECT 1 FROM faces_face f WHERE f.image_id = i.id AND f.state IN ('waiting', 'checking', 'disputed')))
FROM images_image i WHERE dataset_id = %s
"""
PASSES: Final = """
SELECT user_id, kind, count(*), sum(active_ms) FROM work_pass
WHERE dataset_id = %s AND counted AND NOT is_gold GROUP BY 1, 2
"""
GENDERS: Final = """
SELECT r.gender, count(*) FROM faces_face f JOIN faces_revision r ON r.id = f.current_id
WHERE f.dataset_id = %s AND f.state = 'accepted' GROUP BY 1
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.progress", description=__doc__.split("\n")[0])
    parser.add_argument("--faces", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=64)
    parser.add_argument("--requests", type=int, default=200)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="jfa-progress-", dir="/tmp") as folder,
        Platform(Path(folder), command="run") as platform,
    ):
        platform.wait_until_up()
        platform.wait_until_idle()
        connect_django(platform)
        found = measured(platform.admin(), arguments)
    print(json.dumps(found))
    return 0 if found["equal_to_truth"] else 1


def measured(admin: HttpPerson, arguments: argparse.Namespace) -> dict[str, Any]:
    """Fill and measure each size, smallest first, each dataset beside those before it."""
    from annotator.accounts.models import User
    from annotator.quality.services.tallying import tallies_repair
    from benchmarks import queue_filling

    actor = User.objects.get(username=admin.username)
    people = queue_filling.people_made(arguments.people)
    by_faces = {}
    for faces in sorted({SMALL, arguments.faces}):
        started = time.monotonic()
        dataset = queue_filling.half_finished(faces=faces, people=people, admin=actor)
        print(f"{faces:,} faces: filled in {time.monotonic() - started:.0f} s", flush=True)
        work(dataset, people)
        by_faces[faces] = timed(admin, dataset, arguments.requests) | {
            "differences": differences(admin, dataset)
        }
        print(json.dumps({"faces": faces, **by_faces[faces]}, indent=1), flush=True)
    off = tallies_repair()
    largest, smallest = by_faces[max(by_faces)], by_faces[min(by_faces)]
    return {
        "faces": max(by_faces),
        "people": arguments.people,
        "p95_ms_1m": largest["progress"]["p95_ms"],
        "p95_ms_10k": smallest["progress"]["p95_ms"],
        "overview_p95_ms_1m": largest["overview"]["p95_ms"],
        "equal_to_truth": off == 0 and not any(one["differences"] for one in by_faces.values()),
        "counters_off": off,
        "by_faces": by_faces,
    }


def work(dataset: Dataset, people: list[User]) -> None:
    """LABELLED faces get their first labels from everybody in turn, and HELD more are only claimed."""
    from annotator.datasets.models import Role
    from annotator.work.models import PassKind, WorkItem
    from annotator.work.services.claiming import items_claim
    from annotator.work.services.submitting import FaceSubmission, face_submit

    for number in range(LABELLED + HELD):
        user = people[number % len(people)]
        claimed = items_claim(
            dataset=dataset, user=user, role=Role.ANNOTATOR, count=1, kinds=[PassKind.ANNOTATE]
        )
        item = WorkItem.objects.select_related("face__current").get(pk=claimed[0])
        if number >= LABELLED:
            continue
        assert item.face is not None  # it is no sweep
        assert item.face.current is not None  # every face has labels
        assert item.lease_token is not None  # claimed a moment ago
        sent = FaceSubmission(
            submission_id=uuid.uuid4(),
            token=item.lease_token,
            base_revision=item.face.current.pk,
            verdict="save",
            labels=item.face.current.labels,
            active_ms=20_000,
        )
        face_submit(item=item, user=user, role=Role.ANNOTATOR, submission=sent)


def timed(admin: HttpPerson, dataset: Dataset, requests: int) -> dict[str, Any]:
    """Milliseconds of each page, asked for in turn; the first round only warms up."""
    spent: dict[str, list[float]] = {page: [] for page in PAGES}
    for number in range(requests + 1):
        for page in PAGES:
            started = time.monotonic()
            admin.call("GET", f"/datasets/{dataset.pk}/{page}")
            if number:
                spent[page].append(1000 * (time.monotonic() - started))
    return {
        page: {
            "p50_ms": round(percentile(values, 0.5), 1),
            "p95_ms": round(percentile(values, 0.95), 1),
        }
        for page, values in spent.items()
    }


def differences(admin: HttpPerson, dataset: Dataset) -> list[str]:
    """What the two pages say otherwise than the rows do."""
    progress = admin.call("GET", f"/datasets/{dataset.pk}/progress")
    overview = admin.call("GET", f"/datasets/{dataset.pk}/overview")
    items = {(kind, number): rest for kind, number, *rest in rows(ITEMS, dataset)}
    total, prelabelled, swept, complete = rows(IMAGES, dataset)[0]
    by_kind: dict[int, Counter[str]] = {}
    milliseconds: Counter[int] = Counter()
    for user, kind, passes, spent in rows(PASSES, dataset):
        by_kind.setdefault(user, Counter())[kind] = passes
        milliseconds[user] += spent or 0
    people = {one["user_id"]: one for one in progress["people"]}
    genders = {one["value"]: one["count"] for one in overview["distributions"]["gender"]}
    images = {name: progress["images"][name] for name in ("total", "prelabelled", "swept", "complete")}
    compared = {
        "faces": (nonzero(progress["faces"]), dict(rows(FACES, dataset))),
        "faces of the overview": (nonzero(overview["faces"]["by_state"]), dict(rows(FACES, dataset))),
        "images": (
            images,
            {"total": total, "prelabelled": prelabelled, "swept": swept, "complete": complete},
        ),
        "items": (
            {
                (one["kind"], one["pass_number"]): [one["open"] + one["leased"], one["done"], one["leased"]]
                for one in progress["passes"]
            },
            items,
        ),
        "passes": (
            {
                user: nonzero({kind: people[user][kind] for kind in counts})
                for user, counts in by_kind.items()
            },
            {user: dict(counts) for user, counts in by_kind.items()},
        ),
        "hours": (
            {user: round(people[user]["active_hours"], 6) for user in by_kind},
            {user: round(milliseconds[user] / 3_600_000, 6) for user in by_kind},
        ),
        "gender": (genders, dict(rows(GENDERS, dataset))),
    }
    return [
        f"{what}: shown {shown}, there are {there}"
        for what, (shown, there) in compared.items()
        if shown != there
    ]


def nonzero(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def rows(query: str, dataset: Dataset) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, [dataset.pk])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


if __name__ == "__main__":
    sys.exit(main())
