"""When the remaining work will be done, from how much was done on each of the last days.

A double bootstrap. Each simulation first draws a pace: the observed days with replacement, workdays from workdays and
weekends from weekends. It then lets the remaining work go on at days drawn from that pace until nothing is left. The
first draw carries how little a few days say about the pace, the second how uneven days are. Drawing from one fixed
history would leave out the first, which is the larger part. What it cannot know: holidays, people who will come or go,
and busy and quiet months beyond the days observed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

OBSERVED_DAYS: Final = 28
"""The pace is that of the last four weeks, or since the first of them with work, without today."""

LEAST_ACTIVE_DAYS: Final = 5
"""Days with work; with fewer there is no forecast."""

CONFIDENCE: Final = 0.9
LONGEST_DAYS: Final = 5 * 365
SIMULATIONS: Final = 500
CHUNK_DAYS: Final = 28

State = Literal["finished", "estimated", "too_few_days"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day on which nothing is left, with an interval that holds it with the probability CONFIDENCE.

    pace: units a day, the mean over all ``days`` observed, ``active_days`` of which had work. A bound is None if it is
    more than LONGEST_DAYS away; all are None unless the state is "estimated".
    """

    state: State
    remaining: int
    pace: float
    days: int
    active_days: int
    low: date | None = None
    middle: date | None = None
    high: date | None = None


def finish_forecast(
    *, done_by_day: Mapping[date, int], remaining: int, today: date, seed: int = 0
) -> Forecast:
    """Forecast the day on which ``remaining`` units are done.

    done_by_day: units done on each day; absent days are days without work. Today is not over and is left out; work
    goes on tomorrow. The same input gives the same answer. Raises ValueError for a negative number.
    """
    if remaining < 0 or any(done < 0 for done in done_by_day.values()):
        raise ValueError("Work done and remaining cannot be negative.")
    days = _observed(done_by_day, today)
    counts = np.array([done_by_day.get(day, 0) for day in days], dtype=np.float64)
    active = int((counts > 0).sum())
    pace = float(counts.mean()) if days else 0.0
    if remaining == 0:
        return Forecast("finished", 0, pace, len(days), active)
    if active < LEAST_ACTIVE_DAYS:
        return Forecast("too_few_days", remaining, pace, len(days), active)
    is_weekend = np.array([day.weekday() >= 5 for day in days])
    needed = np.sort(_days_needed(counts, is_weekend, remaining, today, np.random.default_rng(seed)))
    tail = (1 - CONFIDENCE) / 2
    low, middle, high = (
        _day_at(needed, share, today, towards_later=share > 0.5) for share in (tail, 0.5, 1 - tail)
    )
    return Forecast("estimated", remaining, pace, len(days), active, low, middle, high)


def _observed(done_by_day: Mapping[date, int], today: date) -> list[date]:
    """The last OBSERVED_DAYS before today, from the first of them on which something was done."""
    window = [today - timedelta(days=back) for back in range(OBSERVED_DAYS, 0, -1)]
    worked = [place for place, day in enumerate(window) if done_by_day.get(day, 0) > 0]
    return window[worked[0] :] if worked else []


def _days_needed(
    counts: NDArray[np.float64],
    is_weekend: NDArray[np.bool_],
    remaining: int,
    today: date,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """(SIMULATIONS,) days from today until the work is done; LONGEST_DAYS + 1 where it takes longer."""
    paces = {}
    for weekend in (False, True):
        alike = counts[is_weekend == weekend]
        known = alike if alike.size else counts
        paces[weekend] = rng.choice(known, (SIMULATIONS, known.size))
    needed = np.full(SIMULATIONS, LONGEST_DAYS + 1)
    left = np.full(SIMULATIONS, float(remaining))
    for start in range(1, LONGEST_DAYS + 1, CHUNK_DAYS):
        done = np.empty((SIMULATIONS, CHUNK_DAYS))
        for place in range(CHUNK_DAYS):
            pace = paces[(today + timedelta(days=start + place)).weekday() >= 5]
            drawn = rng.integers(pace.shape[1], size=(SIMULATIONS, 1))
            done[:, place] = np.take_along_axis(pace, drawn, axis=1)[:, 0]
        total = done.cumsum(axis=1)
        ends = (left > 0) & (total[:, -1] >= left)
        needed[ends] = start + (total[ends] >= left[ends, None]).argmax(axis=1)
        left -= total[:, -1]
        if (left <= 0).all():
            break
    return needed


def _day_at(needed: NDArray[np.int64], share: float, today: date, *, towards_later: bool) -> date | None:
    """The day by which this share of the sorted simulations is done, rounded outwards."""
    place = share * (needed.size - 1)
    days = int(needed[int(np.ceil(place) if towards_later else np.floor(place))])
    return None if days > LONGEST_DAYS else today + timedelta(days=days)
