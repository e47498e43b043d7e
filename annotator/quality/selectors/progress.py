"""Progress: what is done and left by pass, person and day, when it will be finished, and who checks whom.

From tallies, the leases there are, and a bounded number of the newest checks: nothing here reads a row per face.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from django.db import connection

from annotator.datasets.models import Dataset, Membership
from annotator.quality.selectors.tallies import DayWork, Tallies, day_work
from annotator.work.models import PassKind
from jfa_pipeline.statistics.forecast import Forecast, finish_forecast

MS_PER_HOUR: Final = 3_600_000
DAYS_SHOWN: Final = 84
WEEKS_SHOWN: Final = 12

NEWEST_CHECKS: Final = 2000
"""Checks of the dataset, newest first, that "who checks whom" is taken over."""

LEASES: Final = """
SELECT leased_to_id, kind, pass_number, count(*) FROM work_workitem
WHERE leased_to_id IS NOT NULL AND dataset_id = %s AND state = 'open' AND gold_id IS NULL AND leased_until > now()
GROUP BY 1, 2, 3
"""

# The order by kind is for the planner: only the index of the newest passes of a kind has it. By id alone it would
# read the passes of all kinds backwards until it has found enough.
PAIRS: Final = """
SELECT a.user_id, c.user_id, count(*), count(*) FILTER (WHERE
    (saved.x1, saved.y1, saved.x2, saved.y2, saved.landmarks, saved.visibility,
     saved.gender, saved.ethnicity, saved.flags)
    IS DISTINCT FROM
    (shown.x1, shown.y1, shown.x2, shown.y2, shown.landmarks, shown.visibility,
     shown.gender, shown.ethnicity, shown.flags))
FROM (
    SELECT face_id, round, user_id, revision_id FROM work_pass
    WHERE dataset_id = %s AND kind BETWEEN 'check' AND 'check' AND counted AND NOT is_gold
    ORDER BY kind, id DESC LIMIT %s
) c
JOIN work_pass a ON a.face_id = c.face_id AND a.round = c.round AND a.kind = 'annotate' AND a.counted AND NOT a.is_gold
JOIN faces_revision saved ON saved.id = c.revision_id
JOIN faces_revision shown ON shown.id = saved.parent_id
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class PassLine:
    """One pass of the dataset. ``open``: nobody holds it. ``per_active_hour``: of passes whose page told a time,
    None where none did. ``people``: who ever did one.
    """

    kind: str
    pass_number: int
    open: int
    leased: int
    done: int
    active_hours: float
    per_active_hour: float | None
    people: int


@dataclass(frozen=True, slots=True)
class DayLine:
    """A UTC day with work: passes by kind, hours at work, people at work. Gold answers are only in hours and people."""

    day: date
    annotate: int
    check: int
    adjudicate: int
    sweep: int
    active_hours: float
    people: int


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A member (or somebody who left) and their passes.

    faces_per_active_hour: of passes on faces whose page told a time, gold among them. weeks: passes in each of the last
    WEEKS_SHOWN weeks (from Monday, UTC), oldest first; weeks_per_hour: their faces per active hour, None without.
    """

    user_id: int
    username: str
    name: str
    role: str | None
    is_active: bool
    leased: int
    annotate: int
    check: int
    adjudicate: int
    sweep: int
    active_hours: float
    faces_per_active_hour: float | None
    first_day: date | None
    last_day: date | None
    weeks: list[int]
    weeks_per_hour: list[float | None]

    @property
    def passes(self) -> int:
        return self.annotate + self.check + self.adjudicate + self.sweep


@dataclass(frozen=True, slots=True)
class PairLine:
    """checker checked ``checks`` faces that author had labelled, and changed anything but the age on ``corrected``.

    Compared with what the checker was shown, which an earlier checker may have corrected already.
    """

    author_id: int
    checker_id: int
    checks: int
    corrected: int


@dataclass(slots=True)
class _Sum:
    """Passes (without gold), and faces and hours of those whose page told a time (with gold)."""

    by_kind: Counter[str] = field(default_factory=Counter)
    timed_faces: int = 0
    face_ms: int = 0
    active_ms: int = 0
    first_day: date = date.max
    last_day: date = date.min
    people: set[int] = field(default_factory=set)

    def add(self, work: DayWork) -> None:
        if not work.is_gold:
            self.by_kind[work.kind] += work.n
        if work.kind != PassKind.SWEEP:
            self.timed_faces += work.timed
            self.face_ms += work.active_ms
        self.active_ms += work.active_ms
        self.first_day = min(self.first_day, work.first_day)
        self.last_day = max(self.last_day, work.day)
        self.people.add(work.user_id)

    @property
    def active_hours(self) -> float:
        return self.active_ms / MS_PER_HOUR

    @property
    def faces_per_active_hour(self) -> float | None:
        return self.timed_faces * MS_PER_HOUR / self.face_ms if self.face_ms else None


def lease_counts(*, dataset: Dataset) -> dict[tuple[int, str, int], int]:
    """Items held now by (user, kind, pass number). One query over the leases there are."""
    with connection.cursor() as cursor:
        cursor.execute(LEASES, [dataset.pk])
        return {(user, kind, number): n for user, kind, number, n in cursor.fetchall()}


def pass_lines(
    *, counted: Tallies, leases: dict[tuple[int, str, int], int], work: Iterable[DayWork]
) -> list[PassLine]:
    """A line for each pass that ever had an item, in the order of a face's life."""
    held: Counter[tuple[str, int]] = Counter()
    for (_, kind, number), n in leases.items():
        held[kind, number] += n
    sums: defaultdict[tuple[str, int], _Sum] = defaultdict(_Sum)
    timed: Counter[tuple[str, int]] = Counter()
    for one in work:
        if not one.is_gold:
            sums[one.kind, one.pass_number].add(one)
            timed[one.kind, one.pass_number] += one.timed
    keys = {(kind, number) for _, kind, number, _ in counted.keys("item_open", "item_done", "item_cancelled")}
    lines = []
    for kind, number in sorted(keys, key=lambda key: (PassKind.values.index(key[0]), key[1])):
        total = counted.of("item_open", kind, number)
        # A lease that was taken between the two reads must not make a number negative.
        leased = min(held[kind, number], total)
        spent = sums[kind, number]
        lines.append(
            PassLine(
                kind=kind,
                pass_number=number,
                open=total - leased,
                leased=leased,
                done=counted.of("item_done", kind, number),
                active_hours=spent.active_hours,
                per_active_hour=timed[kind, number] / spent.active_hours if spent.active_ms else None,
                people=len(spent.people),
            )
        )
    return lines


def day_lines(*, work: Iterable[DayWork], today: date) -> list[DayLine]:
    """The days with work among the last DAYS_SHOWN, today included, oldest first."""
    since = today - timedelta(days=DAYS_SHOWN - 1)
    sums: defaultdict[date, _Sum] = defaultdict(_Sum)
    for one in work:
        if one.day >= since:
            sums[one.day].add(one)
    return [
        DayLine(
            day=day,
            **{kind: sums[day].by_kind[kind] for kind in PassKind.values},
            active_hours=sums[day].active_hours,
            people=len(sums[day].people),
        )
        for day in sorted(sums)
    ]


def person_lines(
    *, dataset: Dataset, leases: dict[tuple[int, str, int], int], work: Iterable[DayWork], today: date
) -> list[PersonLine]:
    """Every member, active ones first, by user name. One query."""
    held: Counter[int] = Counter()
    for (user, _, _), n in leases.items():
        held[user] += n
    first_week = weeks_shown(today)[0]
    sums: defaultdict[int, _Sum] = defaultdict(_Sum)
    weeks: defaultdict[int, list[_Sum]] = defaultdict(lambda: [_Sum() for _ in range(WEEKS_SHOWN)])
    for one in work:
        sums[one.user_id].add(one)
        if one.day >= first_week:
            weeks[one.user_id][(one.day - first_week).days // 7].add(one)
    members = Membership.objects.filter(dataset=dataset).select_related("user")
    return [
        PersonLine(
            user_id=member.user_id,
            username=member.user.username,
            name=member.user.display_name,
            role=member.role,
            is_active=member.is_active and member.user.is_active,
            leased=held[member.user_id],
            **{kind: total.by_kind[kind] for kind in PassKind.values},
            active_hours=total.active_hours,
            faces_per_active_hour=total.faces_per_active_hour,
            first_day=total.first_day if total.people else None,
            last_day=total.last_day if total.people else None,
            weeks=[week.by_kind.total() for week in weeks[member.user_id]],
            weeks_per_hour=[week.faces_per_active_hour for week in weeks[member.user_id]],
        )
        for member in members.order_by("-is_active", "user__username")
        for total in [sums[member.user_id]]
    ]


def weeks_shown(today: date) -> list[date]:
    """The Mondays of the last WEEKS_SHOWN weeks, this one included."""
    this_week = today - timedelta(days=today.weekday())
    return [this_week - timedelta(weeks=back) for back in reversed(range(WEEKS_SHOWN))]


def work_shown(*, dataset: Dataset, today: date) -> list[DayWork]:
    """What the page needs of everybody's days: single ones as far back as it shows them, the rest added up."""
    return day_work(dataset=dataset, since=today - timedelta(days=DAYS_SHOWN))


def remaining_passes(*, counted: Tallies, checks: int) -> int:
    """Passes until every image and face that is known now is finished.

    Open items, the checks that follow them, and disputes at the rate of the checks so far. Faces that nobody has
    found yet (on images without pre-labels, or drawn in sweeps) are not known.
    """
    annotate = counted.of("item_open", PassKind.ANNOTATE)
    first_labels = annotate * (1 + checks)
    open_checks = following = 0
    for _, kind, number, n in counted.keys("item_open"):
        if kind == PassKind.CHECK:
            open_checks += n
            following += n * max(0, checks - number)
    checks_left = annotate * checks + open_checks + following
    done = sum(n for _, kind, _, n in counted.keys("item_done") if kind == PassKind.CHECK)
    disputes = counted.by_value("item_done")[PassKind.ADJUDICATE]
    disputed_share = min(1.0, disputes / done) if done else 0.0
    waiting = counted.by_value("item_open")
    rest = waiting[PassKind.ADJUDICATE] + waiting[PassKind.SWEEP]
    return first_labels + open_checks + following + rest + round(disputed_share * checks_left)


def forecast(*, counted: Tallies, work: Iterable[DayWork], checks: int, today: date) -> Forecast:
    """When the passes that remain will be done at the pace of the last weeks."""
    by_day: Counter[date] = Counter()
    for one in work:
        if not one.is_gold:
            by_day[one.day] += one.n
    return finish_forecast(
        done_by_day=by_day, remaining=remaining_passes(counted=counted, checks=checks), today=today
    )


def pair_lines(*, dataset: Dataset) -> list[PairLine]:
    """Who checked whose first labels, over the NEWEST_CHECKS checks. One query."""
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, [dataset.pk, NEWEST_CHECKS])
        return [PairLine(*row) for row in cursor.fetchall()]
