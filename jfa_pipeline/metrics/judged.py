"""What a candidate did on labelled faces, face by face, so that two candidates can be compared in pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.coarse.protocol import CoarseFace
from jfa_pipeline.core.age_bands import age_band
from jfa_pipeline.core.boxes import iou_matrix
from jfa_pipeline.core.labels import MISSING
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.formats.records import ACCEPTED, ReleaseFace, ReleaseImage
from jfa_pipeline.metrics.detection import Outcome, match
from jfa_pipeline.metrics.landmarks import nme

TASKS: Final = ("detection", "landmarks", "age", "gender", "ethnicity")
GROUPS: Final = ("age_band", "gender", "ethnicity", "face_size")

FACE_SIZES: Final = ((0, "small"), (50, "medium"), (150, "large"))
"""Smaller side of the true box in pixels from which on a face has this size."""

NME_CAP: Final = 0.2
AGE_CAP_YEARS: Final = 30.0
"""A face that was not found, or got no answer, counts as this error; no answer counts as a larger one."""


@dataclass(slots=True)
class ImageOutcome:
    """One image: a row a true face, and a row a detection that counts (ignored ones do not)."""

    faces: list[dict[str, Any]] = field(default_factory=list)
    detections: list[dict[str, Any]] = field(default_factory=list)


def image_outcome(
    image: ReleaseImage, faces: Sequence[ReleaseFace], found: Sequence[CoarseFace], policy: Policy
) -> ImageOutcome:
    """Judge what was found in one image against its labels (T44: VOC matching at IoU > 0.5).

    Faces that are not accepted are ignore regions. On an image that nobody has swept a detection without a
    face does not count: a face may well be there. A row of ``faces`` says in ``has`` which labels the face
    has; errors are None where there is no label or no answer.
    """
    true = sorted(faces, key=lambda face: face.status != ACCEPTED)
    accepted = sum(face.status == ACCEPTED for face in true)
    boxes = np.array([tuple(face.labels.box) for face in true], dtype=np.float64).reshape(-1, 4)
    given = np.array([tuple(face.labels.box) for face in found], dtype=np.float64).reshape(-1, 4)
    skip = np.arange(len(true)) >= accepted
    matches = match(boxes, given, [face.score for face in found], ignore=skip)
    overlaps = iou_matrix(given, boxes)
    result = ImageOutcome()
    by_face = {int(t): d for d, t in enumerate(matches.truth) if 0 <= t < accepted}
    for row, face in enumerate(true[:accepted]):
        at = by_face.get(row)
        answer = None if at is None else found[at]
        overlap = 0.0 if at is None else float(overlaps[at, row])
        result.faces.append(_face_row(face, answer, overlap, policy))
    for detection, outcome in zip(found, matches.outcome, strict=True):
        is_hit = outcome == Outcome.TRUE_POSITIVE
        if is_hit or (outcome == Outcome.FALSE_POSITIVE and image.swept):
            result.detections.append(
                {"image": image.image_id, "score": float(detection.score), "hit": bool(is_hit)}
            )
    return result


def _face_row(face: ReleaseFace, answer: CoarseFace | None, iou: float, policy: Policy) -> dict[str, Any]:
    truth, said = face.labels, None if answer is None else answer.labels
    row: dict[str, Any] = {
        "face_id": face.face_id,
        "image": face.image_id,
        "groups": groups_of(face, policy),
        "found": answer is not None,
        "iou": iou,
        "nme": None,
        "age_error": None,
        "gender_ok": None,
        "ethnicity_ok": None,
    }
    has = []
    if truth.landmarks is not None and truth.visibility is not None:
        points = truth.landmarks.astype(np.float64)
        points[truth.visibility == MISSING] = np.nan
        if np.isfinite(nme(points, points)):
            has.append("landmarks")
            if said is not None and said.landmarks is not None:
                row["nme"] = nme(said.landmarks, points)
    if face.age.mean is not None:
        has.append("age")
        if said is not None and said.age is not None:
            row["age_error"] = abs(said.age - face.age.mean)
    for name, classes in (("gender", policy.genders), ("ethnicity", policy.ethnicities)):
        true = getattr(truth, name)
        if true in classes:
            has.append(name)
            told = None if said is None else getattr(said, name)
            row[f"{name}_ok"] = None if told is None else told == true
    return {**row, "has": has}


def groups_of(face: ReleaseFace, policy: Policy) -> dict[str, str | None]:
    """The group of a face by its true labels, None where they do not say."""
    labels = face.labels
    return {
        "age_band": None if face.age.mean is None else age_band(face.age.mean),
        "gender": labels.gender if labels.gender in policy.genders else None,
        "ethnicity": labels.ethnicity if labels.ethnicity in policy.ethnicities else None,
        "face_size": _face_size(labels.box.min_side),
    }


def _face_size(side: float) -> str:
    return [name for start, name in FACE_SIZES if side >= start][-1]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One candidate on N faces of I images.

    face_ids: (N,). face_clusters: (N,) number of the subject, or of the image where no subject is known.
    clusters: how many there are, those without a face included. values: task -> (N,): 1 for found or right and
    0 for missed or wrong; the normalised error or years off, capped; NaN where the face has no such label.
    groups: name -> (N,) of words, "" where unknown. scores, hits, detection_clusters: (D,) of detections.
    """

    face_ids: NDArray[np.int64]
    face_clusters: NDArray[np.int64]
    clusters: int
    values: Mapping[str, NDArray[np.float64]]
    groups: Mapping[str, NDArray[np.str_]]
    scores: NDArray[np.float64]
    hits: NDArray[np.bool_]
    detection_clusters: NDArray[np.int64]

    @classmethod
    def of_rows(
        cls,
        images: Iterable[Mapping[str, Any]],
        faces: Sequence[Mapping[str, Any]],
        detections: Sequence[Mapping[str, Any]],
    ) -> Judged:
        """From the rows of ``image_outcome``. images: ``image`` (its number) and ``subject`` (may be empty)."""
        numbers: dict[str, int] = {}
        cluster_of: dict[int, int] = {}
        for image in images:
            key = f"subject {image['subject']}" if image["subject"] else f"image {image['image']}"
            cluster_of[image["image"]] = numbers.setdefault(key, len(numbers))
        return cls(
            face_ids=np.array([row["face_id"] for row in faces], dtype=np.int64),
            face_clusters=np.array([cluster_of[row["image"]] for row in faces], dtype=np.int64),
            clusters=len(numbers),
            values=_values(faces),
            groups={
                name: np.array([row["groups"].get(name) or "" for row in faces], dtype=np.str_)
                for name in GROUPS
            },
            scores=np.array([row["score"] for row in detections], dtype=np.float64),
            hits=np.array([row["hit"] for row in detections], dtype=bool),
            detection_clusters=np.array([cluster_of[row["image"]] for row in detections], dtype=np.int64),
        )


def _values(faces: Sequence[Mapping[str, Any]]) -> dict[str, NDArray[np.float64]]:
    labelled = {task: np.array([task in row["has"] for row in faces], dtype=bool) for task in TASKS[1:]}

    def of(task: str, values: list[float]) -> NDArray[np.float64]:
        return np.where(labelled[task], np.array(values, dtype=np.float64), np.nan)

    return {
        "detection": np.array([bool(row["found"]) for row in faces], dtype=np.float64),
        "landmarks": of("landmarks", [_capped(row["nme"], NME_CAP) for row in faces]),
        "age": of("age", [_capped(row["age_error"], AGE_CAP_YEARS) for row in faces]),
        "gender": of("gender", [float(bool(row["gender_ok"])) for row in faces]),
        "ethnicity": of("ethnicity", [float(bool(row["ethnicity_ok"])) for row in faces]),
    }


def _capped(error: float | None, cap: float) -> float:
    return cap if error is None else min(float(error), cap)
