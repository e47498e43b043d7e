"""When a network that was trained in stages may be used (T24): the words of the alternating scheme, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

JOINT: Final = "S1"
DETECTOR: Final = "S2"
AFTER_DETECTOR: Final = frozenset({"S3", "S4"})
"""What has to follow S2: it moves the stem under the landmark and attribute nets, which are stale until then."""


def is_promotable(stages: Sequence[str]) -> bool:
    """True if no part of a network that went through these stages since its start, oldest first, is stale (T24).

    S1 trains everything, and every network begins with it. After S2 both S3 and S4 have to follow. S3 or S4
    alone, on top of weights that were whole, leave them whole: new landmark labels alone need only S3.
    """
    if JOINT not in stages:
        return False
    for place in range(len(stages) - 1, -1, -1):
        if stages[place] == JOINT:
            return True
        if stages[place] == DETECTOR:
            return set(stages[place + 1 :]) >= AFTER_DETECTOR
    return True
