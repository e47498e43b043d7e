"""Figures of a round: edits a face, and how good the pre-labels were that nobody had labelled yet."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.loop_people import AGE_TOLERANCE, Edits, Work
from benchmarks.loop_pictures import Picture
from benchmarks.loop_platform import Prelabel
from jfa_pipeline.metrics.detection import DetectionScore
from jfa_pipeline.metrics.landmarks import nme


@dataclass(slots=True)
class EditCount:
    """Edits of some faces, by kind. ``faces``: true faces on the pictures, found or not."""

    faces: int = 0
    points: int = 0
    sides: int = 0
    attributes: int = 0
    false_faces: int = 0

    @property
    def total(self) -> int:
        return self.points + self.sides + self.attributes + self.false_faces

    def per_face(self) -> dict[str, float]:
        """Edits a true face, in all and by kind."""
        names = ("total", "points", "sides", "attributes", "false_faces")
        return {name: getattr(self, name) / max(self.faces, 1) for name in names}


def edits_of(
    work: Work, prelabels: Sequence[Prelabel], pictures: Iterable[Picture], *, with_geometry: bool
) -> EditCount:
    """What these pictures cost.

    Age is asked without showing the model's, so it is counted from the pre-label: an edit if what the person gave
    is further from it than the tolerance, or if there was none. with_geometry: sides of boxes that people drew
    count; on chips nobody knows the true box, so only attributes and wrong faces do.
    """
    found = EditCount()
    ages = {one.face: one.labels.age for one in prelabels}
    names = set()
    for picture in pictures:
        names.add(picture.name)
        found.faces += len(picture.faces)
        sweep = work.sweeps.get(picture.name, Edits())
        found.false_faces += sweep.rejected
        found.sides += sweep.sides
    for face, labelled in work.faces.items():
        if labelled.picture not in names:
            continue
        edits = labelled.edits
        found.points += edits.points
        found.sides += edits.sides if with_geometry else 0
        found.attributes += edits.attributes
        found.false_faces += edits.rejected
        if labelled.age is not None:
            shown = ages.get(face)
            found.attributes += int(shown is None or abs(shown - labelled.age) > AGE_TOLERANCE)
    return found


def prelabel_quality(pictures: Collection[Picture], prelabels: Sequence[Prelabel]) -> dict[str, Any]:
    """AP at IoU 0.5 of the faces shown; NME, age error and attribute errors of the faces found.

    Attribute errors are shares of the faces found that carry another class than the true one, or none.
    """
    shown: Mapping[str, list[Prelabel]] = _grouped(prelabels)
    score = DetectionScore()
    errors: list[float] = []
    ages: list[float] = []
    wrong = {"gender": 0, "ethnicity": 0}
    found = 0
    for picture in pictures:
        own = shown.get(picture.name, [])
        matches = score.add(
            [face.box for face in picture.faces], [one.labels.box for one in own], [one.score for one in own]
        )
        for place, row in enumerate(matches.truth):
            if row < 0:
                continue
            labels, truth = own[place].labels, picture.faces[int(row)]
            found += 1
            if labels.landmarks is not None and truth.landmarks is not None:
                error = nme(labels.landmarks, truth.landmarks)
                if math.isfinite(error):
                    errors.append(error)
            if labels.age is not None and truth.age is not None:
                ages.append(abs(labels.age - truth.age))
            for name in wrong:
                wrong[name] += getattr(labels, name) != getattr(truth, name)
    return {
        "faces": score.truth_n,
        "ap50": score.average_precision(),
        "recall": score.recall,
        "nme": float(np.mean(errors)) if errors else None,
        "age_mae": float(np.mean(ages)) if ages else None,
        **{f"{name}_error": count / found if found else None for name, count in wrong.items()},
    }


def _grouped(prelabels: Sequence[Prelabel]) -> dict[str, list[Prelabel]]:
    found: dict[str, list[Prelabel]] = defaultdict(list)
    for one in prelabels:
        found[one.picture].append(one)
    return found


def mean_and_range(values: Sequence[float | None]) -> dict[str, Any]:
    """Mean over seeds and the values themselves; those that could not be measured are left out of the mean."""
    known = [value for value in values if value is not None]
    return {
        "mean": round(float(np.mean(known)), 4) if known else None,
        "seeds": [None if value is None else round(value, 4) for value in values],
    }
