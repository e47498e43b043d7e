"""What one revision says about one face."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import POINTS, Landmarks

VISIBLE: Final = 0
HIDDEN: Final = 1
MISSING: Final = 2
"""States of a landmark: seen; placed where it must be although something covers it; removed by a person."""

AGE_RANGE: Final = "Apparent age is a number of years from 0 to 100."

SAME_PX: Final = 0.05
"""Coordinates this close are the same: no hand places a point more finely, and browsers round."""

Visibility = NDArray[np.uint8]
"""Shape (68,), one of VISIBLE, HIDDEN, MISSING per point. A MISSING point has NaN coordinates."""


class LabelsInvalid(ValueError):
    """A set of labels that no policy could allow: wrong shape, not finite, an inside-out box."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceLabels:
    """Labels of one face. Absent labels are ``None``, never a class number or NaN age.

    box: continuous xyxy pixels of the upright image. landmarks: (68, 2) float32 in the same frame.
    visibility: (68,) uint8. age: apparent age in years, 0-100. gender, ethnicity: class names of the
    dataset's policy, or its "cannot tell" word. flags: names from the policy.
    """

    box: Box
    landmarks: Landmarks | None = None
    visibility: Visibility | None = None
    age: float | None = None
    gender: str | None = None
    ethnicity: str | None = None
    flags: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        """Normalise the arrays; raise LabelsInvalid for what no policy could allow."""
        box = Box(*(float(v) for v in self.box))
        if not box.is_proper():
            raise LabelsInvalid("The box needs finite edges with x1 < x2 and y1 < y2.")
        object.__setattr__(self, "box", box)
        if self.landmarks is None:
            if self.visibility is not None:
                raise LabelsInvalid("Visibility without landmarks means nothing; send both or neither.")
        else:
            points = np.array(self.landmarks, dtype=np.float32)
            if points.shape != (POINTS, 2):
                raise LabelsInvalid(f"Landmarks need {POINTS} points of two numbers, got {points.shape}.")
            states = (
                np.zeros(POINTS, dtype=np.uint8)
                if self.visibility is None
                else np.array(self.visibility, dtype=np.uint8)
            )
            if states.shape != (POINTS,) or states.max(initial=0) > MISSING:
                raise LabelsInvalid(f"Visibility needs {POINTS} values between {VISIBLE} and {MISSING}.")
            gone = states == MISSING
            if not np.isfinite(points[~gone]).all():
                raise LabelsInvalid("Every landmark that is not missing needs finite coordinates.")
            points[gone] = np.nan
            object.__setattr__(self, "landmarks", points)
            object.__setattr__(self, "visibility", states)
        if self.age is not None and not (math.isfinite(self.age) and 0 <= self.age <= 100):
            raise LabelsInvalid(AGE_RANGE)
        object.__setattr__(self, "flags", frozenset(self.flags))

    def with_age(self, age: float | None) -> FaceLabels:
        """The same labels with another apparent age; the rest is not looked at again."""
        if age is not None and not (math.isfinite(age) and 0 <= age <= 100):
            raise LabelsInvalid(AGE_RANGE)
        other = object.__new__(FaceLabels)
        for name in self.__slots__:
            object.__setattr__(other, name, getattr(self, name))
        object.__setattr__(other, "age", age)
        return other

    def without_age(self) -> FaceLabels:
        """The same labels as another person may see them: apparent age is always asked blind."""
        return self.with_age(None)

    def box_only(self) -> FaceLabels:
        """The same box and nothing else: what is seen of a pre-label that people work without."""
        return FaceLabels(box=self.box)

    def same_but_age(self, other: FaceLabels) -> bool:
        """True if two labellings differ in nothing but apparent age, which each person gives on their own.

        Coordinates are equal when at most SAME_PX pixels apart: what comes back has been through JSON.
        """
        if (self.gender, self.ethnicity, self.flags) != (other.gender, other.ethnicity, other.flags):
            return False
        if any(abs(a - b) > SAME_PX for a, b in zip(self.box, other.box, strict=True)):
            return False
        if self.landmarks is None or other.landmarks is None:
            return self.landmarks is other.landmarks
        if self.visibility is None or other.visibility is None:
            return False
        if not np.array_equal(self.visibility, other.visibility):
            return False
        apart = np.abs(self.landmarks - other.landmarks)[self.visibility != MISSING]
        return bool((apart <= SAME_PX).all())

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types; a missing landmark is ``None``. Inverse of ``from_json``."""
        points = None
        states = None
        if self.landmarks is not None and self.visibility is not None:
            states = self.visibility.tolist()
            points = self.landmarks.tolist()
            if MISSING in states:
                points = [
                    None if state == MISSING else point for point, state in zip(points, states, strict=True)
                ]
        return {
            "box": list(self.box),
            "landmarks": points,
            "visibility": states,
            "age": self.age,
            "gender": self.gender,
            "ethnicity": self.ethnicity,
            "flags": sorted(self.flags),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FaceLabels:
        """Read ``to_json`` output. Raises LabelsInvalid with a sentence for the person who sent it."""
        try:
            points = data.get("landmarks")
            states = data.get("visibility")
            landmarks = visibility = None
            if points is not None:
                given = [MISSING if p is None else VISIBLE for p in points]
                visibility = np.array(given if states is None else states, dtype=np.uint8)
                landmarks = np.array([(np.nan, np.nan) if p is None else p for p in points], dtype=np.float32)
            elif states is not None:
                visibility = np.array(states, dtype=np.uint8)
            x1, y1, x2, y2 = data["box"]
            age = data.get("age")
            return cls(
                box=Box(x1, y1, x2, y2),
                landmarks=landmarks,
                visibility=visibility,
                age=None if age is None else float(age),
                gender=data.get("gender"),
                ethnicity=data.get("ethnicity"),
                flags=frozenset(data.get("flags") or ()),
            )
        except LabelsInvalid:
            raise
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise LabelsInvalid(f"These labels cannot be read: {error}.") from error
