"""Handing out work: one statement, no loop over candidates, never waiting for another person's claim."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from django.db import transaction

from annotator.accounts.models import User
from annotator.common.statements import Statement
from annotator.datasets.models import Dataset, Role
from annotator.work.models import BUCKETS, LEARN_LEVELS, NOT_ARRIVAL, PassKind, Priority
from annotator.work.selectors.eligibility import KINDS_IN_ORDER, MAY_TAKE, kinds_for
from annotator.work.selectors.tutorial import tutorial_is_due
from annotator.work.services.even import claim_evenly, even_lock
from annotator.work.services.gold_items import gold_mix
from jfa_pipeline.core.policy import Policy

LARGEST_CLAIM: Final = 24
"""A screenful of the batch page."""

MOST_HELD: Final = 48
"""A screenful, the faces of other screenfuls that still need something, and what is ahead on the page for one face."""

CHANCE_STEPS: Final = 1_000_000
RESERVED_STAGE: Final = 1
FIRST_LABELS: Final = KINDS_IN_ORDER.index(PassKind.ANNOTATE)

LOOK: Final = 200
"""Candidates a claim looks at in one range before it goes on to the next. Half-way through a project most open
checks can be of faces that this person labelled; a claim that reads past all of them takes a third of a second with
100,000. Only when the look finds nothing at all, a second one without a limit makes sure."""

# Each look is a nested loop by construction: ranges, then the nearest rows of each by the index, then one row at a
# time locked if it may be taken, until enough are locked. No statistics can turn it into a scan of the table.
SEARCH = """
    SELECT f.id, row_number() OVER () AS place
    FROM unnest(%(<stage>_kinds)s::text[], %(<stage>_priorities)s::int[], %(<stage>_lows)s::int[],
                %(<stage>_highs)s::int[]) AS r(kind, priority, low, high)
    CROSS JOIN LATERAL (
        SELECT n.id FROM work_workitem n
        WHERE n.dataset_id = %(dataset)s AND n.state = 'open' AND n.reserved_for_id IS NULL
          AND n.kind = r.kind AND n.priority = r.priority
          AND n.bucket BETWEEN r.low AND r.high
          AND (n.leased_until IS NULL OR n.leased_until < statement_timestamp())
        ORDER BY n.bucket, n.id
        LIMIT %(look)s
    ) near
    CROSS JOIN LATERAL (
        SELECT i.id FROM work_workitem i
        WHERE i.id = near.id AND i.state = 'open' AND i.reserved_for_id IS NULL
          AND (i.leased_until IS NULL OR i.leased_until < statement_timestamp())
          AND i.leased_to_id IS DISTINCT FROM %(user)s
          AND i.id <> ALL(%(have)s::bigint[])
          AND NOT EXISTS (SELECT 1 FROM mine m WHERE m.id = i.id OFFSET 0)
          AND <may take> AND <not shut>
        FOR NO KEY UPDATE OF i SKIP LOCKED
    ) f
"""

NOT_SHUT = """(i.kind, i.pass_number) NOT IN (
    SELECT * FROM unnest(%(shut_kinds)s::text[], %(shut_passes)s::int[]))"""

CLAIM = """
WITH member AS MATERIALIZED (
    SELECT 1 FROM datasets_membership
    WHERE dataset_id = %(dataset)s AND user_id = %(user)s AND is_active AND paused_at IS NULL
    FOR SHARE
), allowed AS MATERIALIZED (
    SELECT %(everywhere)s OR EXISTS (SELECT 1 FROM member) AS yes
), known AS (
    SELECT id FROM work_workitem WHERE leased_to_id = %(user)s AND dataset_id = %(dataset)s
    UNION
    SELECT item_id FROM work_draft WHERE user_id = %(user)s AND %(with_drafts)s
), mine AS MATERIALIZED (
    SELECT i.id, row_number() OVER (ORDER BY i.written_at DESC NULLS LAST, i.leased_until, i.id) AS place
    FROM (
        SELECT i.id, i.leased_until, d.updated_at AS written_at
        FROM work_workitem i
        JOIN known k ON k.id = i.id
        LEFT JOIN work_draft d ON d.item_id = i.id AND d.user_id = %(user)s
        WHERE i.dataset_id = %(dataset)s AND i.state = 'open' AND i.kind = ANY(%(kinds)s::text[])
          AND i.id <> ALL(%(have)s::bigint[])
          AND (i.leased_to_id IS NULL OR i.leased_to_id = %(user)s OR i.leased_until < statement_timestamp())
          AND <may take> AND <not shut> AND (SELECT yes FROM allowed)
        ORDER BY d.updated_at DESC NULLS LAST, i.leased_until, i.id
        LIMIT %(count)s
        FOR NO KEY UPDATE OF i SKIP LOCKED
    ) i
), held AS MATERIALIZED (
    SELECT count(*) AS n FROM work_workitem
    WHERE leased_to_id = %(user)s AND dataset_id = %(dataset)s AND id = ANY(%(have)s::bigint[])
      AND leased_until >= statement_timestamp()
), wanted AS MATERIALIZED (
    SELECT greatest(0, least(%(count)s, %(most_held)s - (SELECT n FROM held)) - (SELECT count(*) FROM mine)) AS n
), reserved AS MATERIALIZED (
    SELECT i.id, row_number() OVER (ORDER BY i.priority DESC, i.id) AS place
    FROM (
        SELECT i.id, i.priority FROM work_workitem i
        WHERE i.reserved_for_id = %(user)s AND i.dataset_id = %(dataset)s AND i.state = 'open'
          AND i.kind = ANY(%(kinds)s::text[])
          AND i.id <> ALL(%(have)s::bigint[])
          AND (i.leased_until IS NULL OR i.leased_until < statement_timestamp())
          AND i.leased_to_id IS DISTINCT FROM %(user)s
          AND NOT EXISTS (SELECT 1 FROM mine m WHERE m.id = i.id OFFSET 0)
          AND <may take> AND (SELECT yes FROM allowed) AND (SELECT n FROM wanted) > 0
        ORDER BY i.priority DESC, i.id
        LIMIT (SELECT n FROM wanted)
        FOR NO KEY UPDATE OF i SKIP LOCKED
    ) i
), unreserved AS MATERIALIZED (
    SELECT least(%(free)s, (SELECT n FROM wanted) - (SELECT count(*) FROM reserved)) AS n
), first AS MATERIALIZED (
    <search first>
    WHERE (SELECT yes FROM allowed) AND (SELECT n FROM unreserved) > 0
    LIMIT (SELECT n FROM unreserved)
), room AS MATERIALIZED (
    SELECT (SELECT n FROM unreserved) - (SELECT count(*) FROM first) AS n
), drawn AS MATERIALIZED (
    SELECT count(*) AS n FROM unnest(%(draws)s::bool[]) WITH ORDINALITY AS d(is_chance, place)
    WHERE d.is_chance AND d.place <= (SELECT n FROM room)
), chance AS MATERIALIZED (
    <search chance>
    WHERE (SELECT yes FROM allowed) AND (SELECT n FROM drawn) > 0
    LIMIT (SELECT n FROM drawn)
), left_over AS MATERIALIZED (
    SELECT (SELECT n FROM room) - (SELECT count(*) FROM chance) AS n
), rest AS MATERIALIZED (
    <search rest>
    WHERE (SELECT yes FROM allowed) AND (SELECT n FROM left_over) > 0
      AND NOT EXISTS (SELECT 1 FROM chance c WHERE c.id = f.id OFFSET 0)
    LIMIT (SELECT n FROM left_over)
), chosen AS (
    SELECT id, 0 AS stage, place FROM mine UNION ALL SELECT id, 1, place FROM reserved
    UNION ALL SELECT id, 2, place FROM first
    UNION ALL SELECT id, 3, place FROM chance UNION ALL SELECT id, 4, place FROM rest
)
UPDATE work_workitem w SET
    past_tokens = CASE WHEN w.leased_to_id <> %(user)s THEN w.past_tokens || w.lease_token ELSE w.past_tokens END,
    lease_token = CASE WHEN w.leased_to_id = %(user)s THEN w.lease_token ELSE gen_random_uuid() END,
    leased_to_id = %(user)s,
    leased_until = statement_timestamp() + make_interval(mins => %(minutes)s)
FROM chosen c WHERE w.id = c.id
RETURNING c.stage, c.place, w.id
"""
_STAGES: Final = ("first", "chance", "rest")
for _stage in _STAGES:
    CLAIM = CLAIM.replace(f"<search {_stage}>", SEARCH.replace("<stage>", _stage))
CLAIM = CLAIM.replace("<may take>", MAY_TAKE)
_TYPES: Final = {
    **dict.fromkeys(("dataset", "user"), "bigint"),
    **dict.fromkeys(("everywhere", "with_drafts"), "boolean"),
    **dict.fromkeys(("count", "free", "most_held", "minutes", "look"), "int"),
    **dict.fromkeys(("kinds", "first_kinds", "chance_kinds", "rest_kinds", "shut_kinds"), "text[]"),
    **{f"{_stage}_{name}": "int[]" for _stage in _STAGES for name in ("priorities", "lows", "highs")},
    "shut_passes": "int[]",
    "have": "bigint[]",
    "draws": "boolean[]",
}
CLAIM_ANY: Final = Statement("work_claim", CLAIM.replace("<not shut>", "true"), **_TYPES)
CLAIM_NOT_SHUT: Final = Statement("work_claim_not_shut", CLAIM.replace("<not shut>", NOT_SHUT), **_TYPES)


def items_claim(
    *,
    dataset: Dataset,
    user: User,
    role: Role,
    count: int,
    kinds: Sequence[PassKind] | None = None,
    have: Sequence[int] = (),
) -> list[int]:
    """Ids of up to ``count`` items that this person now holds, in the order to work on them.

    First what they hold already or have a draft for (without ``have``, the ids that the page shows), so that
    a reload goes on where it was; then what is reserved for them, the most urgent first; then free items: nobody
    holds them, or the lease ran out. A share lock on the membership row makes a deactivation and a pause wait for a
    claim under way, and gives nothing to somebody already deactivated or paused. A person holds at most MOST_HELD
    items of a dataset. May return fewer than there are: see LOOK.

    In the order "learning" each face for first labels is drawn from the random slice with the probability
    ``policy.random_share`` and comes from the highest level otherwise; where one of the two has nothing for this
    person, it comes from the other. Gold takes the place of ``policy.gold_share`` of the free items.

    Nothing at all before the tutorial where the policy asks for it (``selectors.tutorial``).

    In the distribution "even" free items are handed out as far as the others are along (``services.even``); what a
    person holds or has reserved they get in any case.
    """
    allowed = [kind for kind in kinds_for(role) if kinds is None or kind in kinds]
    policy = dataset.policy.policy if dataset.policy else Policy()
    asked = 0 if tutorial_is_due(dataset=dataset, user=user, role=role) else min(count, LARGEST_CLAIM)
    if not asked:
        return []
    turn = _Turn(dataset, user, allowed, policy)
    if policy.distribution != "even" and not policy.gold_share:
        return _claim(turn, asked, have=have)  # one statement needs no transaction around it
    with transaction.atomic():
        if policy.distribution != "even":
            return _claim(turn, asked, have=have)
        return _claim_evenly(turn, asked, have=have)


def _claim_evenly(turn: _Turn, asked: int, *, have: Sequence[int]) -> list[int]:
    """What the person holds or has reserved in any case, and free items as far as the others are along."""
    dataset, user = turn.dataset, turn.user
    even_lock(dataset=dataset, user=user)
    kept = _claim(turn, asked, have=have, free=0)
    rest = claim_evenly(
        dataset=dataset,
        user=user,
        kinds=turn.kinds,
        asked=asked - len(kept),
        have=[*have, *kept],
        search=lambda beside, most, shut: _claim(turn, most, have=beside, shut=shut),
    )
    return [*kept, *rest]


class _Turn(NamedTuple):
    """Who claims what."""

    dataset: Dataset
    user: User
    kinds: list[PassKind]
    policy: Policy


def _claim(
    turn: _Turn,
    asked: int,
    *,
    have: Sequence[int],
    free: int | None = None,
    shut: Sequence[tuple[PassKind, int]] | None = None,
) -> list[int]:
    """One claim of at most ``asked`` items, of which ``free`` may be other than held or reserved ones.

    Without free ones, drafts of items that the person no longer holds are left alone too. ``shut``: passes of which
    nothing is to be handed out; None does not even ask. While passes are shut a claim looks at LOOK candidates in a
    range and at no more: past them lie, most likely, others that are shut, and the next claim starts elsewhere.
    """
    policy = turn.policy
    kinds = [kind for kind in turn.kinds if kind == PassKind.CHECK or (kind, 0) not in (shut or ())]
    stages = _stages(kinds=kinds, is_learning=policy.order == "learning")
    draws = [stages.chance != [] and _is_chance(policy.random_share) for _ in range(asked)]
    parameters: dict[str, Any] = {
        "dataset": turn.dataset.pk,
        "user": turn.user.pk,
        "everywhere": turn.user.is_superuser,
        "kinds": [kind.value for kind in turn.kinds],
        "have": list(have),
        "count": asked,
        "free": asked if free is None else free,
        "with_drafts": free != 0,
        "most_held": MOST_HELD,
        "draws": draws,
        "minutes": policy.lease_minutes,
        **_range_parameters(stages),
    }
    statement = CLAIM_ANY
    if shut is not None:
        statement = CLAIM_NOT_SHUT
        parameters["shut_kinds"] = [kind.value for kind, _ in shut]
        parameters["shut_passes"] = [number for _, number in shut]
    for look in (LOOK,) if shut or free == 0 else (LOOK, None):
        if claimed := statement.rows(**parameters, look=look):
            break
    ids = _in_order(claimed, draws)
    if policy.gold_share:
        fresh = [pk for stage, _, pk in claimed if stage > RESERVED_STAGE]
        gold_mix(dataset=turn.dataset, user=turn.user, fresh=fresh, share=policy.gold_share)
    return ids


Place = tuple[PassKind, Priority]


class _Stages(NamedTuple):
    """What a claim looks through: before first labels, the random slice as often as drawn, and everything else."""

    first: list[Place]
    chance: list[Place]
    rest: list[Place]


def _stages(*, kinds: Sequence[PassKind], is_learning: bool) -> _Stages:
    """Kinds and levels in the order to search them.

    In both orders a person's word comes first: URGENT items of every kind before all others, LATER ones after them.
    By arrival: what is doubted, of every kind; levels of the other order are there for the moment after a
    change of the policy. By learning: what is nearest to being finished, then faces for first labels by level.
    """
    by_level = [Priority.DOUBTFUL, *reversed(LEARN_LEVELS), Priority.NORMAL, Priority.RANDOM]
    urgent = [(kind, Priority.URGENT) for kind in kinds]
    later = [(kind, Priority.LATER) for kind in kinds]
    if is_learning:
        first: list[Place] = []
        chance: list[Place] = []
        rest: list[Place] = []
        for kind in kinds:
            if kind == PassKind.ANNOTATE:
                chance = [(kind, Priority.RANDOM)]
                rest += [(kind, level) for level in by_level]
            elif PassKind.ANNOTATE in kinds and KINDS_IN_ORDER.index(kind) > FIRST_LABELS:
                rest += [(kind, level) for level in (Priority.DOUBTFUL, Priority.NORMAL)]
            else:
                first += [(kind, level) for level in (Priority.DOUBTFUL, Priority.NORMAL)]
        return _Stages(urgent + sorted(first, key=lambda place: -place[1]), chance, rest + later)
    doubted = [(kind, Priority.DOUBTFUL) for kind in kinds]
    others = [
        (kind, level)
        for kind in kinds
        for level in (Priority.NORMAL, *(NOT_ARRIVAL if kind == PassKind.ANNOTATE else ()))
    ]
    return _Stages([], [], urgent + doubted + others + later)


def _range_parameters(stages: _Stages) -> dict[str, Any]:
    """Each place as one or two ranges of buckets.

    Each claim starts at a bucket drawn anew and goes round once: many people do not try to lock the same rows,
    nobody looks at the same rows each time, and the index is not worn at one place.
    """
    start = secrets.randbelow(BUCKETS)
    round_once = [(low, high) for low, high in ((start, BUCKETS - 1), (0, start - 1)) if low <= high]
    parameters: dict[str, Any] = {}
    for name, places in stages._asdict().items():
        ranges = [(kind, level, low, high) for kind, level in places for low, high in round_once]
        parameters[f"{name}_kinds"] = [kind.value for kind, *_ in ranges]
        parameters[f"{name}_priorities"] = [int(level) for _, level, *_ in ranges]
        parameters[f"{name}_lows"] = [low for *_, low, _ in ranges]
        parameters[f"{name}_highs"] = [high for *_, high in ranges]
    return parameters


def _is_chance(share: float) -> bool:
    return secrets.randbelow(CHANCE_STEPS) < share * CHANCE_STEPS


def _in_order(claimed: list[tuple[int, int, int]], draws: list[bool]) -> list[int]:
    """Ids in the order to work on them; those of the random slice stand where they were drawn."""
    stages: dict[int, list[int]] = {stage: [] for stage in range(5)}
    for stage, _, pk in sorted(claimed):
        stages[stage].append(pk)
    held, reserved, first, chance, rest = (stages[stage] for stage in range(5))
    mixed = [source.pop(0) for is_chance in draws if (source := chance if is_chance else rest)]
    return [*held, *reserved, *first, *mixed, *chance, *rest]
