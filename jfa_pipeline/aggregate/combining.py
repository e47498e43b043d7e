"""One face's labels from those of several people: robust shapes, majorities, plain mean age, and who stands apart.

It reads the labels of revisions and nothing else, so the result can be computed again, and undone, at any time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.aggregate.age import AgeSummary, summarise_ages
from jfa_pipeline.aggregate.majority import Majority, flags_by_majority, majority
from jfa_pipeline.aggregate.shapes import geometric_median, majority_visibility, median_box
from jfa_pipeline.core.boxes import Box, iou
from jfa_pipeline.core.ibug68 import REGIONS
from jfa_pipeline.core.keys import Key, key_order
from jfa_pipeline.core.labels import MISSING, FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.agreement import region_tolerances
from jfa_pipeline.metrics.skill import face_axes

PersonKey = TypeVar("PersonKey", bound=Key)
"""What names a person."""

Floats = NDArray[np.float64]

TIMES_THE_OTHERS: Final = 3.0
"""Someone stands apart who is this many times as far from the result as the others are in the median."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known of a person. weight: of their points, 0 leaves all their labels out (a paused person).

    offset_box: (5, 2) systematic offset per region in the order of REGIONS, in box sides along the axes of the
    upright face (``Skill.offsets``); it is taken off their points. Zero without.
    """

    weight: float = 1.0
    offset_box: Floats = field(default_factory=lambda: np.zeros((len(REGIONS), 2)))


@dataclass(frozen=True, slots=True)
class Apart(Generic[PersonKey]):
    """A person who stands apart in a part: "box" (1 - IoU with the result) or a region (NME in box sides)."""

    person: PersonKey
    part: str
    distance: float
    limit: float


@dataclass(frozen=True, slots=True)
class CombinedFace(Generic[PersonKey]):
    """labels: the result; its age is the plain mean that is released, its attributes the majority.

    age: mean, SD, n. votes: the counts behind "gender" and "ethnicity". undecided: what no majority decides, which
    goes to a person: "gender", "ethnicity", "landmarks", "flag:NAME". apart: people far from the result. doubtful:
    parts in which exactly two people differ by more than the tolerance, when nothing says which of them is right.
    """

    labels: FaceLabels
    people_n: int
    age: AgeSummary
    votes: dict[str, Majority]
    undecided: tuple[str, ...]
    apart: tuple[Apart[PersonKey], ...]
    doubtful: tuple[str, ...]


def combine(
    given: Mapping[PersonKey, FaceLabels], policy: Policy, *, trust: Mapping[PersonKey, Trust] | None = None
) -> CombinedFace[PersonKey]:
    """Combine several people's labels of one face under a policy; works for one person and more.

    Box: median of each edge. Landmarks: geometric median of each point over those who placed it, and visibility by
    majority. Flags, gender, ethnicity: majority; a tie leaves the flag unset or the class absent and is listed in
    ``undecided``. Flags that were decided remove labels as the policy says (J07). Age: plain mean of all who gave
    one (J07, T47). A person of weight 0 in ``trust`` is left out of everything, unless nobody else is there. The
    order of people changes nothing. Raises ValueError without people.

    Somebody stands apart in a part if at least three people labelled it and their distance from the result exceeds
    both the policy's tolerance and TIMES_THE_OTHERS times the median distance of the others.
    """
    if not given:
        raise ValueError("There are no labels to combine.")
    known: Mapping[PersonKey, Trust] = {} if trust is None else trust
    people = sorted(given, key=key_order)
    trusted = [person for person in people if known.get(person, Trust()).weight > 0] or people
    labels = [given[person] for person in trusted]
    flags, tied_flags = flags_by_majority(each.flags for each in labels)
    removed = policy.removed_by(flags)
    undecided = [f"flag:{flag}" for flag in tied_flags]
    box = median_box([each.box for each in labels])
    landmarks = visibility = None
    with_points = [person for person in trusted if given[person].landmarks is not None]
    if "landmarks" not in removed and with_points:
        if 2 * len(with_points) == len(trusted):
            undecided.append("landmarks")
        if 2 * len(with_points) >= len(trusted):
            points = np.stack([_points(given[person], known.get(person)) for person in with_points])
            weights = [known.get(person, Trust()).weight or 1.0 for person in with_points]
            states = [given[person].visibility for person in with_points]
            visibility = majority_visibility([state for state in states if state is not None])
            landmarks = geometric_median(points.transpose(1, 0, 2), weights).astype(np.float32)
    votes: dict[str, Majority] = {}
    for name in ("gender", "ethnicity"):
        votes[name] = majority(None if name in removed else getattr(each, name) for each in labels)
        if votes[name].is_tie:
            undecided.append(name)
    ages = summarise_ages(each.age for each in labels if each.age is not None and "age" not in removed)
    result = FaceLabels(
        box, landmarks, visibility, ages.mean, votes["gender"].winner, votes["ethnicity"].winner, flags
    )
    apart, doubtful = _standing_apart({person: given[person] for person in trusted}, result, policy)
    return CombinedFace(result, len(trusted), ages, votes, tuple(undecided), apart, doubtful)


def _points(labels: FaceLabels, trust: Trust | None) -> Floats:
    """(68, 2) points freed of the person's systematic offset, NaN where removed."""
    assert labels.landmarks is not None  # noqa: S101  # the caller chose people with landmarks
    points = labels.landmarks.astype(np.float64)
    if trust is not None:
        axes, side = face_axes(points), _side(labels.box)
        for region, offset in zip(REGIONS.values(), trust.offset_box, strict=True):
            points[list(region)] -= side * offset @ axes
    return points


def _standing_apart(
    given: Mapping[PersonKey, FaceLabels], result: FaceLabels, policy: Policy
) -> tuple[tuple[Apart[PersonKey], ...], tuple[str, ...]]:
    """People far from the result, and parts in which two people differ and nothing says who is right."""
    limits = {"box": 1 - policy.box_iou_min} | region_tolerances(policy.landmark_nme_max)
    distances: dict[str, dict[PersonKey, float]] = {part: {} for part in limits}
    for person, labels in given.items():
        distances["box"][person] = 1 - iou(labels.box, result.box)
        for region, distance in _region_nme(labels, result).items():
            distances[region][person] = distance
    apart, doubtful = [], []
    for part, limit in limits.items():
        of = distances[part]
        if len(of) == 2 and max(of.values()) > _half(part, limit):
            doubtful.append(part)
        if len(of) < 3:
            continue
        for person, distance in of.items():
            others = float(np.median([value for other, value in of.items() if other != person]))
            if distance > max(limit, TIMES_THE_OTHERS * others):
                apart.append(Apart(person, part, distance, limit))
    return tuple(apart), tuple(doubtful)


def _half(part: str, limit: float) -> float:
    """The distance from the mean of two that lie ``limit`` apart: half, and of boxes about half."""
    return limit / (2 - limit) if part == "box" else limit / 2


def _region_nme(labels: FaceLabels, result: FaceLabels) -> dict[str, float]:
    """Mean distance to the result over the square root of its box area, per region with points in both."""
    if labels.landmarks is None or result.landmarks is None or result.visibility is None:
        return {}
    distance = np.linalg.norm(
        labels.landmarks.astype(np.float64) - result.landmarks.astype(np.float64), axis=1
    )
    distance[result.visibility == MISSING] = np.nan
    found = {}
    for name, points in REGIONS.items():
        part = distance[points.start : points.stop]
        part = part[np.isfinite(part)]
        if len(part):
            found[name] = float(part.mean()) / _side(result.box)
    return found


def _side(box: Box) -> float:
    return math.sqrt(box.width * box.height)
