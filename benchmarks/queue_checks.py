"""What the ledgers of ``queue_people`` and the rows of the database say about a run of ``queue``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Held = tuple[int, int, float, float]
"""Item, person, and from when to when (seconds of one clock) they held it."""


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of the values do not exceed. Raises ValueError without any."""
    if not values:
        raise ValueError("A percentile of nothing.")
    ordered = sorted(values)
    place = -int(-share * len(ordered) // 1) - 1
    return ordered[max(0, place)]


def double_leases(held: Iterable[Held]) -> int:
    """Pairs of people who held one item at the same moment."""
    by_item: dict[int, list[Held]] = defaultdict(list)
    for one in held:
        by_item[one[0]].append(one)
    return sum(
        first[1] != second[1] and first[2] < second[3] and second[2] < first[3]
        for holders in by_item.values()
        for place, first in enumerate(holders)
        for second in holders[place + 1 :]
    )


def lost_submits(
    acknowledged: Mapping[str, tuple[int, int]], stored: Iterable[tuple[str, int, int]]
) -> list[str]:
    """Submissions that were acknowledged and are not stored exactly once with the item and revision that were told.

    stored: (submission id, item, revision) of every pass.
    """
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for submission, item, revision in stored:
        found[submission].append((item, revision))
    return [submission for submission, told in acknowledged.items() if found[submission] != [tuple(told)]]


SELF_CHECKS = """
SELECT count(*) FROM (
    SELECT 1 FROM work_pass WHERE dataset_id = %s AND face_id IS NOT NULL AND counted
    GROUP BY face_id, round, user_id HAVING count(*) > 1
) twice
"""
"""People with more than one counted pass on a face in a round."""

LEASED_TWICE = """
SELECT count(*) FROM work_workitem WHERE dataset_id = %s AND cardinality(past_tokens) > 0
"""
"""Items that were taken from somebody who held them; in a run shorter than a lease there can be none."""

STORED = """
SELECT submission_id::text, item_id, revision_id FROM work_pass WHERE dataset_id = %s AND user_id = ANY(%s)
AND created_at >= %s
"""


def latencies(ledgers: Iterable[Mapping[str, Any]], key: str, since: float, until: float) -> list[float]:
    """Milliseconds of the requests that were answered in [since, until)."""
    return [
        1000 * seconds for ledger in ledgers for moment, seconds in ledger[key] if since <= moment < until
    ]
