"""What a provider says about decoded images, in pixels of the images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from annotator.images.models import Image
from annotator.learning.providers import BatchProvider
from annotator.learning.services.decoding import Decoded
from jfa_pipeline.coarse.protocol import (
    CoarseFace,
    Provider,
    ProviderRefused,
    Sight,
    Suggesting,
    Suggestion,
)
from jfa_pipeline.core.boxes import Box


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a provider said about an image: faces in its pixels, or why there are none."""

    image: Image
    faces: Sequence[CoarseFace] = ()
    problem: str = ""
    suggestions: Sequence[Suggestion] = ()


def labelled(group: Sequence[Decoded], provider: Provider) -> list[Seen]:
    """What the provider says about decoded images, in pixels of the images. Raises ProviderUnavailable."""
    readable = [decoded for decoded in group if decoded.pixels is not None]
    said: dict[int, Seen] = {}
    if isinstance(provider, BatchProvider):
        for one, sight in zip(readable, _sights(readable, provider), strict=True):
            said[one.image.pk] = _seen(one, sight)
    else:
        for one in readable:
            said[one.image.pk] = _label_alone(one, provider)
    return [said.get(one.image.pk) or Seen(one.image, problem=one.problem) for one in group]


def _sights(readable: Sequence[Decoded], provider: Provider) -> list[Sight]:
    """What is seen on decoded images, in pixels of the decoded pictures."""
    pixels = [one.pixels for one in readable if one.pixels is not None]
    if isinstance(provider, Suggesting):
        return provider.look(pixels)
    if isinstance(provider, BatchProvider):
        return [Sight(faces) for faces in provider.label_batch(pixels)]
    return [Sight(provider.label(one)) for one in pixels]


def _seen(one: Decoded, sight: Sight) -> Seen:
    x, y = one.scale
    return Seen(
        one.image,
        [_in_image(face, one.scale) for face in sight.faces],
        suggestions=[replace(maybe, box=_box_scaled(maybe.box, x, y)) for maybe in sight.suggestions],
    )


def _label_alone(one: Decoded, provider: Provider) -> Seen:
    assert one.pixels is not None  # noqa: S101  # the caller passes readable images
    try:
        return _seen(one, _sights([one], provider)[0])
    except ProviderRefused as error:
        return Seen(one.image, problem=f"{provider.name} refused the image ({error.code}): {error}")


def _in_image(face: CoarseFace, scale: tuple[float, float]) -> CoarseFace:
    """The face in pixels of the image; ``scale``: what a pixel of the decoded picture measures in those."""
    if scale == (1.0, 1.0):
        return face
    x, y = scale
    box, points = face.labels.box, face.labels.landmarks
    moved = replace(
        face.labels,
        box=_box_scaled(box, x, y),
        landmarks=None if points is None else (points * np.array([x, y])).astype(np.float32),
    )
    return replace(face, labels=moved)


def _box_scaled(box: Box, x: float, y: float) -> Box:
    return Box(box.x1 * x, box.y1 * y, box.x2 * x, box.y2 * y)
