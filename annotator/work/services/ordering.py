"""Keeping the queue in the order "learning": levels follow the models and the accepted faces."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from annotator.datasets.models import Dataset
from annotator.images.models import Split
from annotator.work.models import (
    BUCKETS,
    CHOSEN_LEVELS,
    NOT_ARRIVAL,
    LearningOrder,
    Priority,
    Slice,
    WorkItem,
)
from annotator.work.selectors.gaps import demographic_gaps, groups_of
from annotator.work.services.levels import Order, Waiting, order_of, place_of
from jfa_pipeline.core.policy import Policy

BATCH: Final = 500
"""Items of one transaction."""

SECONDS_A_RUN: Final = 3.0
"""A run from the beat goes on for this long at most; the next one continues where it stopped."""

LOOK_AGAIN_AFTER: Final = timedelta(minutes=5)
SAMPLE: Final = 2000
"""About so many waiting faces tell which uncertainties are large."""

WIDENED: Final = 8
"""The window of buckets grows by this until it holds the sample."""

LIMIT_QUANTILES: Final = (0.5, 0.8)
"""Half of the faces are LEARN_LITTLE, three tenths LEARN_SOME, the fifth that models doubt most LEARN_MUCH."""

LIMITS_SAME: Final = 0.02
FIRST_LIMITS: Final = (1 / 3, 2 / 3)
"""Until pre-labels carry uncertainties."""

BEFORE_ALL: Final = (-1, 0)
"""A bucket and id before every item."""

ALL_LEVELS: Final = (*NOT_ARRIVAL, Priority.DOUBTFUL)

# By (bucket, id) of the index that claims use: a walk needs no index of its own, and no item moves in it.
NEXT_ITEMS: Final = """
SELECT n.id, n.bucket FROM unnest(%(levels)s::int[]) AS l(priority)
CROSS JOIN LATERAL (
    SELECT id, bucket FROM work_workitem
    WHERE dataset_id = %(dataset)s AND state = 'open' AND reserved_for_id IS NULL
      AND kind = 'annotate' AND priority = l.priority
      AND (bucket, id) > (%(bucket)s, %(id)s)
    ORDER BY bucket, id LIMIT %(limit)s
) n
ORDER BY n.bucket, n.id LIMIT %(limit)s
"""

# Buckets are random, so the items of a few of them are a sample of all.
SAMPLED: Final = """
SELECT f.uncertainty FROM unnest(%(levels)s::int[]) AS l(priority)
CROSS JOIN LATERAL (
    SELECT face_id FROM work_workitem
    WHERE dataset_id = %(dataset)s AND state = 'open' AND reserved_for_id IS NULL
      AND kind = 'annotate' AND priority = l.priority
      AND bucket BETWEEN %(low)s AND %(high)s
    LIMIT %(limit)s
) n JOIN faces_face f ON f.id = n.face_id
"""

# An item that somebody is changing at this moment keeps its level: the claim and the submit never wait for this.
# So does one that a person made urgent, or put off, since it was read.
PLACE: Final = """
UPDATE work_workitem w SET priority = n.priority, slice = n.slice
FROM (
    SELECT i.id, g.priority, g.slice FROM work_workitem i
    JOIN unnest(%(ids)s::bigint[], %(priorities)s::int[], %(slices)s::text[]) AS g(id, priority, slice)
      ON g.id = i.id
    WHERE i.state = 'open' AND i.kind = 'annotate' AND i.priority <> ALL(%(chosen)s::int[])
      AND (i.priority <> g.priority OR i.slice <> g.slice)
    FOR NO KEY UPDATE OF i SKIP LOCKED
) n WHERE w.id = n.id
"""

TO_ARRIVAL: Final = """
UPDATE work_workitem w SET priority = n.priority
FROM (
    SELECT i.id, CASE WHEN f.needs_person <> '' THEN %(doubtful)s ELSE %(normal)s END AS priority
    FROM work_workitem i JOIN faces_face f ON f.id = i.face_id
    WHERE i.dataset_id = %(dataset)s AND i.state = 'open' AND i.kind = 'annotate'
      AND i.priority = ANY(%(levels)s::int[])
    LIMIT %(limit)s
    FOR NO KEY UPDATE OF i SKIP LOCKED
) n WHERE w.id = n.id
"""


def queue_order(*, dataset: Dataset, seconds: float = SECONDS_A_RUN) -> int:
    """Bring open items in line with the dataset's order for at most ``seconds``; how many changed their place.

    For the beat and after a policy was published. Each batch is its own short transaction, and one run at a time
    works on a dataset; what is not reached is reached by the next run.
    """
    dataset = Dataset.objects.select_related("policy").get(pk=dataset.pk)
    if dataset.policy is None:
        return 0
    policy = dataset.policy.policy
    if policy.order != "learning" and not LearningOrder.objects.filter(dataset=dataset).exists():
        return 0
    end = time.monotonic() + seconds
    changed = 0
    fresh_after = BEFORE_ALL
    while time.monotonic() < end:
        if policy.order != "learning":
            done = _arrival_batch(dataset=dataset)
        else:
            done = _learning_batch(dataset=dataset, policy=policy, fresh_after=fresh_after)
        changed += done.changed
        fresh_after = done.fresh_after
        if done.is_last:
            break
    return changed


class _Batch(NamedTuple):
    """changed: items that changed their place. is_last: nothing is left to do now. fresh_after: the bucket and id
    of the last item without a place that was looked at, so that the next batch does not look at it again."""

    changed: int
    is_last: bool
    fresh_after: tuple[int, int]


@transaction.atomic
def _learning_batch(*, dataset: Dataset, policy: Policy, fresh_after: tuple[int, int]) -> _Batch:
    """First the items without a place, then the next part of the walk."""
    LearningOrder.objects.get_or_create(dataset=dataset)
    made = LearningOrder.objects.select_for_update(skip_locked=True).filter(dataset=dataset).first()
    if made is None:
        return _Batch(0, True, fresh_after)
    _look_again(made, dataset=dataset, policy=policy)
    order = order_of(made, random_share=policy.random_share)
    if fresh := _next_items(dataset=dataset, levels=(Priority.NORMAL,), after=fresh_after):
        last_id, last_bucket = fresh[-1]
        moved = _place(ids=[pk for pk, _ in fresh], order=order)
        return _Batch(moved, False, (last_bucket, last_id))
    if made.is_walked:
        return _Batch(0, True, fresh_after)
    after = (made.cursor_bucket, made.cursor_id)
    found = _next_items(dataset=dataset, levels=ALL_LEVELS, after=after)
    moved = _place(ids=[pk for pk, _ in found], order=order) if found else 0
    if len(found) < BATCH:
        made.is_walked = True
    else:
        made.cursor_id, made.cursor_bucket = found[-1]
    made.save(update_fields=["cursor_bucket", "cursor_id", "is_walked"])
    return _Batch(moved, made.is_walked, fresh_after)


def _look_again(made: LearningOrder, *, dataset: Dataset, policy: Policy) -> None:
    """Limits and gaps anew, at most every LOOK_AGAIN_AFTER; the walk starts again where they changed."""
    now = timezone.now()
    if made.looked_at is not None and (not made.is_walked or made.looked_at > now - LOOK_AGAIN_AFTER):
        return
    limits = _limits(dataset=dataset)
    gaps = sorted(demographic_gaps(dataset=dataset, policy=policy))
    same_limits = len(made.limits) == len(limits) and np.allclose(
        made.limits, limits, rtol=0, atol=LIMITS_SAME
    )
    made.looked_at = now
    if not same_limits or gaps != made.gaps:
        made.limits, made.gaps = list(limits), gaps
        made.cursor_bucket, made.cursor_id = BEFORE_ALL
        made.is_walked = False
    made.save()


def _limits(*, dataset: Dataset) -> tuple[float, float]:
    """The LIMIT_QUANTILES of the uncertainty of about SAMPLE waiting faces; bounded work, however long the queue."""
    window = 32
    values: list[float] = []
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                SAMPLED,
                {
                    "dataset": dataset.pk,
                    "levels": [int(level) for level in (Priority.NORMAL, *ALL_LEVELS)],
                    "low": 0,
                    "high": window - 1,
                    "limit": WIDENED * SAMPLE,
                },
            )
            rows = cursor.fetchall()
        values = [value for (value,) in rows if value is not None]
        if len(rows) >= SAMPLE or window >= BUCKETS:
            break
        window = min(BUCKETS, window * WIDENED)
    if not values:
        return FIRST_LIMITS
    low, high = np.quantile(values, LIMIT_QUANTILES)
    return float(low), float(high)


def _next_items(*, dataset: Dataset, levels: Sequence[int], after: tuple[int, int]) -> list[tuple[int, int]]:
    """(id, bucket) of the next BATCH open items for first labels."""
    bucket, last = after
    with connection.cursor() as cursor:
        cursor.execute(
            NEXT_ITEMS,
            {
                "dataset": dataset.pk,
                "levels": [int(level) for level in levels],
                "bucket": bucket,
                "id": last,
                "limit": BATCH,
            },
        )
        found: list[tuple[int, int]] = cursor.fetchall()
    return found


WAITING_COLUMNS: Final = (
    "pk",
    "slice",
    "face_id",
    "face__round",
    "face__needs_person",
    "face__uncertainty",
    "face__prelabel_id",
    "face__prelabel__gender",
    "face__prelabel__ethnicity",
    "face__prelabel__age",
    "image__split",
)


def _place(*, ids: list[int], order: Order) -> int:
    """Give these items their slice and level; how many changed."""
    places: list[tuple[int, Slice, Priority]] = []
    for row in WorkItem.objects.filter(pk__in=ids).values_list(*WAITING_COLUMNS):
        pk, part, *columns = row
        places.append((pk, *place_of(_waiting(*columns), order=order, part=Slice(part))))
    with connection.cursor() as cursor:
        cursor.execute(
            PLACE,
            {
                "ids": [pk for pk, *_ in places],
                "priorities": [int(level) for *_, level in places],
                "slices": [str(part) for _, part, _ in places],
                "chosen": [int(level) for level in CHOSEN_LEVELS],
            },
        )
        changed: int = cursor.rowcount
    return changed


def _waiting(
    face_id: int,
    round_number: int,
    needs_person: str,
    uncertainty: float | None,
    prelabel: int | None,
    gender: str | None,
    ethnicity: str | None,
    age: float | None,
    split: str,
) -> Waiting:
    return Waiting(
        face_id=face_id,
        round=round_number,
        is_doubted=bool(needs_person),
        is_test=split == Split.TEST,
        has_prelabel=prelabel is not None,
        uncertainty=uncertainty,
        groups=groups_of(gender=gender, ethnicity=ethnicity, age=age),
    )


@transaction.atomic
def _arrival_batch(*, dataset: Dataset) -> _Batch:
    """After the policy went back to the order of arrival: items return to its two levels and keep their slice."""
    parameters: dict[str, Any] = {
        "dataset": dataset.pk,
        "levels": [int(level) for level in NOT_ARRIVAL],
        "limit": BATCH,
        "doubtful": int(Priority.DOUBTFUL),
        "normal": int(Priority.NORMAL),
    }
    with connection.cursor() as cursor:
        cursor.execute(TO_ARRIVAL, parameters)
        moved = cursor.rowcount
    if moved:
        return _Batch(moved, False, BEFORE_ALL)
    if not _next_items(dataset=dataset, levels=NOT_ARRIVAL, after=BEFORE_ALL):
        LearningOrder.objects.filter(dataset=dataset).delete()
    return _Batch(0, True, BEFORE_ALL)
