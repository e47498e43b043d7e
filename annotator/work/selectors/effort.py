"""How long passes take in a dataset, from those that people really made: what an estimate in hours is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from annotator.datasets.models import Dataset
from annotator.work.models import PassKind

PASSES_OF_A_KIND: Final = 2000
"""The newest of each kind: how long work takes now, at a bounded price however long the history is."""

# First the ids alone, which an index holds in this order: asked for whole rows, the planner may walk back through
# the passes of every dataset instead.
SECONDS: Final = """
SELECT p.kind, percentile_cont(0.5) WITHIN GROUP (ORDER BY p.active_ms) / 1000, count(*)
FROM unnest(%(kinds)s::text[]) AS k(kind)
CROSS JOIN LATERAL (
    SELECT w.id FROM work_pass w WHERE w.dataset_id = %(dataset)s AND w.kind = k.kind
    ORDER BY w.id DESC LIMIT %(limit)s
) newest
JOIN work_pass p ON p.id = newest.id AND p.counted AND p.active_ms IS NOT NULL
GROUP BY p.kind
"""


@dataclass(frozen=True, slots=True)
class PassTime:
    """The median of the active seconds of ``n`` passes of one kind."""

    median_s: float
    n: int


def pass_times(*, dataset: Dataset) -> dict[PassKind, PassTime]:
    """The median active time of each kind of pass over the newest ones; kinds without one are absent."""
    kinds = [str(kind) for kind in PassKind]
    with connection.cursor() as cursor:
        cursor.execute(SECONDS, {"dataset": dataset.pk, "limit": PASSES_OF_A_KIND, "kinds": kinds})
        return {PassKind(kind): PassTime(float(median), n) for kind, median, n in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Effort:
    """How many passes some work needs, and the hours they take: passes x median, summed over the kinds.

    hours: None if nobody has yet made a timed pass of a kind that is needed (``unknown``).
    """

    passes: Mapping[PassKind, int]
    times: Mapping[PassKind, PassTime]

    @property
    def unknown(self) -> list[PassKind]:
        return [kind for kind, n in self.passes.items() if n and kind not in self.times]

    @property
    def hours(self) -> float | None:
        if self.unknown:
            return None
        return sum(n * self.times[kind].median_s for kind, n in self.passes.items() if n) / 3600

    def to_json(self) -> dict[str, Any]:
        return {
            "passes": {str(kind): n for kind, n in self.passes.items() if n},
            "hours": None if self.hours is None else round(self.hours, 2),
            "seconds": {
                str(kind): {"median": round(self.times[kind].median_s, 1), "n": self.times[kind].n}
                for kind, n in self.passes.items()
                if n and kind in self.times
            },
            "unknown": [str(kind) for kind in self.unknown],
        }


def passes_left(items: Iterable[tuple[PassKind, int, int]], *, checks: int) -> dict[PassKind, int]:
    """The passes until acceptance of open items, given as (kind, pass_number, how many), if nobody disagrees.

    ``checks``: of the policy. A face for first labels needs those and every check, one at its first check that and
    the rest of them.
    """
    left = dict.fromkeys(PassKind, 0)
    for kind, number, n in items:
        left[kind] += n
        if kind == PassKind.ANNOTATE:
            left[PassKind.CHECK] += n * checks
        elif kind == PassKind.CHECK:
            left[PassKind.CHECK] += n * max(0, checks - number)
    return left
