"""The Face++ Detect API (v3) as a provider: boxes, 83 points turned into 68, age, gender, ethnicity (J02)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

import cv2

from jfa_pipeline.coarse.call_budget import CallBudget
from jfa_pipeline.coarse.facepp_client import DEFAULT_URL, FaceppClient
from jfa_pipeline.coarse.protocol import CoarseFace, ProviderUnavailable, RgbImage, checked_rgb
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.steps.landmarks83 import ibug68_from_83

DETECT: Final = "/facepp/v3/detect"
ANALYZE: Final = "/facepp/v3/face/analyze"
FACES_PER_CALL: Final = 5
"""Points and attributes come for the five largest faces only; ``analyze`` takes five tokens a call."""

SIDE_MAX_PX: Final = 4096
FILE_MAX_BYTES: Final = 2 * 1024 * 1024
_WANTED: Final = {"return_landmark": "1", "return_attributes": "gender,age,ethnicity"}
_ETHNICITIES: Final = {"asian": "asian", "black": "black", "white": "white"}
_GENDERS: Final = {"female": "female", "male": "male"}
_QUALITIES: Final = (95, 90, 80, 70)
_SHRINK: Final = 0.75


class FaceppProvider:
    """Labels through a Face++ account. The service gives no detection score: every face has score 1."""

    name: Final = "facepp"
    version: Final = "detect-v3-83"

    def __init__(self, client: FaceppClient) -> None:
        self._client = client

    @classmethod
    def from_environment(cls) -> FaceppProvider:
        """Account from FACEPP_API_KEY and FACEPP_API_SECRET.

        Optional: FACEPP_API_URL (another region or a test server), FACEPP_CALLS_PER_MINUTE (60). Raises
        ProviderUnavailable if a key is missing or the number is none.
        """
        key, secret = os.environ.get("FACEPP_API_KEY", ""), os.environ.get("FACEPP_API_SECRET", "")
        if not key or not secret:
            raise ProviderUnavailable(
                "Face++ needs an account: set FACEPP_API_KEY and FACEPP_API_SECRET in the environment.",
                retryable=False,
            )
        rate = os.environ.get("FACEPP_CALLS_PER_MINUTE", "60")
        try:
            client = FaceppClient(
                key=key,
                secret=secret,
                url=os.environ.get("FACEPP_API_URL", DEFAULT_URL),
                budget=CallBudget(float(rate)),
            )
        except ValueError as error:
            raise ProviderUnavailable(
                f"Face++ cannot be set up: {error} Check FACEPP_API_URL and FACEPP_CALLS_PER_MINUTE ({rate}).",
                retryable=False,
            ) from error
        return cls(client)

    def label(self, image: RgbImage) -> list[CoarseFace]:
        """Every face that Face++ finds in an upright (H, W, 3) RGB image.

        Points are (68, 2) in the continuous frame. A face for which the service gives no points, an unknown
        attribute class or an age outside 0-100 keeps that label empty. Raises ProviderRefused,
        ProviderUnavailable.
        """
        image = checked_rgb(image)
        jpeg, factors = upload_form(image)
        answer = self._client.call(DETECT, _WANTED, jpeg)
        faces = _faces(answer)
        bare = [
            str(face["face_token"]) for face in faces if "attributes" not in face and "face_token" in face
        ]
        detailed: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(bare), FACES_PER_CALL):
            tokens = ",".join(bare[start : start + FACES_PER_CALL])
            for face in _faces(self._client.call(ANALYZE, {**_WANTED, "face_tokens": tokens})):
                detailed[str(face.get("face_token"))] = face
        height, width = image.shape[:2]
        found: list[CoarseFace] = []
        for face in faces:
            full = {**face, **detailed.get(str(face.get("face_token")), {})}
            labels = face_labels(full, factors=factors, size=(width, height))
            if labels is not None:
                found.append(CoarseFace(labels=labels, score=1.0, detector=self.name))
        return found


def _faces(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    faces = answer.get("faces")
    if not isinstance(faces, list) or not all(isinstance(face, Mapping) for face in faces):
        raise ProviderUnavailable("Face++ gave an answer without a list of faces.", retryable=True)
    return faces


def face_labels(
    face: Mapping[str, Any], *, factors: tuple[float, float], size: tuple[float, float]
) -> FaceLabels | None:
    """Labels of one face of an answer; None if its box lies outside the image.

    factors: (x, y) from the uploaded picture's pixels to the image's; size: (width, height) of the image.
    Face++ counts point coordinates from the centre of the first pixel, hence + 0.5. Raises
    ProviderUnavailable if the face is not laid out as documented.
    """
    x_factor, y_factor = factors
    try:
        rectangle = face["face_rectangle"]
        left, top = float(rectangle["left"]), float(rectangle["top"])
        right, bottom = left + float(rectangle["width"]), top + float(rectangle["height"])
        box = Box(left * x_factor, top * y_factor, right * x_factor, bottom * y_factor).clipped(*size)
        if not box.is_proper():
            return None
        landmarks = None
        if points := face.get("landmark"):
            landmarks = ibug68_from_83(
                {
                    name: ((float(at["x"]) + 0.5) * x_factor, (float(at["y"]) + 0.5) * y_factor)
                    for name, at in points.items()
                }
            )
        attributes = face.get("attributes") or {}
        age = _value(attributes, "age")
        return FaceLabels(
            box=box,
            landmarks=landmarks,
            age=None if age is None or not 0 <= float(age) <= 100 else float(age),
            gender=_GENDERS.get(str(_value(attributes, "gender")).lower()),
            ethnicity=_ETHNICITIES.get(str(_value(attributes, "ethnicity")).lower()),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProviderUnavailable(
            f"Face++ gave a face that cannot be read ({type(error).__name__}: {error}).", retryable=False
        ) from error


def _value(attributes: Mapping[str, Any], name: str) -> Any:
    """Face++ wraps each attribute in an object: {"age": {"value": 31}}."""
    return (attributes.get(name) or {}).get("value")


def upload_form(image: RgbImage) -> tuple[bytes, tuple[float, float]]:
    """(JPEG within the service's limits, factors (x, y) from its pixels back to the image's)."""
    height, width = image.shape[:2]
    scale = min(1.0, SIDE_MAX_PX / max(height, width))
    while True:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = image if scale == 1.0 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        for quality in _QUALITIES:
            done, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if done and len(jpeg) < FILE_MAX_BYTES:
                return jpeg.tobytes(), (width / size[0], height / size[1])
        scale *= _SHRINK
