"""How unsure a machine is about one face, as one number for every provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.coarse.protocol import CoarseFace
from jfa_pipeline.core.ibug68 import POINTS

HALF: Final = {"landmarks": 0.03, "age": 0.5, "gender": 0.35, "ethnicity": 0.55}
"""The raw uncertainty of each task that counts as one half.

landmarks: mean spread in square roots of the box area; 0.03 is about what two people differ by. age: SD over
10 years. gender, ethnicity: nats, half the entropy of a coin and of three equal classes. Detection, which is
1 - |2p - 1|, already lies between 0 and 1 and is taken as it is.
"""


def face_uncertainty(face: CoarseFace) -> float:
    """The mean over tasks of each task's uncertainty, squashed to [0, 1): u / (u + HALF); 0 is certain.

    A provider that tells no uncertainties (``CoarseFace.uncertainty``) is judged by its score and by how far its
    points wander. Values of two providers are comparable in order of size only.
    """
    told = face.uncertainty or _guessed(face)
    values = [
        value if task not in HALF else value / (value + HALF[task])
        for task, value in told.items()
        if value >= 0
    ]
    return float(sum(values) / len(values)) if values else 0.0


SPREAD_UNIT: Final = 0.001
"""Of the square root of the box area: the unit of stored spreads, one byte a point."""

UNCERTAIN_FROM: Final = 0.015
"""A point that wanders less than this is never marked. On 36 faces of real photographs half of the packaged provider's
points wander less than 0.0035, nine of ten less than 0.014."""

UNCERTAIN_ALWAYS: Final = 0.06
"""Twice what two people differ by: marked in any face."""

UNCERTAIN_TIMES: Final = 1.5
"""Between the two, a point is marked that wanders so many times as far as the face's median point."""

UNCERTAIN_MOST: Final = 12
"""More marks than this in one face say nothing; the widest-wandering points are kept."""


def spread_stored(spread_box: NDArray[np.float32] | None) -> NDArray[np.uint8] | None:
    """(68,) spreads in square roots of the box area as bytes in SPREAD_UNIT, at most 255; None stays None.

    A spread that is not finite counts as the largest.
    """
    if spread_box is None or spread_box.shape != (POINTS,):
        return None
    steps = np.nan_to_num(np.rint(spread_box / SPREAD_UNIT), nan=255.0, posinf=255.0)
    return np.asarray(np.clip(steps, 0, 255), dtype=np.uint8)


def uncertain_points(stored: NDArray[np.uint8] | None) -> list[int]:
    """The points that a person should look at first, in order of index, from ``spread_stored``.

    A steady face has none. Models differ in how far their points wander, so what counts is what stands out of the
    face, within absolute bounds.
    """
    if stored is None:
        return []
    limit = min(
        UNCERTAIN_ALWAYS, max(UNCERTAIN_FROM, UNCERTAIN_TIMES * float(np.median(stored)) * SPREAD_UNIT)
    )
    found = np.flatnonzero(stored >= limit / SPREAD_UNIT - 1e-6)
    if len(found) > UNCERTAIN_MOST:
        found = found[np.argsort(-stored[found].astype(int), kind="stable")[:UNCERTAIN_MOST]]
    return sorted(int(index) for index in found)


def _guessed(face: CoarseFace) -> Mapping[str, float]:
    score = min(1.0, max(0.0, face.score))
    told = {"detection": 1 - abs(2 * score - 1)}
    if face.point_spread_box is not None:
        told["landmarks"] = float(face.point_spread_box.mean())
    return told
