"""How unsure a machine is about one face, as one number for every provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jfa_pipeline.coarse.protocol import CoarseFace

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


def _guessed(face: CoarseFace) -> Mapping[str, float]:
    score = min(1.0, max(0.0, face.score))
    told = {"detection": 1 - abs(2 * score - 1)}
    if face.point_spread_box is not None:
        told["landmarks"] = float(face.point_spread_box.mean())
    return told
