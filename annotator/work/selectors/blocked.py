"""Open items that nobody active may take, and why.

Counted are the people of the dataset: active members with a labelling role and an open account who are not paused.
A superuser who is no member could step in, and is not counted on. Gold items are nobody's but one person's, and no
face waits for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from annotator.datasets.models import Dataset
from annotator.faces.models import Face
from annotator.work.models import PassKind
from jfa_pipeline.core.policy import Policy

COUNT_CAP: Final = 1000

# An open item is blocked when everybody who has the role for it already touched it: a counted pass on the same
# face (or a sweep of the image) in the same round, or a skip. ``pass_number`` is the number of passes of the round
# before a check, so that most items are told free by two numbers of their own row. An item that is reserved is
# blocked when its own person cannot take it (``cannot``), whoever else could; on a face that waits for its first
# labels nobody has worked in the round. Each candidate is found by an index: open items that cannot be blocked are
# most of a large dataset.
BLOCKED: Final = """
WITH member AS MATERIALIZED (
    SELECT m.user_id, m.role IN ('admin', 'adjudicator') AS decides
    FROM datasets_membership m JOIN accounts_user u ON u.id = m.user_id
    WHERE m.dataset_id = %(dataset)s AND m.is_active AND m.paused_at IS NULL AND u.is_active
      AND m.role IN ('admin', 'adjudicator', 'annotator')
), people AS MATERIALIZED (
    SELECT count(*) AS label, count(*) FILTER (WHERE decides) AS decide FROM member
), candidate AS MATERIALIZED (
    SELECT i.id FROM work_workitem i WHERE i.face_id = %(face)s AND i.state = 'open'
    UNION
    SELECT i.id FROM work_workitem i
    WHERE %(face)s IS NULL AND i.dataset_id = %(dataset)s AND i.state = 'open' AND i.reserved_for_id IS NOT NULL
      AND (i.kind <> 'annotate' OR NOT EXISTS (SELECT 1 FROM member m WHERE m.user_id = i.reserved_for_id))
    UNION
    SELECT i.id FROM work_workitem i
    WHERE %(face)s IS NULL AND i.dataset_id = %(dataset)s AND i.state = 'open' AND i.kind = 'adjudicate'
    UNION
    SELECT i.id FROM work_skip s JOIN work_workitem i ON i.id = s.item_id
    WHERE %(face)s IS NULL AND i.dataset_id = %(dataset)s AND i.state = 'open'
    UNION
    SELECT i.id FROM work_workitem i
    WHERE %(face)s IS NULL AND i.dataset_id = %(dataset)s AND i.state = 'open' AND i.kind = 'check'
      AND (SELECT label FROM people) <= %(most_checks)s AND i.pass_number >= (SELECT label FROM people)
    UNION
    SELECT i.id FROM work_workitem i
    WHERE %(face)s IS NULL AND i.dataset_id = %(dataset)s AND i.state = 'open' AND (SELECT label FROM people) = 0
), suspect AS (
    SELECT i.id, i.face_id, i.image_id, i.kind, i.pass_number, i.round, i.reserved_for_id, c.cannot
    FROM candidate JOIN work_workitem i ON i.id = candidate.id CROSS JOIN people n CROSS JOIN LATERAL (SELECT CASE
        WHEN i.reserved_for_id IS NULL THEN NULL
        WHEN EXISTS (SELECT 1 FROM datasets_membership m WHERE m.dataset_id = i.dataset_id
                     AND m.user_id = i.reserved_for_id AND m.is_active AND m.paused_at IS NOT NULL) THEN 'paused'
        WHEN NOT EXISTS (SELECT 1 FROM member m WHERE m.user_id = i.reserved_for_id) THEN 'away'
        WHEN i.kind = 'adjudicate' AND NOT (SELECT m.decides FROM member m WHERE m.user_id = i.reserved_for_id)
            THEN 'role'
        WHEN EXISTS (SELECT 1 FROM work_pass p WHERE p.face_id = i.face_id AND p.round = i.round
                     AND p.user_id = i.reserved_for_id AND p.counted AND NOT p.is_gold)
            OR (i.kind = 'sweep' AND EXISTS (
                SELECT 1 FROM work_pass p WHERE p.image_id = i.image_id AND p.round = i.round
                AND p.user_id = i.reserved_for_id AND p.kind = 'sweep' AND p.counted AND NOT p.is_gold)) THEN 'worked'
        WHEN EXISTS (SELECT 1 FROM work_skip k WHERE k.item_id = i.id AND k.user_id = i.reserved_for_id)
            THEN 'skipped'
        END AS cannot) c
    WHERE i.dataset_id = %(dataset)s AND i.state = 'open' AND i.gold_id IS NULL AND i.id > %(after)s
      AND CASE WHEN i.reserved_for_id IS NOT NULL THEN c.cannot IS NOT NULL
               ELSE i.kind = 'adjudicate' OR i.pass_number >= n.label
                    OR i.id IN (SELECT s.item_id FROM work_skip s) END
      AND EXISTS (SELECT 1 FROM images_image g WHERE g.id = i.image_id AND g.verdict = '')
), touched AS (
    SELECT s.id, p.user_id, true AS worked FROM suspect s
    JOIN work_pass p ON p.face_id = s.face_id AND p.round = s.round AND p.counted AND NOT p.is_gold
    UNION ALL
    SELECT s.id, p.user_id, true FROM suspect s
    JOIN work_pass p ON p.image_id = s.image_id AND p.round = s.round AND p.counted AND NOT p.is_gold
        AND p.kind = 'sweep' AND s.kind = 'sweep'
    UNION ALL
    SELECT s.id, k.user_id, false FROM suspect s JOIN work_skip k ON k.item_id = s.id
), used AS (
    SELECT t.id, count(DISTINCT m.user_id) FILTER (WHERE m.user_id IS NOT NULL) AS label,
           count(DISTINCT m.user_id) FILTER (WHERE m.decides) AS decide,
           array_agg(DISTINCT coalesce(nullif(u.display_name, ''), u.username)) FILTER (WHERE t.worked) AS worked,
           array_agg(DISTINCT coalesce(nullif(u.display_name, ''), u.username)) FILTER (WHERE NOT t.worked)
               AS skipped
    FROM touched t JOIN accounts_user u ON u.id = t.user_id LEFT JOIN member m ON m.user_id = t.user_id
    GROUP BY t.id
)
SELECT s.id, s.face_id, s.image_id, s.kind, s.pass_number, used.worked, used.skipped, n.label, n.decide, s.cannot,
       coalesce(nullif(r.display_name, ''), r.username)
FROM suspect s CROSS JOIN people n LEFT JOIN used ON used.id = s.id
LEFT JOIN accounts_user r ON r.id = s.reserved_for_id
WHERE CASE WHEN s.cannot IS NOT NULL THEN true
           WHEN s.kind = 'adjudicate' THEN coalesce(used.decide, 0) >= n.decide
           ELSE coalesce(used.label, 0) >= n.label END
ORDER BY s.id
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Blocked:
    """One blocked item and a sentence that says what it needs."""

    item_id: int
    face_id: int | None
    image_id: int
    kind: str
    pass_number: int
    reason: str


def blocked_list(*, dataset: Dataset, after: int = 0, limit: int = 50) -> list[Blocked]:
    """Blocked items of a dataset with ids above ``after``, by id; one query."""
    return [_blocked(row) for row in _rows(dataset=dataset, after=after, limit=limit)]


def blocked_count(*, dataset: Dataset) -> int:
    """How many items are blocked, counted up to COUNT_CAP."""
    return len(_rows(dataset=dataset, limit=COUNT_CAP))


def blocked_face_ids(*, dataset: Dataset) -> list[int]:
    """Faces whose open item is blocked, at most COUNT_CAP of them."""
    return [row[1] for row in _rows(dataset=dataset, limit=COUNT_CAP) if row[1] is not None]


def blocked_reason(*, face: Face) -> str | None:
    """Why nobody may take this face's open item; None if somebody may, or it has none."""
    found = _rows(dataset=face.dataset, face_id=face.pk, limit=1)
    return _blocked(found[0]).reason if found else None


def _rows(
    *, dataset: Dataset, limit: int, after: int = 0, face_id: int | None = None
) -> list[tuple[Any, ...]]:
    parameters = {
        "dataset": dataset.pk,
        "after": after,
        "limit": limit,
        "face": face_id,
        "most_checks": _most_checks(dataset.policy.policy if dataset.policy else Policy()),
    }
    with connection.cursor() as cursor:
        cursor.execute(BLOCKED, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _most_checks(policy: Policy) -> int:
    """The greatest number that an open check can have under a policy; its items follow it within seconds."""
    after_disagreement = policy.checks_max if policy.on_disagreement == "another_check" else 0
    for_the_age = policy.age_people_max if policy.age_error_max else 0
    return max(policy.checks, after_disagreement, for_the_age)


def _blocked(row: tuple[Any, ...]) -> Blocked:
    item_id, face_id, image_id, kind, pass_number, worked, skipped, label, decide, cannot, reserved_for = row
    able = decide if kind == PassKind.ADJUDICATE else label
    return Blocked(
        item_id=item_id,
        face_id=face_id,
        image_id=image_id,
        kind=kind,
        pass_number=pass_number,
        reason=f"Reserved for {reserved_for}, who {CANNOT[cannot]}: release the assignment."
        if cannot
        else _reason(kind=kind, worked=worked or [], skipped=skipped or [], able=able),
    )


CANNOT: Final = {
    "paused": "is paused",
    "away": "does not label in this dataset any more",
    "role": "may not decide disputes",
    "worked": "already worked on it in this round",
    "skipped": "passed it over",
}


ORDINALS: Final = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)


def _reason(*, kind: str, worked: list[str], skipped: list[str], able: int) -> str:
    """For example: Needs a third person: Ann and Bo already worked on it; add an annotator or ask for fewer checks."""
    done = [f"{_names(worked)} already worked on it"] if worked else []
    if skipped:
        done.append(f"{_names(skipped)} passed it over")
    who = ", ".join(done) if done else "nobody has worked on it"
    if kind == PassKind.ADJUDICATE:
        lacking = "no active member may decide disputes" if not able else who
        return f"Needs another adjudicator: {lacking}; give somebody else that role."
    if not able:
        return f"Needs a person: the dataset has no active annotator, and {who}; add one."
    if kind == PassKind.SWEEP:
        return f"Needs another person to sweep the image: {who}; add an annotator."
    ordinal = ORDINALS[len(worked)] if len(worked) < len(ORDINALS) else f"{len(worked) + 1}th"
    which = f"a {ordinal}" if worked else "another"
    remedy = (
        "add an annotator or lower the number of checks" if kind == PassKind.CHECK else "add an annotator"
    )
    return f"Needs {which} person: {who}; {remedy}."


def _names(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return ", ".join(names[:-1]) + " and " + names[-1]
