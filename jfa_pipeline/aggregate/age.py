"""Apparent age of a face from the ages that different people gave (J07, T47)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

TYPICAL_FREEDOM: Final = 2


@dataclass(frozen=True, slots=True)
class AgeSummary:
    """Years. ``sd`` is the sample standard deviation (n - 1): None for one age. No ages: mean is None too."""

    mean: float | None
    sd: float | None
    n: int

    def standard_error(self, typical_sd: float) -> float | None:
        """Of the mean, in years; None without ages.

        Two or three ages say little about their own spread, so it is mixed with ``typical_sd``, the spread between
        people on other faces, as if that had been seen with two degrees of freedom.
        """
        if self.n == 0:
            return None
        own = 0.0 if self.sd is None else (self.n - 1) * self.sd**2
        return math.sqrt((own + TYPICAL_FREEDOM * typical_sd**2) / (self.n - 1 + TYPICAL_FREEDOM) / self.n)


def wants_another_age(ages: AgeSummary, *, error_max: float, people_max: int, typical_sd: float) -> bool:
    """The stop rule: one more person is asked until the standard error is at most ``error_max``, or ``people_max``
    people were asked."""
    error = ages.standard_error(typical_sd)
    return ages.n < people_max and (error is None or error > error_max)


def summarise_ages(ages: Iterable[float]) -> AgeSummary:
    """Plain mean, sample standard deviation and number of the ages that people gave (J07: plain mean).

    Raises ValueError for an age outside 0-100: such a label should never have been saved.
    """
    given = [float(age) for age in ages]
    for age in given:
        if not (math.isfinite(age) and 0 <= age <= 100):
            raise ValueError(f"Apparent age is a number of years from 0 to 100, got {age}.")
    if not given:
        return AgeSummary(mean=None, sd=None, n=0)
    sd = statistics.stdev(given) if len(given) > 1 else None
    return AgeSummary(mean=statistics.fmean(given), sd=sd, n=len(given))
