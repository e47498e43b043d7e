"""What a person made of an image's suggestions, as it is kept with their sweep (decision 0035)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotator.faces.models import Face, Suggestion
from annotator.images.models import Image


def suggestions_named(
    *, image: Image, taken: Sequence[int | None], dismissed: Sequence[int]
) -> dict[int, Suggestion]:
    """The suggestions of the image that a sweep names, by id; no query where it names none.

    One that a newer model has replaced meanwhile is absent: the sweep counts all the same.
    """
    named = {pk for pk in (*taken, *dismissed) if pk is not None}
    if not named:
        return {}
    return {one.pk: one for one in Suggestion.objects.filter(image=image, pk__in=named)}


def where_from(*, known: Mapping[int, Suggestion], taken: Sequence[int | None], count: int) -> list[str]:
    """For each of ``count`` added boxes what its version says of where it comes from; "" where it was drawn."""
    sources = [known.get(pk) if pk is not None else None for pk in taken[:count]]
    told = [
        "" if one is None else f"Taken from a suggestion of {one.detector} ({one.score:.2f})."
        for one in sources
    ]
    return told + [""] * (count - len(told))


def suggestions_answered(
    *,
    known: Mapping[int, Suggestion],
    faces: Sequence[Face | None],
    taken: Sequence[int | None],
    dismissed: Sequence[int],
) -> dict[str, Any]:
    """The suggestions that became faces or were dismissed, each with what it said, for the pass of the sweep.

    known: from ``suggestions_named``. faces: those added, None for each where none was made (gold); taken: for each
    the suggestion that it was taken from, or None; may be shorter. Empty where nothing is known.
    """
    if not known:
        return {}
    return {
        "suggestions": {
            "taken": [
                {**_said(known[pk]), "face": None if face is None else face.pk}
                for face, pk in zip(faces, taken, strict=False)
                if pk is not None and pk in known
            ],
            "dismissed": [_said(known[pk]) for pk in dict.fromkeys(dismissed) if pk in known],
        }
    }


def _said(one: Suggestion) -> dict[str, Any]:
    return {"id": one.pk, "box": list(one.box), "score": one.score, "detector": one.detector}
