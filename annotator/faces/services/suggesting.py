"""Writes of suggestions: what detectors doubt on an image, for the person who sweeps it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from annotator.common.copying import ids_draw, rows_copy
from annotator.faces.models import Suggestion
from annotator.images.models import Image
from jfa_pipeline.coarse import protocol


@transaction.atomic
def suggestions_replace(*, seen: Sequence[tuple[Image, Sequence[protocol.Suggestion]]]) -> list[Suggestion]:
    """Store what a provider is not sure of on these images, instead of what an earlier one was not.

    Boxes are cut to the image; one that lies outside is left out. The caller holds the images' row locks. One
    statement, three where there is anything to store, however many images.
    """
    Suggestion.objects.filter(image__in=[image.pk for image, _ in seen]).delete()
    fitted = [
        (image, one, box)
        for image, suggestions in seen
        for one in suggestions
        if (box := one.box.clipped(image.width, image.height)).is_proper()
    ]
    if not fitted:
        return []
    (ids,) = ids_draw(tables=(Suggestion,), count=len(fitted))
    made = [
        Suggestion(
            pk=pk,
            image=image,
            x1=box.x1,
            y1=box.y1,
            x2=box.x2,
            y2=box.y2,
            score=one.score,
            detector=one.detector[:60],
        )
        for pk, (image, one, box) in zip(ids, fitted, strict=True)
    ]
    rows_copy(rows=made)
    return made
