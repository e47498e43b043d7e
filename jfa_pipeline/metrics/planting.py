"""Wrong labels made from right ones: what a check is tested with, and whether the wrong was put right (issue 6).

Each fault is so large that a careful person must see it and small enough to be a machine's or a tired person's: a box
that overlaps the face too little for the policy, one region of points beside the face, another word, another flag.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.boxes import Box, iou
from jfa_pipeline.core.ibug68 import REGIONS
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import NOT_A_FACE, Policy
from jfa_pipeline.metrics.agreement import region_tolerances
from jfa_pipeline.metrics.skill import ATTRIBUTES

BOX: Final = "box"
FLAGS: Final = "flags"
FAULTS: Final = (BOX, *REGIONS, *ATTRIBUTES, FLAGS)
"""box: moved or shrunk. A region: moved as a whole. gender, ethnicity: another class. flags: one more or less."""

OVERLAP_OF_LIMIT: Final = 0.7
"""A planted box has this part of the IoU that the policy asks for."""

MOVED_TOLERANCES: Final = 3.0
"""A planted region lies this many of its tolerances off."""

FIXED_BELOW: Final = 0.5
"""A region counts as put right when it is closer than this part of the planted distance."""

DIRECTIONS: Final = 8


class CannotPlant(ValueError):
    """A fault that this face does not allow; the message says why."""


def faults_seen(faults: Iterable[str], policy: Policy) -> tuple[str, ...]:
    """Those faults that a checker is shown: what they give without seeing anybody's answer cannot be wrong before."""
    blind = set(policy.blind_in_checks)
    unseen = blind | set(REGIONS if "landmarks" in blind else ())
    return tuple(fault for fault in faults if fault not in unseen)


def faults_possible(truth: FaceLabels, policy: Policy) -> tuple[str, ...]:
    """The FAULTS that may be planted in these labels so that the policy would let a person save the result."""

    def is_possible(fault: str) -> bool:
        if fault in REGIONS:
            return bool(_placed(truth, fault).any())
        if fault in ATTRIBUTES:
            return getattr(truth, fault) is not None and bool(_other_words(truth, fault, policy))
        return fault == BOX or bool(_other_flags(truth, policy))

    return tuple(fault for fault in faults_seen(FAULTS, policy) if is_possible(fault))


def plant(
    truth: FaceLabels,
    faults: Sequence[str],
    policy: Policy,
    *,
    width: int,
    height: int,
    random: np.random.Generator,
) -> FaceLabels:
    """The labels with these faults, in the same frame, inside an image of ``width`` x ``height`` pixels.

    Without an age: a check is never shown one. Raises CannotPlant for a fault that is unknown, impossible here or out
    of place beside the others (a flag that removes a label whose fault was asked for).
    """
    if not faults or set(faults) - set(FAULTS):
        raise CannotPlant(f"Choose faults among {', '.join(FAULTS)}.")
    if impossible := set(faults) - set(faults_possible(truth, policy)):
        raise CannotPlant(f"These labels do not allow a fault in {', '.join(sorted(impossible))}.")
    if FLAGS in faults and len(faults) > 1:
        raise CannotPlant("A wrong flag takes other labels away: plant it alone.")
    wrong = replace(truth, age=None)
    for fault in dict.fromkeys(faults):
        if fault == BOX:
            wrong = replace(wrong, box=_box_off(truth.box, policy, width, height, random))
        elif fault in REGIONS:
            wrong = replace(wrong, landmarks=_region_off(wrong, fault, policy, width, height, random))
        elif fault == "gender":
            wrong = replace(wrong, gender=str(random.choice(_other_words(truth, fault, policy))))
        elif fault == "ethnicity":
            wrong = replace(wrong, ethnicity=str(random.choice(_other_words(truth, fault, policy))))
        else:
            options = _other_flags(truth, policy)
            wrong = options[int(random.integers(len(options)))]
    return wrong


def faults_left(
    given: FaceLabels, *, planted: FaceLabels, truth: FaceLabels, faults: Sequence[str], policy: Policy
) -> tuple[str, ...]:
    """Which planted faults somebody who saw ``planted`` let stand in what they gave.

    A word or the flags count as seen when they were changed at all, a box when it overlaps the true one as the policy
    asks, a region when it is closer than FIXED_BELOW of the planted distance.
    """

    def stands(fault: str) -> bool:
        if fault == BOX:
            return iou(given.box, truth.box) < policy.box_iou_min
        if fault in REGIONS:
            limit = FIXED_BELOW * region_off(planted, truth, fault)
            return not region_off(given, truth, fault) < limit
        return bool(getattr(given, fault) == getattr(planted, fault))

    return tuple(fault for fault in faults if stands(fault))


def region_off(given: FaceLabels, truth: FaceLabels, region: str) -> float:
    """Mean distance of a region's points in box sides of the truth; NaN where no point is placed in both."""
    if given.landmarks is None or truth.landmarks is None:
        return math.nan
    points = list(REGIONS[region])
    apart = np.linalg.norm(given.landmarks[points].astype(np.float64) - truth.landmarks[points], axis=1)
    apart = apart[np.isfinite(apart)]
    return float(apart.mean()) / _side(truth) if len(apart) else math.nan


def _side(labels: FaceLabels) -> float:
    return math.sqrt(labels.box.width * labels.box.height)


def _placed(labels: FaceLabels, region: str) -> NDArray[np.bool_]:
    if labels.landmarks is None:
        return np.zeros(0, dtype=np.bool_)
    return np.isfinite(labels.landmarks[list(REGIONS[region]), 0])


def _other_words(truth: FaceLabels, name: str, policy: Policy) -> list[str]:
    classes = policy.genders if name == "gender" else policy.ethnicities
    return [word for word in classes if word != getattr(truth, name)]


def _other_flags(truth: FaceLabels, policy: Policy) -> list[FaceLabels]:
    """The labels with one flag more or less, and without what that flag removes, where the policy allows them."""
    found = []
    for flag in sorted(set(policy.flags) - {NOT_A_FACE}):
        flags = truth.flags ^ {flag}
        removed = policy.removed_by(flags)
        kept = {
            name: None if name in removed else getattr(truth, name)
            for name in ("landmarks", "gender", "ethnicity")
        }
        wrong = FaceLabels(
            box=truth.box,
            landmarks=kept["landmarks"],
            visibility=None if kept["landmarks"] is None else truth.visibility,
            gender=kept["gender"],
            ethnicity=kept["ethnicity"],
            flags=flags,
        )
        if all(violation.code == "age_missing" for violation in policy.violations(wrong)):
            found.append(wrong)
    return found


def _box_off(box: Box, policy: Policy, width: int, height: int, random: np.random.Generator) -> Box:
    """A box with OVERLAP_OF_LIMIT of the policy's IoU: shifted along an axis if there is room, else shrunk."""
    overlap = OVERLAP_OF_LIMIT * (policy.box_iou_min or 0.5)
    share = (1 - overlap) / (1 + overlap)
    shifts = [
        (share * box.width, 0.0),
        (-share * box.width, 0.0),
        (0.0, share * box.height),
        (0.0, -share * box.height),
    ]
    moved = [Box(box.x1 + x, box.y1 + y, box.x2 + x, box.y2 + y) for x, y in shifts]
    inside = [each for each in moved if _is_inside(np.array(each).reshape(2, 2), width, height)]
    if inside:
        return inside[int(random.integers(len(inside)))]
    (x, y), scale = box.centre, math.sqrt(overlap)
    half_width, half_height = scale * box.width / 2, scale * box.height / 2
    return Box(x - half_width, y - half_height, x + half_width, y + half_height)


def _region_off(
    labels: FaceLabels, region: str, policy: Policy, width: int, height: int, random: np.random.Generator
) -> NDArray[np.float32]:
    """(68, 2) points with one region moved as a whole, to a side on which it stays inside the image."""
    assert labels.landmarks is not None  # noqa: S101  # faults_possible
    tolerance = {**region_tolerances(policy.landmark_nme_max), **policy.region_nme_max}[region]
    length = MOVED_TOLERANCES * tolerance * _side(labels)
    points = list(REGIONS[region])
    for turn in random.permutation(DIRECTIONS):
        angle = 2 * math.pi * turn / DIRECTIONS
        moved = labels.landmarks.copy()
        moved[points] += np.array([math.cos(angle), math.sin(angle)], dtype=np.float32) * np.float32(length)
        if _is_inside(moved[points], width, height):
            return moved
    raise CannotPlant(f"The {region} cannot be moved that far inside this image.")


def _is_inside(points: NDArray[np.floating], width: int, height: int) -> bool:
    placed = points[np.isfinite(points[:, 0])]
    return bool((placed >= 0).all() and (placed <= [width, height]).all())
