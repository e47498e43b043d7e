"""Reading the tallies: totals and what is not folded yet, together as of one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import connection

from annotator.datasets.models import Dataset

# Of the image t.image_id; false for one that is gone. Written out in each query: in a function, PostgreSQL would keep
# the plan that it made when the tables were small. OFFSET 0 keeps it to a look into an index for each image.
IS_COMPLETE: Final = """
(EXISTS (SELECT 1 FROM images_image i
         WHERE i.id = t.image_id AND i.swept_at IS NOT NULL AND i.verdict = '' OFFSET 0)
 AND NOT EXISTS (SELECT 1 FROM faces_face f
                 WHERE f.image_id = t.image_id AND f.state IN ('waiting', 'checking', 'disputed') OFFSET 0))
"""

STATES: Final = """
SELECT what, value, number, sum(n)::bigint FROM (
    SELECT what, value, number, n FROM quality_tally WHERE dataset_id = %(dataset)s
    UNION ALL
    SELECT what, value, number, n FROM quality_tallydelta WHERE dataset_id = %(dataset)s
    UNION ALL
    SELECT 'image', 'complete', 0, <is complete>::int
        - EXISTS (SELECT 1 FROM quality_completeimage c WHERE c.image_id = t.image_id OFFSET 0)::int
    FROM (SELECT DISTINCT image_id FROM quality_imagetouch WHERE dataset_id = %(dataset)s) t
) AS d(what, value, number, n) GROUP BY 1, 2, 3 HAVING sum(n) <> 0
""".replace("<is complete>", IS_COMPLETE)

DAYS: Final = """
SELECT user_id, kind, pass_number, is_gold, greatest(day, %(since)s::date) AS shown, min(day),
       sum(n)::bigint, sum(timed)::bigint, sum(active_ms)::bigint
FROM (
    SELECT user_id, kind, pass_number, is_gold, day, n, timed, active_ms FROM quality_daytally
    WHERE dataset_id = %(dataset)s
    UNION ALL
    SELECT user_id, kind, pass_number, is_gold, day, n, timed, active_ms FROM quality_daytallydelta
    WHERE dataset_id = %(dataset)s
) d GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0
"""


@dataclass(frozen=True, slots=True)
class Tallies:
    """Counts of a dataset by what, value and number (``quality.models.Tally`` lists them); absent means 0."""

    counts: dict[tuple[str, str, int], int]

    def of(self, what: str, value: str = "", number: int = 0) -> int:
        return self.counts.get((what, value, number), 0)

    def by_value(self, what: str) -> Counter[str]:
        """Counts of a kind of rows by value, over all numbers."""
        found: Counter[str] = Counter()
        for (kind, value, _), n in self.counts.items():
            if kind == what:
                found[value] += n
        return found

    def by_number(self, what: str) -> Counter[int]:
        """Counts of a kind of rows by number, over all values."""
        found: Counter[int] = Counter()
        for (kind, _, number), n in self.counts.items():
            if kind == what:
                found[number] += n
        return found

    def keys(self, *whats: str) -> Iterator[tuple[str, str, int, int]]:
        """(what, value, number, n) of these kinds of rows, in order."""
        for (what, value, number), n in sorted(self.counts.items()):
            if what in whats:
                yield what, value, number, n


@dataclass(frozen=True, slots=True)
class DayWork:
    """Counted passes of one person, kind, check number and UTC day; active_ms over the ``timed`` ones.

    first_day differs from ``day`` only where earlier days were added to it.
    """

    user_id: int
    kind: str
    pass_number: int
    is_gold: bool
    day: date
    first_day: date
    n: int
    timed: int
    active_ms: int


def tallies(*, dataset: Dataset) -> Tallies:
    """All counts of a dataset as of now; one query, whatever the number of faces."""
    with connection.cursor() as cursor:
        cursor.execute(STATES, {"dataset": dataset.pk})
        return Tallies({(what, value, number): n for what, value, number, n in cursor.fetchall()})


def day_work(*, dataset: Dataset, since: date = date.min) -> list[DayWork]:
    """Everybody's days in a dataset, unordered; all days before ``since`` are added up as that day.

    One query, whose rows grow with people and the days since then, not with faces.
    """
    with connection.cursor() as cursor:
        cursor.execute(DAYS, {"dataset": dataset.pk, "since": since})
        return [DayWork(*row) for row in cursor.fetchall()]
