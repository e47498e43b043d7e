"""Which boxes that detectors doubt are worth a person's look: suggestions for the sweep of an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jfa_pipeline.coarse.protocol import Suggestion
from jfa_pipeline.core.boxes import Box, iou_matrix

SAME_FACE_FROM: Final = 0.5
"""A box that overlaps a found face at least this much is that face drawn differently (as in a sweep's recall)."""

SAME_SUGGESTION_ABOVE: Final = 0.3
MOST_SUGGESTED: Final = 40


def suggestions_beside(faces: Sequence[Box], doubtful: Sequence[Suggestion]) -> list[Suggestion]:
    """Of one image's doubtful boxes those that may be a face which was not found, best score first.

    faces: boxes of the faces found, continuous xyxy as all boxes here. A doubtful box with IoU >= 0.5 to a face says
    nothing new; between 0.3 and 0.5 the detectors half agree (J03) and it may be a second face. Of two doubtful
    boxes with IoU > 0.3 the better one stays. At most MOST_SUGGESTED: beyond that drawing is quicker.
    """
    kept: list[Suggestion] = []
    for one in sorted(doubtful, key=lambda each: -each.score):
        if len(kept) == MOST_SUGGESTED:
            break
        if faces and iou_matrix([one.box], faces).max() >= SAME_FACE_FROM:
            continue
        if kept and iou_matrix([one.box], [other.box for other in kept]).max() > SAME_SUGGESTION_ABOVE:
            continue
        kept.append(one)
    return kept
