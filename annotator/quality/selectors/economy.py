"""The curve that must fall: distances, edits and seconds per accepted face, by the model of the pre-label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from annotator.datasets.models import Dataset
from jfa_pipeline.metrics.edits import POINT_TOLERANCE_BOX_SIDE, SIDE_TOLERANCE_BOX_SIDE
from jfa_pipeline.metrics.means import Difference, Sample, mean_interval, stratified_difference

MEASURES: Final[dict[str, str]] = {
    "edits": "points_moved + sides_moved + attributes_changed",
    "points_moved": "points_moved",
    "sides_moved": "sides_moved",
    "attributes_changed": "attributes_changed",
    "active_seconds": "active_ms / 1000.0",
    "annotate_seconds": "annotate_ms / 1000.0",
    "box_iou": "box_iou",
    "nme_box_side": "nme_box_side",
    "nme_box_side_jaw": "nme_jaw",
    "nme_box_side_brows": "nme_brows",
    "nme_box_side_nose": "nme_nose",
    "nme_box_side_eyes": "nme_eyes",
    "nme_box_side_lips": "nme_lips",
    "age_difference": "age_difference",
    "age_distance": "abs(age_difference)",
    "gender_changed": "gender_changed::int",
    "ethnicity_changed": "ethnicity_changed::int",
}
"""Name of each measure and how a row of the table gives it. Seconds are of people's work, ages in years
(``age_difference`` is accepted minus pre-label), ``*_changed`` of an attribute a share of the faces that have it."""

COMPARED_BLIND: Final = (
    "edits",
    "annotate_seconds",
    "box_iou",
    "nme_box_side",
    "age_distance",
    "gender_changed",
    "ethnicity_changed",
)
"""What is compared between faces whose pre-label people saw and those where it was hidden."""

ALL_MODELS: Final = ""
PAUSE_SECONDS: Final = 30
"""The page counts a pause for at most so long (frontend/src/store/activity.ts)."""

MOST_WEEKS: Final = 520

# A face counts with the row of the round that it is accepted in now: what was reopened is not counted twice.
COUNTED: Final = """
FROM quality_faceeconomy e JOIN faces_face f ON f.id = e.face_id AND f.round = e.round AND f.state = 'accepted'
WHERE e.dataset_id = %(dataset)s AND (%(since)s::timestamptz IS NULL OR e.accepted_at >= %(since)s)
"""
_SAMPLES: Final = ", ".join(
    f"count({value}), avg({value})::float8, var_samp({value})::float8" for value in MEASURES.values()
)
BY_MODEL: Final = f"""
SELECT made_by, is_blind, count(*), min(accepted_at), max(accepted_at), {_SAMPLES}
FROM (SELECT e.* {COUNTED}) rows GROUP BY made_by, is_blind ORDER BY min(accepted_at), made_by
"""  # noqa: S608  # put together from the constants above, nothing that anybody sends
BY_WEEK: Final = f"""
SELECT date_trunc('week', accepted_at, 'UTC')::date, made_by, count(*),
       avg(points_moved + sides_moved + attributes_changed)::float8, avg(active_ms / 1000.0)::float8
FROM (SELECT e.* {COUNTED} AND NOT e.is_blind) rows GROUP BY 1, 2 ORDER BY 1, min(accepted_at)
"""  # noqa: S608  # as above


@dataclass(frozen=True, slots=True)
class Version:
    """The accepted faces that one model labelled first; ``samples`` by measure, over those that people saw."""

    made_by: str
    first: datetime
    last: datetime
    faces: int
    blind_faces: int
    samples: dict[str, Sample]


@dataclass(frozen=True, slots=True)
class BlindComparison:
    """A measure on blind and shown faces; ``made_by`` ALL_MODELS: within each model, then over them."""

    made_by: str
    measure: str
    shown: Sample
    blind: Sample
    difference: Difference | None


@dataclass(frozen=True, slots=True)
class Week:
    """Accepted faces of a week (its Monday, UTC) by model: edits and active seconds per face."""

    week: date
    made_by: str
    faces: int
    edits: float
    active_seconds: float | None


@dataclass(frozen=True, slots=True)
class Economy:
    """Everything for the page; versions in the order in which their faces were first accepted."""

    since: datetime | None
    versions: list[Version]
    blind: list[BlindComparison]
    weeks: list[Week]


Key = tuple[str, bool]


def economy_get(*, dataset: Dataset, weeks: int | None = None) -> Economy:
    """Aggregates of the accepted faces, of the last ``weeks`` weeks or all. Two queries, however many faces."""
    since = None if weeks is None else timezone.now() - timedelta(weeks=weeks)
    parameters = {"dataset": dataset.pk, "since": since}
    with connection.cursor() as cursor:
        cursor.execute(BY_MODEL, parameters)
        rows = cursor.fetchall()
        cursor.execute(BY_WEEK, parameters)
        by_week = [Week(*row) for row in cursor.fetchall()]
    groups = {(row[0], row[1]): row[2:5] for row in rows}
    samples = {(row[0], row[1]): _samples(row[5:]) for row in rows}
    makers = list(dict.fromkeys(made_by for made_by, _ in groups))
    return Economy(
        since=since,
        versions=[_version(made_by, groups, samples) for made_by in makers],
        blind=list(_blind(makers, samples)),
        weeks=by_week,
    )


def economy_rows(*, dataset: Dataset, weeks: int | None = None) -> tuple[list[str], list[list[Any]]]:
    """(column names, a row per model): each measure with its interval and number of faces, for spreadsheets."""
    columns = ["made_by", "first_accepted", "last_accepted", "faces", "blind_faces"]
    columns += [f"{name}{part}" for name in MEASURES for part in ("", "_low", "_high", "_n")]
    rows = []
    for version in economy_get(dataset=dataset, weeks=weeks).versions:
        row: list[Any] = [version.made_by, version.first.isoformat(), version.last.isoformat()]
        row += [version.faces, version.blind_faces]
        for name in MEASURES:
            shown = measure_json(version.samples[name])
            row += [shown["mean"], shown["low"], shown["high"], shown["n"]]
        rows.append(["" if cell is None else cell for cell in row])
    return columns, rows


def measure_json(sample: Sample) -> dict[str, Any]:
    """A mean with its 95 % interval (Student's t) and the number of faces behind it."""
    low, high = mean_interval(sample) or (None, None)
    return {"n": sample.n, "mean": sample.mean, "low": low, "high": high}


def economy_json(economy: Economy) -> dict[str, Any]:
    """The answer of the API."""
    return {
        "since": economy.since,
        "pause_seconds": PAUSE_SECONDS,
        "point_tolerance_box_side": POINT_TOLERANCE_BOX_SIDE,
        "side_tolerance_box_side": SIDE_TOLERANCE_BOX_SIDE,
        "versions": [
            {
                "made_by": version.made_by,
                "first_accepted_at": version.first,
                "last_accepted_at": version.last,
                "faces": version.faces,
                "blind_faces": version.blind_faces,
                "measures": {name: measure_json(sample) for name, sample in version.samples.items()},
            }
            for version in economy.versions
        ],
        "blind": [
            {
                "made_by": None if found.made_by == ALL_MODELS else found.made_by,
                "measure": found.measure,
                "shown": measure_json(found.shown),
                "blind": measure_json(found.blind),
                "difference": None if found.difference is None else found.difference.mean,
                "low": None if found.difference is None else found.difference.low,
                "high": None if found.difference is None else found.difference.high,
            }
            for found in economy.blind
        ],
        "weeks": [
            {
                "week": week.week,
                "made_by": week.made_by,
                "faces": week.faces,
                "edits": week.edits,
                "active_seconds": week.active_seconds,
            }
            for week in economy.weeks
        ],
    }


def _samples(columns: tuple[Any, ...]) -> dict[str, Sample]:
    return {name: Sample(*columns[3 * place : 3 * place + 3]) for place, name in enumerate(MEASURES)}


def _version(
    made_by: str, groups: dict[Key, tuple[Any, ...]], samples: dict[Key, dict[str, Sample]]
) -> Version:
    of = [groups[key] for key in ((made_by, False), (made_by, True)) if key in groups]
    nothing = dict.fromkeys(MEASURES, NONE)
    return Version(
        made_by=made_by,
        first=min(first for _, first, _ in of),
        last=max(last for *_, last in of),
        faces=groups[made_by, False][0] if (made_by, False) in groups else 0,
        blind_faces=groups[made_by, True][0] if (made_by, True) in groups else 0,
        samples=samples.get((made_by, False), nothing),
    )


NONE: Final = Sample(n=0, mean=None, variance=None)


def _blind(makers: list[str], samples: dict[Key, dict[str, Sample]]) -> Iterator[BlindComparison]:
    """Blind minus shown, for each model with blind faces and over all of them."""
    nothing = dict.fromkeys(MEASURES, NONE)
    with_blind = [maker for maker in makers if (maker, True) in samples]
    pairs: dict[str, list[tuple[Sample, Sample]]] = defaultdict(list)
    for maker in with_blind:
        for measure in COMPARED_BLIND:
            shown = samples.get((maker, False), nothing)[measure]
            blind = samples[maker, True][measure]
            pairs[measure].append((blind, shown))
            yield BlindComparison(maker, measure, shown, blind, stratified_difference([(blind, shown)]))
    for measure in COMPARED_BLIND if len(with_blind) > 1 else ():
        yield BlindComparison(
            ALL_MODELS,
            measure,
            shown=_pooled([shown for _, shown in pairs[measure]]),
            blind=_pooled([blind for blind, _ in pairs[measure]]),
            difference=stratified_difference(pairs[measure]),
        )


def _pooled(samples: list[Sample]) -> Sample:
    """One sample of all values; its variance includes that between the samples."""
    there = [(s.n, s.mean, s.variance or 0.0) for s in samples if s.n and s.mean is not None]
    n = sum(count for count, *_ in there)
    if not n:
        return NONE
    mean = sum(count * value for count, value, _ in there) / n
    squares = sum((count - 1) * var + count * (value - mean) ** 2 for count, value, var in there)
    return Sample(n=n, mean=mean, variance=squares / (n - 1) if n > 1 else None)
