"""Six people whose faults are known, on drawn faces with true labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import REGIONS
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.agreement import REGION_NME_BOX_MAX

Floats = NDArray[np.float64]

POLICY: Final = Policy()
JAW_SHIFT: Final = np.array([0.04, 0.03])
"""Box sides along the upright face's axes: 5 % of the box side."""
AGE_BIASES: Final = {"younger": -3.0, "exact": 0.0, "older": 5.0, "jaw": 0.0}
HONEST: Final = tuple(AGE_BIASES)
PEOPLE: Final = (*HONEST, "random", "careless")
AGE_NOISE_SD: Final = 3.0
WORD_ERRORS: Final = 0.06
CARELESS_AGE: Final = 30.0


def drawn_face(random: np.random.Generator) -> FaceLabels:
    """True labels of a face somewhere in a photograph, rolled by up to some 30 degrees."""
    side = random.uniform(60, 300)
    roll = math.radians(random.normal(0, 10))
    turn = np.array([[math.cos(roll), math.sin(roll)], [-math.sin(roll), math.cos(roll)]])
    centre = random.uniform(200, 800, 2)
    shape = schematic_face() * (1 + random.normal(0, 0.05, 2))
    return FaceLabels(
        box=Box(*(centre - side / 2), *(centre + side / 2)),
        landmarks=(centre + side * shape @ turn).astype(np.float32),
        age=float(random.uniform(5, 75)),
        gender=str(random.choice(POLICY.genders)),
        ethnicity=str(random.choice(POLICY.ethnicities, p=(0.2, 0.2, 0.6))),
    )


def schematic_face() -> Floats:
    """(68, 2) iBUG points of an upright face around (0, 0), in box sides."""

    def arc(x: float, y: float, rx: float, ry: float, start: float, end: float, count: int) -> Floats:
        angles = np.radians(np.linspace(start, end, count))
        return np.stack([x + rx * np.cos(angles), y - ry * np.sin(angles)], axis=1)

    def ring(x: float, y: float, rx: float, ry: float, count: int) -> Floats:
        return arc(x, y, rx, ry, 180, -180, count + 1)[:-1]

    return np.concatenate(
        [
            arc(0, 0, 0.42, 0.45, 180, 360, 17),
            arc(-0.2, -0.15, 0.12, 0.05, 170, 10, 5),
            arc(0.2, -0.15, 0.12, 0.05, 170, 10, 5),
            np.stack([np.zeros(4), np.linspace(-0.1, 0.08, 4)], axis=1),
            arc(0, 0.11, 0.09, 0.03, 180, 360, 5),
            ring(-0.19, -0.09, 0.07, 0.03, 6),
            ring(0.19, -0.09, 0.07, 0.03, 6),
            ring(0, 0.25, 0.14, 0.06, 12),
            ring(0, 0.25, 0.1, 0.02, 8),
        ]
    )


def said(person: str, truth: FaceLabels, random: np.random.Generator) -> FaceLabels:
    """What a person says about a face of which they know the picture and the pre-label."""
    if person == "random":
        return clicked(truth, random)
    if person == "careless":
        return pre_labelled(truth, random)
    assert truth.age is not None
    years = truth.age + AGE_BIASES[person] + random.normal(0, AGE_NOISE_SD)
    found = disturbed(truth, random, points=0.25, edges=0.02, wrong=WORD_ERRORS, years=round(years))
    if person != "jaw":
        return found
    points = points_of(found)
    points[list(REGIONS["jaw"])] += truth.box.width * JAW_SHIFT @ axes_of(truth)
    return FaceLabels(found.box, points.astype(np.float32), None, found.age, found.gender, found.ethnicity)


def points_of(labels: FaceLabels) -> Floats:
    """(68, 2) points of labels that have them, as everybody's here."""
    assert labels.landmarks is not None
    return labels.landmarks.astype(np.float64)


def axes_of(truth: FaceLabels) -> Floats:
    """(2, 2) the drawn face's right and down, from its symmetric eyes."""
    eyes = points_of(truth)
    right = eyes[42:48].mean(axis=0) - eyes[36:42].mean(axis=0)
    right /= np.linalg.norm(right)
    return np.array([right, [-right[1], right[0]]])


def pre_labelled(truth: FaceLabels, random: np.random.Generator) -> FaceLabels:
    """A model's labels: coarser than a careful person's, and one face in five far off."""
    far = random.random() < 0.2
    return disturbed(
        truth, random, points=2.0 if far else 0.6, edges=0.15 if far else 0.03, wrong=0.15, years=CARELESS_AGE
    )


def clicked(truth: FaceLabels, random: np.random.Generator) -> FaceLabels:
    """Points anywhere in a box that has little to do with the face, and any words."""
    side = truth.box.width * random.uniform(0.5, 1.5)
    centre = np.array(truth.box.centre) + truth.box.width * random.normal(0, 0.3, 2)
    points = centre + side * random.uniform(-0.5, 0.5, (68, 2))
    return FaceLabels(
        Box(*(centre - side / 2), *(centre + side / 2)),
        points.astype(np.float32),
        None,
        float(random.integers(0, 101)),
        str(random.choice(POLICY.genders)),
        str(random.choice(POLICY.ethnicities)),
    )


def disturbed(
    truth: FaceLabels,
    random: np.random.Generator,
    *,
    points: float,
    edges: float,
    wrong: float,
    years: float,
) -> FaceLabels:
    """points: standard deviation per coordinate in tolerances of the region; edges: of the box, in sides; wrong:
    probability of another word."""
    side = truth.box.width
    noise = np.concatenate(
        [
            random.normal(0, points * side * REGION_NME_BOX_MAX[name], (len(part), 2))
            for name, part in REGIONS.items()
        ]
    )

    def word(true: str | None, classes: Sequence[str]) -> str:
        others = [name for name in classes if name != true]
        return str(random.choice(others)) if random.random() < wrong else str(true)

    return FaceLabels(
        Box(*(np.array(truth.box) + random.normal(0, edges * side, 4))),
        (points_of(truth) + noise).astype(np.float32),
        None,
        float(np.clip(years, 0, 100)),
        word(truth.gender, POLICY.genders),
        word(truth.ethnicity, POLICY.ethnicities),
    )
