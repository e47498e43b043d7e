"""The progress page as tables for spreadsheets; hours and days as on the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership
from annotator.quality.selectors import progress
from annotator.quality.selectors.tallies import DayWork, day_work, tallies

Rows = Iterator[tuple[Any, ...]]

PEOPLE_COLUMNS: Final = (
    "user_id", "username", "name", "role", "is_active", "kind", "pass_number", "passes", "active_hours",
    "first_day", "last_day",
)  # fmt: skip
PASS_COLUMNS: Final = (
    "kind", "pass_number", "open", "leased", "done", "active_hours", "per_active_hour", "people",
)  # fmt: skip
DAY_COLUMNS: Final = ("day", "user_id", "username", "kind", "pass_number", "passes", "active_hours")
PAIR_COLUMNS: Final = (
    "author_id", "author", "checker_id", "checker", "checks", "corrected", "corrected_share",
)  # fmt: skip


def people_rows(dataset: Dataset, today: date) -> Rows:
    """One row per person, kind and pass number; gold answers are not in it."""
    members = {member.user_id: member for member in Membership.objects.filter(dataset=dataset)}
    sums: defaultdict[tuple[int, str, int], list[DayWork]] = defaultdict(list)
    for one in day_work(dataset=dataset):
        if not one.is_gold:
            sums[one.user_id, one.kind, one.pass_number].append(one)
    users = User.objects.in_bulk({user for user, _, _ in sums})
    for (user, kind, number), days in sorted(
        sums.items(), key=lambda entry: (users[entry[0][0]].username, *entry[0][1:])
    ):
        member = members.get(user)
        yield (
            user,
            users[user].username,
            users[user].display_name,
            "" if member is None else member.role,
            member is not None and member.is_active,
            kind,
            number,
            sum(day.n for day in days),
            _hours(sum(day.active_ms for day in days)),
            min(day.first_day for day in days).isoformat(),
            max(day.day for day in days).isoformat(),
        )


def pass_rows(dataset: Dataset, today: date) -> Rows:
    """One row per pass: what waits, is held and done."""
    for line in progress.pass_lines(
        counted=tallies(dataset=dataset),
        leases=progress.lease_counts(dataset=dataset),
        work=progress.work_shown(dataset=dataset, today=today),
    ):
        speed = None if line.per_active_hour is None else round(line.per_active_hour, 1)
        numbers = (line.open, line.leased, line.done, round(line.active_hours, 3), speed, line.people)
        yield (line.kind, line.pass_number, *numbers)


def day_rows(dataset: Dataset, today: date) -> Rows:
    """One row per UTC day, person, kind and pass number, since the beginning; without gold answers."""
    work = [one for one in day_work(dataset=dataset) if not one.is_gold]
    names = _usernames({one.user_id for one in work})
    for one in sorted(work, key=lambda one: (one.day, names[one.user_id], one.kind, one.pass_number)):
        yield (
            one.day.isoformat(),
            one.user_id,
            names[one.user_id],
            one.kind,
            one.pass_number,
            one.n,
            _hours(one.active_ms),
        )


def pair_rows(dataset: Dataset, today: date) -> Rows:
    """Who checked whose first labels, over the newest checks."""
    pairs = progress.pair_lines(dataset=dataset)
    names = _usernames({user for pair in pairs for user in (pair.author_id, pair.checker_id)})
    for pair in pairs:
        author, checker = names[pair.author_id], names[pair.checker_id]
        share = round(pair.corrected / pair.checks, 4)
        yield (pair.author_id, author, pair.checker_id, checker, pair.checks, pair.corrected, share)


TABLES: Final[dict[str, tuple[tuple[str, ...], Callable[[Dataset, date], Rows]]]] = {
    "people": (PEOPLE_COLUMNS, people_rows),
    "passes": (PASS_COLUMNS, pass_rows),
    "days": (DAY_COLUMNS, day_rows),
    "pairs": (PAIR_COLUMNS, pair_rows),
}


def _hours(milliseconds: int) -> float:
    return round(milliseconds / progress.MS_PER_HOUR, 3)


def _usernames(users: set[int]) -> dict[int, str]:
    return dict(User.objects.filter(pk__in=users).values_list("pk", "username"))
