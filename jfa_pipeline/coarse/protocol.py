"""What a provider of coarse labels is: an image in, one CoarseFace a face out (design section 4, step 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels

RgbImage = NDArray[np.uint8]
"""Shape (H, W, 3), RGB, upright (EXIF orientation already applied)."""


class ProviderError(Exception):
    """A provider gave no labels for an image; the message says what happened and what to do."""


class ProviderUnavailable(ProviderError):
    """The provider did not answer. ``retryable``: True if the same call may succeed later."""

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable


class ProviderRefused(ProviderError):
    """The provider answered that it will not label this image or serve this account; retrying is useless.

    ``code`` is the provider's own word for the reason.
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, eq=False)
class CoarseFace:
    """One face as machines see it.

    labels: box and, where known, landmarks, age, gender, ethnicity. score: the detector's confidence in
    [0, 1]. detector: who found the box. point_spread_box: (68,) float32, how far each landmark wanders when
    the start of the landmark model is varied, in square roots of the box area; a large value marks a point
    to check. None if the provider cannot say. needs_person, reason: set where two detectors half agree (J03).
    uncertainty: per task (detection, landmarks, age, gender, ethnicity), 0 is certain, in the units of
    jfa_pipeline.coarse.uncertainty; None if the provider cannot say.
    """

    labels: FaceLabels
    score: float
    detector: str
    point_spread_box: NDArray[np.float32] | None = None
    needs_person: bool = False
    reason: str = ""
    uncertainty: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A box that may be a face nobody has found: a detector saw something there and was not sure enough.

    It is no label: only a person who sweeps the image makes a face of it. box: continuous pixels of the upright
    image. score: the detector's confidence in [0, 1], comparable within one detector only.
    """

    box: Box
    score: float
    detector: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What a provider makes of one image: its faces, best score first, and what it is not sure of."""

    faces: Sequence[CoarseFace] = ()
    suggestions: Sequence[Suggestion] = ()


@runtime_checkable
class Suggesting(Protocol):
    """A provider that also says where else a face may be. ``look`` gives the faces that labelling gives."""

    def look(self, images: Sequence[RgbImage]) -> list[Sight]:
        """Per upright (H, W, 3) RGB image what is seen on it; raises what ``Provider.label`` raises."""
        ...


@runtime_checkable
class Provider(Protocol):
    """Labels images. ``name`` and ``version`` are stored with every label it makes."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def label(self, image: RgbImage) -> list[CoarseFace]:
        """Every face of an upright (H, W, 3) RGB image, boxes and points in its continuous pixel frame.

        Raises ProviderUnavailable or ProviderRefused; ValueError for an array of another shape or type.
        """
        ...


def checked_rgb(image: RgbImage) -> RgbImage:
    """The image as a contiguous array. Raises ValueError unless it is (H, W, 3) uint8 with pixels."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"An RGB image of shape (H, W, 3) and type uint8 is needed, got {image.shape}.")
    return np.ascontiguousarray(image)
