"""Apparent age of a face from the ages that different people gave (J07, T47)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgeSummary:
    """Years. ``sd`` is the sample standard deviation (n - 1): None for one age. No ages: mean is None too."""

    mean: float | None
    sd: float | None
    n: int


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
