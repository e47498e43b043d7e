"""Everything the overview page shows, as aggregates: the number of queries does not depend on the data."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState
from annotator.images.models import Image, Import, Verdict
from annotator.images.selectors import near_duplicate_list
from annotator.jobs.models import LIVE, Job
from annotator.work.models import ItemState, WorkItem

AGE_STEP: Final = 5
SIZE_EDGES: Final = (0, 30, 50, 75, 100, 150, 200, 300, 500, 100_000)
"""Pixels of the shorter box side; 30 is the paper's size rule, the last edge only closes the last bin."""

UNFINISHED: Final = (FaceState.WAITING, FaceState.CHECKING, FaceState.DISPUTED)
JOBS_SHOWN: Final = 6

AGES: Final = """
SELECT least(floor(age_mean / %s)::int, %s), count(*) FROM faces_face
WHERE dataset_id = %s AND state = 'accepted' AND age_mean IS NOT NULL GROUP BY 1
"""

VALUES: Final = """
SELECT f.state, width_bucket(least(r.x2 - r.x1, r.y2 - r.y1), %s::float8[]), r.gender, r.ethnicity, r.flags, count(*)
FROM faces_face f JOIN faces_revision r ON r.id = f.current_id
WHERE f.dataset_id = %s GROUP BY 1, 2, 3, 4, 5
"""
"""One pass over the wide rows of revisions for all distributions of values."""


def image_counts(*, dataset: Dataset) -> dict[str, int]:
    """Images by how far they are; complete: swept, not rejected, and no face of it is unfinished. One query."""
    unfinished = Face.objects.filter(dataset=dataset, state__in=UNFINISHED).values("image")
    return Image.objects.filter(dataset=dataset).aggregate(
        total=Count("pk"),
        prelabelled=Count("pk", filter=Q(prelabelled_at__isnull=False)),
        prelabel_failed=Count("pk", filter=Q(prelabelled_at=None) & ~Q(prelabel_error="")),
        swept=Count("pk", filter=Q(swept_at__isnull=False)),
        rejected=Count("pk", filter=Q(verdict=Verdict.REJECTED)),
        complete=Count("pk", filter=Q(swept_at__isnull=False, verdict=Verdict.NONE) & ~Q(pk__in=unfinished)),
    )


def face_counts(*, dataset: Dataset) -> dict[str, int]:
    """Faces by state, every state named. One query."""
    rows = Face.objects.filter(dataset=dataset).values_list("state").annotate(faces=Count("pk"))
    return dict.fromkeys(FaceState.values, 0) | dict(rows)


def pass_counts(*, dataset: Dataset) -> list[dict[str, Any]]:
    """Work items by kind and pass, gold left out: open (nobody holds it), leased, done. One query."""
    leased = Q(state=ItemState.OPEN, leased_until__gt=timezone.now())
    rows = (
        WorkItem.objects.filter(dataset=dataset, gold=None)
        .values("kind", "pass_number")
        .annotate(
            open=Count("pk", filter=Q(state=ItemState.OPEN) & ~leased),
            leased=Count("pk", filter=leased),
            done=Count("pk", filter=Q(state=ItemState.DONE)),
        )
        .order_by("kind", "pass_number")
    )
    return [dict(row) for row in rows]


def distributions(*, dataset: Dataset) -> dict[str, list[dict[str, Any]]]:
    """Ages, gender, ethnicity and flags of accepted faces; sizes of all but rejected ones. Two queries.

    Ages are means over people, in bins of AGE_STEP years (100 is in the last). Sizes: shorter box side, pixels.
    """
    with connection.cursor() as cursor:
        cursor.execute(AGES, [AGE_STEP, 100 // AGE_STEP - 1, dataset.pk])
        ages: dict[int, int] = dict(cursor.fetchall())
        cursor.execute(VALUES, [list(SIZE_EDGES), dataset.pk])
        groups = cursor.fetchall()
    sizes: Counter[int] = Counter()
    values: dict[str, Counter[str]] = {"gender": Counter(), "ethnicity": Counter(), "flags": Counter()}
    for state, size, gender, ethnicity, flags, count in groups:
        if state != FaceState.REJECTED:
            sizes[size] += count
        if state == FaceState.ACCEPTED:
            for name, present in (("gender", [gender]), ("ethnicity", [ethnicity]), ("flags", flags)):
                values[name].update({value: count for value in present if value is not None})
    return {
        "age": [
            {"from": start, "to": start + AGE_STEP, "count": ages.get(start // AGE_STEP, 0)}
            for start in range(0, 100, AGE_STEP)
        ],
        "face_size": [
            {"from": low, "to": high, "count": sizes[place]}
            for place, (low, high) in enumerate(itertools.pairwise(SIZE_EDGES), start=1)
        ],
        **{
            name: [{"value": value, "count": count} for value, count in counts.most_common()]
            for name, counts in values.items()
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
