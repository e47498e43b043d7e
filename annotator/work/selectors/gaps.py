"""Groups of people that a dataset has too few accepted faces of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from django.db import connection

from annotator.datasets.models import Dataset
from annotator.faces.models import Revision
from jfa_pipeline.core.age_bands import AGE_BANDS, BAND_STARTS, age_band
from jfa_pipeline.core.policy import Policy

NEWEST_COUNTED: Final = 20_000
"""Accepted faces that the shares are taken over: enough for a share of 1 % to be off by 0.15 at most."""

FEWEST_COUNTED: Final = 30
"""With fewer accepted faces that have the attribute nothing can be said about its groups."""

GAP_BELOW: Final = 0.5
"""A group is a gap if its share is less than this part of an even share among the attribute's groups."""

ACCEPTED_GROUPS: Final = """
SELECT r.gender, r.ethnicity, width_bucket(s.age_mean, %(bands)s::float8[]), count(*)
FROM (
    SELECT current_id, age_mean FROM faces_face
    WHERE dataset_id = %(dataset)s AND state = 'accepted' ORDER BY id DESC LIMIT %(newest)s
) s JOIN faces_revision r ON r.id = s.current_id
GROUP BY 1, 2, 3
"""


def demographic_gaps(*, dataset: Dataset, policy: Policy) -> frozenset[str]:
    """Under-represented groups as "gender:female", "ethnicity:asian", "age:0-12".

    One query, over the NEWEST_COUNTED accepted faces by id however many there are.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            ACCEPTED_GROUPS,
            {"dataset": dataset.pk, "bands": list(BAND_STARTS), "newest": NEWEST_COUNTED},
        )
        rows = cursor.fetchall()
    counts: dict[str, Counter[str]] = {"gender": Counter(), "ethnicity": Counter(), "age": Counter()}
    for gender, ethnicity, band, faces in rows:
        counts["gender"][gender] += faces
        counts["ethnicity"][ethnicity] += faces
        if band:
            counts["age"][AGE_BANDS[band - 1]] += faces
    return frozenset(
        f"{attribute}:{value}"
        for attribute, classes in (
            ("gender", policy.genders),
            ("ethnicity", policy.ethnicities),
            ("age", AGE_BANDS),
        )
        for value in _too_few(counts[attribute], classes)
    )


def groups_of(*, gender: str | None, ethnicity: str | None, age: float | None) -> frozenset[str]:
    """The groups that a pre-label puts a face into, as ``demographic_gaps`` names them."""
    found = {"gender": gender, "ethnicity": ethnicity, "age": None if age is None else age_band(age)}
    return frozenset(f"{attribute}:{value}" for attribute, value in found.items() if value is not None)


def groups_of_prelabel(prelabel: Revision | None) -> frozenset[str]:
    if prelabel is None:
        return frozenset()
    return groups_of(gender=prelabel.gender, ethnicity=prelabel.ethnicity, age=prelabel.age)


def _too_few(counts: Counter[str], classes: Iterable[str]) -> list[str]:
    """Classes whose share among the faces with one of the classes is below GAP_BELOW of an even share."""
    named = tuple(classes)
    total = sum(counts[name] for name in named)
    if total < FEWEST_COUNTED:
        return []
    return [name for name in named if counts[name] < GAP_BELOW * total / len(named)]
