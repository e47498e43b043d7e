"""How good a network is on labelled pictures: T44-T47 with ignore regions, through ``jfa_pipeline.metrics``."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jfa_pipeline.metrics.attributes import accuracy, age_mae
from jfa_pipeline.metrics.detection import DetectionScore
from jfa_pipeline.metrics.landmarks import ced_auc, failure_rate, mean_of_detected, nme
from tfn.data.pictures import Picture, Pictures, PictureUnreadable
from tfn.serve.predictor import PredictedFace, Predictor
from tfn.targets import MISSING_CLASS

CED_LIMITS = (0.1, 0.2, 0.3)


@dataclass(slots=True)
class Evaluation:
    """Collects pictures one by one; a face without a detection has no answers and an infinite landmark error."""

    genders: tuple[str, ...]
    ethnicities: tuple[str, ...]
    detection: DetectionScore = field(default_factory=DetectionScore)
    landmark_errors: list[float] = field(default_factory=list)
    ages: list[tuple[float | None, float | None]] = field(default_factory=list)
    gender_pairs: list[tuple[str | None, str | None]] = field(default_factory=list)
    ethnicity_pairs: list[tuple[str | None, str | None]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def add(self, picture: Picture, found: list[PredictedFace]) -> None:
        """Judge the faces found in one picture (VOC matching by score at IoU > 0.5; Part 8 on T45-T47)."""
        targets = picture.targets
        truth = np.concatenate([targets.boxes.numpy(), targets.ignored.numpy()])
        skip = np.arange(len(truth)) >= len(targets)
        matches = self.detection.add(
            truth,
            [face.coarse.labels.box for face in found],
            [face.coarse.score for face in found],
            ignore=skip,
        )
        by_face = {int(t): found[d] for d, t in enumerate(matches.truth) if 0 <= t < len(targets)}
        for row in range(len(targets)):
            labels = by_face[row].coarse.labels if row in by_face else None
            seen = targets.has_point[row]
            if bool(seen.any()):
                points = targets.landmarks[row].numpy().astype(np.float64)
                points[~seen.numpy()] = np.nan
                value = (
                    math.inf if labels is None or labels.landmarks is None else nme(labels.landmarks, points)
                )
                if not math.isnan(value):
                    self.landmark_errors.append(value)
            age = float(targets.age[row])
            self.ages.append((labels.age if labels else None, None if math.isnan(age) else age))
            gender, ethnicity = int(targets.gender[row]), int(targets.ethnicity[row])
            self.gender_pairs.append((labels.gender if labels else None, _name(self.genders, gender)))
            self.ethnicity_pairs.append(
                (labels.ethnicity if labels else None, _name(self.ethnicities, ethnicity))
            )

    def figures(self) -> dict[str, Any]:
        """Fractions, years and counts; None where nothing was measured."""
        age, gender, ethnicity = (
            age_mae(self.ages),
            accuracy(self.gender_pairs),
            accuracy(self.ethnicity_pairs),
        )
        found: dict[str, Any] = {
            "ap50": self.detection.average_precision(),
            "faces_n": self.detection.truth_n,
            "recall": self.detection.recall,
            "nme_interocular": mean_of_detected(self.landmark_errors),
            "nme_interocular_n": len(self.landmark_errors),
        }
        for limit in CED_LIMITS:
            found[f"auc_{limit}"] = ced_auc(self.landmark_errors, limit)
            found[f"failure_rate_{limit}"] = failure_rate(self.landmark_errors, limit)
        for name, score in (("age_mae", age), ("gender_acc", gender), ("ethnicity_acc", ethnicity)):
            found[name], found[f"{name}_n"], found[f"{name}_coverage"] = score.value, score.n, score.coverage
        found["unreadable"] = sorted(self.unreadable)
        return found


def evaluate(predictor: Predictor, pictures: Pictures, into: Evaluation | None = None) -> Evaluation:
    """Every picture through the predictor, whose score threshold should be the configuration's, not serving's.

    into: an evaluation to go on with, for figures over several sets.
    """
    config = predictor.config
    result = into if into is not None else Evaluation(config.genders, config.ethnicities)
    for index in range(len(pictures)):
        try:
            picture = pictures.picture(index)
        except PictureUnreadable as error:
            result.unreadable.append(error.name)
            continue
        result.add(picture, predictor.predict([picture.pixels])[0])
    return result


def _name(classes: tuple[str, ...], number: int) -> str | None:
    return None if number == MISSING_CLASS else classes[number]
