"""Whether two people's labels of one face agree within a policy's thresholds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from jfa_pipeline.core.boxes import iou
from jfa_pipeline.core.ibug68 import REGIONS
from jfa_pipeline.core.labels import MISSING, FaceLabels
from jfa_pipeline.core.policy import Policy

BOX: Final = "box"
LANDMARKS: Final = "landmarks"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far apart two sets of labels are.

    box_iou: in [0, 1]. landmark_nme_box: mean point distance divided by the square root of the mean of both
    box areas, over points placed in both; None where either has no landmarks or no point is placed in both.
    landmark_nme_box_by_region: the same for each iBUG region that has such points. differing: the labels
    that break the policy's thresholds, among box, landmarks, gender, ethnicity, flags; never age.
    reasons: one sentence for each of them.
    """

    box_iou: float
    landmark_nme_box: float | None
    landmark_nme_box_by_region: dict[str, float]
    differing: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """True if nothing differs by more than the policy allows."""
        return not self.differing


def compare(
    a: FaceLabels, b: FaceLabels, policy: Policy, *, region_nme_max: Mapping[str, float] | None = None
) -> Agreement:
    """Compare two labellings of the same face; symmetric in ``a`` and ``b`` but for the sentences' order.

    Boxes agree at IoU >= policy.box_iou_min, landmarks at NME <= policy.landmark_nme_max with the same
    points removed; gender, ethnicity and flags agree only when equal. Apparent age is asked blind and
    averaged over people (J07), so it is never compared. region_nme_max: tolerances for single regions, in box
    sides, on top of the whole face's; without it those of the policy.
    """
    limits = policy.region_nme_max if region_nme_max is None else region_nme_max
    reasons: dict[str, str] = {}
    box_iou = iou(a.box, b.box)
    if box_iou < policy.box_iou_min:
        reasons[BOX] = (
            f"The boxes overlap with an IoU of {box_iou:.2f}; "
            f"the policy asks for at least {policy.box_iou_min:g}."
        )
    overall, by_region = _landmark_nme_box(a, b)
    if (a.landmarks is None) != (b.landmarks is None):
        reasons[LANDMARKS] = "One labelling has landmarks, the other has none."
    elif gone := _removed_in_one(a, b):
        reasons[LANDMARKS] = f"{gone} landmark points are removed in one labelling and placed in the other."
    elif overall is not None and overall > policy.landmark_nme_max:
        worst = max(by_region, key=lambda region: by_region[region])
        reasons[LANDMARKS] = (
            f"The landmarks lie {overall:.3f} box sides apart on average (most in the {worst}); "
            f"the policy allows {policy.landmark_nme_max:g}."
        )
    elif wide := _wide_regions(by_region, limits):
        parts = [f"{by_region[name]:.3f} in the {name} (allowed {limit:.3f})" for name, limit in wide.items()]
        reasons[LANDMARKS] = f"Landmarks lie too far apart, in box sides: {', '.join(parts)}."
    for label in ("gender", "ethnicity"):
        first, second = getattr(a, label), getattr(b, label)
        if first != second:
            reasons[label] = f"The {label} differs: {first or 'none'} and {second or 'none'}."
    if a.flags != b.flags:
        only = ", ".join(sorted(a.flags ^ b.flags))
        reasons["flags"] = f"Only one labelling carries: {only}."
    return Agreement(
        box_iou=box_iou,
        landmark_nme_box=overall,
        landmark_nme_box_by_region=by_region,
        differing=tuple(reasons),
        reasons=tuple(reasons.values()),
    )


def _wide_regions(by_region: Mapping[str, float], limits: Mapping[str, float]) -> dict[str, float]:
    """The limits of the regions that exceed theirs."""
    return {name: limit for name, limit in limits.items() if by_region.get(name, 0.0) > limit}


def _removed_in_one(a: FaceLabels, b: FaceLabels) -> int:
    if a.visibility is None or b.visibility is None:
        return 0
    return int(((a.visibility == MISSING) != (b.visibility == MISSING)).sum())


def _landmark_nme_box(a: FaceLabels, b: FaceLabels) -> tuple[float | None, dict[str, float]]:
    """Overall and per region error over the points placed in both, divided by sqrt(mean box area)."""
    if a.landmarks is None or b.landmarks is None or a.visibility is None or b.visibility is None:
        return None, {}
    placed = (a.visibility != MISSING) & (b.visibility != MISSING)
    if not placed.any():
        return None, {}
    scale = math.sqrt((a.box.width * a.box.height + b.box.width * b.box.height) / 2)
    distances = (
        np.linalg.norm(a.landmarks.astype(np.float64) - b.landmarks.astype(np.float64), axis=1) / scale
    )
    by_region = {
        name: float(distances[chosen].mean())
        for name, points in REGIONS.items()
        if (chosen := [i for i in points if placed[i]])
    }
    return float(distances[placed].mean()), by_region
