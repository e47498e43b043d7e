"""What one answer to a lesson got right: each part of a face beside the trusted labels, in units of the face."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.boxes import iou
from jfa_pipeline.core.ibug68 import REGIONS
from jfa_pipeline.core.labels import HIDDEN, MISSING, VISIBLE, FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.skill import displacements_box

Verdict = Literal["right", "near", "off"]
VERDICTS: Final = ("right", "near", "off")
PARTS: Final = ("box", "landmarks", *REGIONS, "hidden", "age", "gender", "ethnicity", "flags")
"""What a finding can be about. landmarks: they are there on one side only. hidden: the points marked so."""

COMFORTABLE: Final = 0.5
"""Up to this part of what the policy tolerates an answer is right; from there to the limit it is near."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of an answer beside the truth.

    part: of PARTS. verdict: right, near (the policy still takes it) or off. box_iou: of the box. distance: mean
    point distance of a region; right, down: the mean displacement along the true face's own axes; all three in true
    box sides. points: how many points of the region are further off than the policy's tolerance, or are marked
    hidden on one side only. years: given minus true. given, expected: words; flags each on their own; "present" and
    "absent" for landmarks.
    """

    part: str
    verdict: Verdict
    box_iou: float | None = None
    distance: float | None = None
    right: float | None = None
    down: float | None = None
    points: int | None = None
    years: float | None = None
    given: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()


def findings(given: FaceLabels, truth: FaceLabels, policy: Policy) -> list[Finding]:
    """Every part that the true labels of the face have, in the order of PARTS; pixels of the same upright image.

    Measured against the policy's own tolerances: ``box_iou_min``, ``landmark_nme_max`` with ``region_nme_max``,
    ``gold_age_years_max``. Words and flags are right or not; "cannot tell" beside a word, or the other way, is near.
    """
    return [
        _box(given, truth, policy),
        *_landmarks(given, truth, policy),
        *_age(given, truth, policy),
        *_words(given, truth, policy),
        _flags(given, truth),
    ]


def _box(given: FaceLabels, truth: FaceLabels, policy: Policy) -> Finding:
    overlap = float(iou(given.box, truth.box))
    return Finding("box", _verdict(1 - overlap, 1 - policy.box_iou_min), box_iou=overlap)


def _landmarks(given: FaceLabels, truth: FaceLabels, policy: Policy) -> list[Finding]:
    if (given.landmarks is None) != (truth.landmarks is None):
        words = ("present",), ("absent",)
        there, wanted = words if truth.landmarks is None else words[::-1]
        return [Finding("landmarks", "off", given=there, expected=wanted)]
    if given.landmarks is None or truth.landmarks is None:
        return []
    assert given.visibility is not None  # noqa: S101  # FaceLabels: with landmarks
    assert truth.visibility is not None  # noqa: S101  # the same
    side = math.sqrt(truth.box.width * truth.box.height)
    apart = given.landmarks.astype(np.float64) - truth.landmarks.astype(np.float64)
    distances: NDArray[np.float64] = np.linalg.norm(apart, axis=1) / side
    moved = displacements_box(given, truth)
    placed = (given.visibility != MISSING) & (truth.visibility != MISSING)
    found = []
    for (name, points), (right, down) in zip(REGIONS.items(), moved, strict=True):
        limit = policy.region_nme_max.get(name, policy.landmark_nme_max)
        chosen = [point for point in points if placed[point]]
        gone = sum((given.visibility[p] == MISSING) != (truth.visibility[p] == MISSING) for p in points)
        if not chosen:
            if gone:
                found.append(Finding(name, "off", points=int(gone)))
            continue
        mean = float(distances[chosen].mean())
        far = int((distances[chosen] > limit).sum()) + int(gone)
        verdict = "off" if gone else _verdict(mean, limit)
        found.append(Finding(name, verdict, distance=mean, right=float(right), down=float(down), points=far))
    return [*found, *_hidden(given.visibility, truth.visibility)]


def _hidden(given: NDArray[np.uint8], truth: NDArray[np.uint8]) -> list[Finding]:
    """Only where somebody marked a point hidden: most faces have none."""
    seen = (VISIBLE, HIDDEN)
    both = np.isin(given, seen) & np.isin(truth, seen)
    differ = int((both & (given != truth)).sum())
    if not differ and not (truth == HIDDEN).any():
        return []
    return [Finding("hidden", "near" if differ else "right", points=differ)]


def _age(given: FaceLabels, truth: FaceLabels, policy: Policy) -> list[Finding]:
    if truth.age is None:
        return []
    expected = (f"{truth.age:g}",)
    if given.age is None:
        return [Finding("age", "off", expected=expected)]
    years = given.age - truth.age
    verdict = _verdict(abs(years), policy.gold_age_years_max)
    return [Finding("age", verdict, years=years, given=(f"{given.age:g}",), expected=expected)]


def _words(given: FaceLabels, truth: FaceLabels, policy: Policy) -> list[Finding]:
    found = []
    for part, said, right in (
        ("gender", given.gender, truth.gender),
        ("ethnicity", given.ethnicity, truth.ethnicity),
    ):
        if right is None:
            continue
        verdict: Verdict = "right" if said == right else "off"
        if said is not None and said != right and policy.cannot_tell in (said, right):
            verdict = "near"
        found.append(Finding(part, verdict, given=() if said is None else (said,), expected=(right,)))
    return found


def _flags(given: FaceLabels, truth: FaceLabels) -> Finding:
    verdict: Verdict = "right" if given.flags == truth.flags else "off"
    return Finding("flags", verdict, given=tuple(sorted(given.flags)), expected=tuple(sorted(truth.flags)))


def _verdict(error: float, limit: float) -> Verdict:
    if error <= COMFORTABLE * limit:
        return "right"
    return "near" if error <= limit else "off"
