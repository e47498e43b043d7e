"""How far apart the people of a dataset are about age."""

from __future__ import annotations

import math
from typing import Final

from annotator.faces.models import Face, FaceState

TYPICAL_AGE_SD: Final = 5.0
"""Years between people on one face until a dataset's own people show theirs; if too much, a few are asked in vain."""

LATEST_FACES: Final = 500
FREEDOM_MIN: Final = 30


def typical_age_sd(*, dataset_id: int) -> float:
    """Standard deviation in years between people on one face, pooled over the newest LATEST_FACES accepted faces.

    TYPICAL_AGE_SD while these faces have fewer than FREEDOM_MIN degrees of freedom (ages less faces). One query
    of an index's end, whatever the size of the dataset.
    """
    squares, freedom = 0.0, 0
    latest = (
        Face.objects.filter(dataset_id=dataset_id, state=FaceState.ACCEPTED)
        .order_by("-pk")
        .values_list("age_sd", "age_n")[:LATEST_FACES]
    )
    for sd, n in latest:
        if sd is not None and n > 1:
            squares += (n - 1) * sd**2
            freedom += n - 1
    return math.sqrt(squares / freedom) if freedom >= FREEDOM_MIN else TYPICAL_AGE_SD
