"""What a person sees who sweeps images: the faces that are there, and boxes that detectors only doubt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from annotator.faces.models import Face, FaceState, Suggestion
from annotator.work.models import Gold
from jfa_pipeline.core.boxes import Box, iou

KNOWN_ABOVE: Final = 0.7
"""A suggestion that overlaps a face, or what people rejected, more than this is settled (the threshold of J03)."""

BETRAYS_FROM: Final = 0.3
"""A suggestion that overlaps the missed face of a gold sweep this much would tell where it is."""


@dataclass(frozen=True, slots=True)
class OnImage:
    """Everything known about an image to sweep. faces: rejected ones too."""

    faces: Sequence[Face] = ()
    suggestions: Sequence[Suggestion] = ()


def on_images(image_ids: Sequence[int]) -> dict[int, OnImage]:
    """Faces with their current version, and suggestions, of images that are swept; two queries, none for no image."""
    if not image_ids:
        return {}
    faces: dict[int, list[Face]] = defaultdict(list)
    for face in Face.objects.filter(image__in=image_ids).select_related("current").order_by("pk"):
        faces[face.image_id].append(face)
    maybe: dict[int, list[Suggestion]] = defaultdict(list)
    for one in Suggestion.objects.filter(image__in=image_ids).order_by("-score", "pk"):
        maybe[one.image_id].append(one)
    return {image: OnImage(faces[image], maybe[image]) for image in image_ids}


def sweep_json(seen: OnImage, gold: Gold | None) -> dict[str, Any]:
    """The part of an item that a sweep has: rejected faces do not come back.

    gold: its face is left out, and with it each suggestion that would betray it: what is tested is a face that no
    detector saw, like the faces that ordinary sweeps are made for (decision 0035). A suggestion tells neither its
    score nor its detector.
    """
    hidden = None if gold is None else gold.face_id
    faces = [face for face in seen.faces if face.pk != hidden and face.current is not None]
    boxes = [face.current.labels.box for face in faces if face.current is not None]
    return {
        "faces": [_face_json(face) for face in faces if face.state != FaceState.REJECTED],
        "suggestions": [
            {"id": one.pk, "box": list(one.box)}
            for one in seen.suggestions
            if not _is_known(one.box, boxes) and not (gold is not None and _betrays(one.box, gold))
        ],
    }


def _is_known(box: Box, faces: Iterable[Box]) -> bool:
    return any(iou(box, face) > KNOWN_ABOVE for face in faces)


def _betrays(box: Box, gold: Gold) -> bool:
    missed = gold.truth.labels.box
    return iou(box, missed) >= BETRAYS_FROM or _holds_centre(box, missed) or _holds_centre(missed, box)


def _holds_centre(outer: Box, inner: Box) -> bool:
    x, y = inner.centre
    return outer.x1 <= x <= outer.x2 and outer.y1 <= y <= outer.y2


def _face_json(face: Face) -> dict[str, Any]:
    assert face.current is not None  # noqa: S101  # every face is made together with a revision
    return {
        "id": face.pk,
        "state": face.state,
        "box": list(face.current.labels.box),
        "detector": face.detector,
        "score": face.score,
        "needs_person": face.needs_person,
    }
