"""Folding the changes that triggers note into the tallies, and putting tallies right.

Triggers append what changed (migration 0003); nobody who submits waits for anybody else's count. The fold adds the
changes up. A reader sees the same numbers whether a change is folded or not (``selectors.tallies``).
"""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

from annotator.quality.selectors.tallies import IS_COMPLETE

BATCH: Final = 20_000
"""Changes of each table that one fold takes."""

FOLD_LOCK: Final = 0x7A11_F01D
"""Number of the advisory lock that keeps two folds from running at once."""

FOLD_STATES: Final = """
WITH taken AS (
    DELETE FROM quality_tallydelta
    WHERE id <= (SELECT max(id) FROM (SELECT id FROM quality_tallydelta ORDER BY id LIMIT %s) first)
    RETURNING dataset_id, what, value, number, n
), folded AS (
    INSERT INTO quality_tally (dataset_id, what, value, number, n)
    SELECT dataset_id, what, value, number, sum(n) FROM taken t
    WHERE EXISTS (SELECT 1 FROM datasets_dataset d WHERE d.id = t.dataset_id)
    GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0
    ON CONFLICT (dataset_id, what, value, number) DO UPDATE SET n = quality_tally.n + excluded.n
)
SELECT count(*) FROM taken
"""

FOLD_DAYS: Final = """
WITH taken AS (
    DELETE FROM quality_daytallydelta
    WHERE id <= (SELECT max(id) FROM (SELECT id FROM quality_daytallydelta ORDER BY id LIMIT %s) first)
    RETURNING dataset_id, user_id, kind, pass_number, is_gold, day, n, timed, active_ms
), folded AS (
    INSERT INTO quality_daytally AS kept (dataset_id, user_id, kind, pass_number, is_gold, day, n, timed, active_ms)
    SELECT dataset_id, user_id, kind, pass_number, is_gold, day, sum(n), sum(timed), sum(active_ms) FROM taken t
    WHERE EXISTS (SELECT 1 FROM datasets_dataset d WHERE d.id = t.dataset_id)
    GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (dataset_id, day, user_id, kind, pass_number, is_gold) DO UPDATE SET
        n = kept.n + excluded.n, timed = kept.timed + excluded.timed, active_ms = kept.active_ms + excluded.active_ms
)
SELECT count(*) FROM taken
"""

# No statement here joins a table of changes: it is empty at one moment and large at the next, and what PostgreSQL last
# counted in it says nothing.
# One statement, so one moment: an image that changes after it has a touch that this does not take, and is looked at
# again. An image that is gone is not complete.
FOLD_IMAGES: Final = """
WITH taken AS (
    DELETE FROM quality_imagetouch
    WHERE id <= (SELECT max(id) FROM (SELECT id FROM quality_imagetouch ORDER BY id LIMIT %s) first)
    RETURNING dataset_id, image_id
), seen AS MATERIALIZED (
    SELECT t.image_id, t.dataset_id, <is complete> AS is_complete
    FROM (SELECT DISTINCT dataset_id, image_id FROM taken) t
), gone AS (
    DELETE FROM quality_completeimage c
    WHERE c.image_id = ANY(ARRAY(SELECT image_id FROM seen WHERE NOT is_complete))
    RETURNING c.dataset_id
), found AS (
    INSERT INTO quality_completeimage (image_id, dataset_id)
    SELECT image_id, dataset_id FROM seen WHERE is_complete ON CONFLICT DO NOTHING
    RETURNING dataset_id
), folded AS (
    INSERT INTO quality_tally (dataset_id, what, value, number, n)
    SELECT dataset_id, 'image', 'complete', 0, sum(n)
    FROM (SELECT dataset_id, 1 FROM found UNION ALL SELECT dataset_id, -1 FROM gone) AS d(dataset_id, n)
    WHERE EXISTS (SELECT 1 FROM datasets_dataset s WHERE s.id = d.dataset_id)
    GROUP BY 1 HAVING sum(n) <> 0
    ON CONFLICT (dataset_id, what, value, number) DO UPDATE SET n = quality_tally.n + excluded.n
)
SELECT count(*) FROM taken
""".replace("<is complete>", IS_COMPLETE)


@transaction.atomic
def tallies_fold() -> int:
    """Add at most BATCH changes of each table to the tallies; how many changes were taken.

    Does nothing while another fold runs. Locks no row that a writer of faces, items, passes or images needs.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FOLD_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        taken = 0
        for statement in (FOLD_STATES, FOLD_DAYS, FOLD_IMAGES):
            cursor.execute(statement, [BATCH])
            taken += int(cursor.fetchone()[0])
    return taken


def tallies_repair() -> int:
    """Compare every tally with the rows that it counts and put right what is off; how many keys were off.

    Exact while people work (``quality_repair_tallies`` in migration 0003). Reads every face, item, pass and image.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT quality_repair_tallies()")
        return int(cursor.fetchone()[0])
