"""Age bands: the groups by apparent age that datasets and models are looked at in."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

BAND_STARTS: Final = (0, 13, 20, 35, 50, 65)
"""First whole year of each band; the last one has no end."""

AGE_BANDS: Final = ("0-12", "13-19", "20-34", "35-49", "50-64", "65+")


def age_band(age: float) -> str:
    """The band of an apparent age in years: 12.9 is in "0-12". Raises ValueError for a negative or NaN age."""
    if not age >= 0:
        raise ValueError(f"{age} is no age in years.")
    return AGE_BANDS[bisect_right(BAND_STARTS, age) - 1]
