"""Everything the overview page shows, from tallies: neither queries nor rows read grow with the dataset."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any, Final

from django.db.models import Q

from annotator.datasets.models import Dataset
from annotator.faces.models import FaceState
from annotator.images.models import Import
from annotator.images.selectors import near_duplicate_list
from annotator.jobs.models import LIVE, Job
from annotator.quality.selectors.progress import lease_counts
from annotator.quality.selectors.tallies import Tallies

AGE_STEP: Final = 5
SIZE_EDGES: Final = (0, 30, 50, 75, 100, 150, 200, 300, 500, 100_000)
"""Pixels of the shorter box side; 30 is the paper's size rule, the last edge only closes the last bin.

The database sorts into these bins and those of AGE_STEP (quality_label_keys, quality_face_keys): change both.
"""

JOBS_SHOWN: Final = 6


def image_counts(*, counted: Tallies) -> dict[str, int]:
    """Images by how far they are; complete: swept, without a verdict, and no face of it is unfinished."""
    names = ("total", "prelabelled", "prelabel_failed", "swept", "rejected", "complete")
    return {name: counted.of("image", name) for name in names}


def face_counts(*, counted: Tallies) -> dict[str, int]:
    """Faces by state, every state named."""
    return {state: counted.of("face", state) for state in FaceState.values}


def pass_counts(*, dataset: Dataset, counted: Tallies) -> list[dict[str, Any]]:
    """Work items by kind and pass: open (nobody holds it), leased, done. One query, for the leases."""
    held: Counter[tuple[str, int]] = Counter()
    for (_, kind, number), n in lease_counts(dataset=dataset).items():
        held[kind, number] += n
    rows = []
    items = ("item_open", "item_done", "item_cancelled")
    for kind, number in sorted({(kind, number) for _, kind, number, _ in counted.keys(*items)}):
        total = counted.of("item_open", kind, number)
        # A lease that was taken between the two reads must not make a number negative.
        leased = min(held[kind, number], total)
        done = counted.of("item_done", kind, number)
        rows.append(
            {"kind": kind, "pass_number": number, "open": total - leased, "leased": leased, "done": done}
        )
    return rows


def distributions(*, counted: Tallies) -> dict[str, list[dict[str, Any]]]:
    """Ages, gender, ethnicity and flags of accepted faces; sizes of all but rejected ones.

    Ages are means over people, in bins of AGE_STEP years (100 is in the last). Sizes: shorter box side, pixels.
    """
    ages, sizes = counted.by_number("age"), counted.by_number("size")
    words = {"gender": "gender", "ethnicity": "ethnicity", "flags": "flag"}
    return {
        "age": [
            {"from": start, "to": start + AGE_STEP, "count": ages[start // AGE_STEP]}
            for start in range(0, 100, AGE_STEP)
        ],
        "face_size": [
            {"from": low, "to": high, "count": sizes[place]}
            for place, (low, high) in enumerate(itertools.pairwise(SIZE_EDGES), start=1)
        ],
        **{
            name: [{"value": value, "count": count} for value, count in counted.by_value(what).most_common()]
            for name, what in words.items()
        },
    }


def jobs_shown(*, dataset: Dataset) -> list[Job]:
    """Live jobs first, then the newest finished ones, JOBS_SHOWN together. One query."""
    jobs = Job.objects.filter(dataset=dataset).annotate(live=Q(state__in=LIVE))
    return list(jobs.order_by("-live", "-id")[:JOBS_SHOWN])


def near_duplicates_open(*, dataset: Dataset) -> int:
    return near_duplicate_list(dataset=dataset, decision="open").count()


def imports_count(*, dataset: Dataset) -> int:
    return Import.objects.filter(dataset=dataset).count()
