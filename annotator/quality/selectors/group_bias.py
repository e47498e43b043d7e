"""Whether people treat groups of faces differently, from gold and from accepted faces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

from django.db.models import F

from annotator.datasets.models import Dataset
from annotator.faces.models import FaceState, Revision
from annotator.quality.selectors.gold_answers import answers_to_gold
from annotator.work.models import Pass, PassKind
from jfa_pipeline.core.age_bands import age_band
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.group_bias import GroupBiasReport, GroupError, group_bias
from jfa_pipeline.metrics.landmarks import nme

Group = Literal["gender", "ethnicity", "age"]
Measure = Literal["age", "landmarks", "gender", "ethnicity"]
Source = Literal["gold", "accepted"]

NEWEST_PASSES: Final = 4000
"""Passes on accepted faces that the report is taken from, newest first."""


def group_bias_report(
    *, dataset: Dataset, policy: Policy, by: Group, measure: Measure, source: Source
) -> GroupBiasReport:
    """Errors of each person (keys: user ids) by group of the face.

    measure: age in years with its sign, landmarks as NME over box sides, or wrong words as 1 and right ones as 0.
    gold: against trusted labels. accepted: against what the others agreed on, so that nobody is compared with
    themselves: the mean of the other people's ages, and accepted labels that somebody else made.
    """
    rows = _of_gold(dataset, policy) if source == "gold" else _of_accepted(dataset, measure)
    errors = []
    for person, given, truth in rows:
        group, error = _group(truth, by), _error(given, truth, measure)
        if group is not None and error is not None:
            errors.append(GroupError(person, group, error))
    return group_bias(errors)


def _of_gold(dataset: Dataset, policy: Policy) -> Iterator[tuple[int, FaceLabels, FaceLabels]]:
    for answer in answers_to_gold(dataset=dataset, policy=policy):
        if answer.labels is not None:
            yield answer.user_id, answer.labels.given, answer.labels.truth


def _of_accepted(dataset: Dataset, measure: Measure) -> Iterator[tuple[int, FaceLabels, FaceLabels]]:
    passes = (
        Pass.objects.filter(
            dataset=dataset,
            kind__in=(PassKind.ANNOTATE, PassKind.CHECK),
            counted=True,
            is_gold=False,
            revision__isnull=False,
            face__state=FaceState.ACCEPTED,
            round=F("face__round"),
        )
        .select_related("revision", "face__current")
        .order_by("-pk")
    )
    if measure != "age":
        passes = passes.exclude(revision=F("face__current"))
    if measure != "landmarks":
        passes = passes.defer(
            *(
                f"{row}__{name}"
                for row in ("revision", "face__current")
                for name in ("landmarks", "visibility")
            )
        )
    for made in passes[:NEWEST_PASSES]:
        face, revision = made.face, made.revision
        if face is None or face.current is None or revision is None:
            continue
        points = measure == "landmarks"
        truth = _labels(face.current, face.age_mean, points=points)
        if measure == "age":
            truth = replace(truth, age=_mean_of_others(face.age_mean, face.age_n, revision.age))
        yield made.user_id, _labels(revision, revision.age, points=points), truth


def _labels(revision: Revision, age: float | None, *, points: bool) -> FaceLabels:
    """Labels with another age, without the points where their columns were not loaded."""
    return FaceLabels(
        box=Box(revision.x1, revision.y1, revision.x2, revision.y2),
        landmarks=revision.landmarks if points else None,
        visibility=revision.visibility if points else None,
        age=age,
        gender=revision.gender,
        ethnicity=revision.ethnicity,
    )


def _mean_of_others(mean: float | None, n: int, own: float | None) -> float | None:
    """The mean age over the other people of a face; None where nobody else gave one."""
    if mean is None or own is None or n < 2:
        return None
    return min(max((mean * n - own) / (n - 1), 0.0), 100.0)


def _group(truth: FaceLabels, by: Group) -> str | None:
    if by == "age":
        return None if truth.age is None else age_band(truth.age)
    word: str | None = getattr(truth, by)
    return word


def _error(given: FaceLabels, truth: FaceLabels, measure: Measure) -> float | None:
    if measure == "age":
        return None if given.age is None or truth.age is None else given.age - truth.age
    if measure == "landmarks":
        if given.landmarks is None or truth.landmarks is None:
            return None
        return nme(given.landmarks, truth.landmarks, normaliser="box_side", box=truth.box)
    said, true = getattr(given, measure), getattr(truth, measure)
    return None if said is None or true is None else float(said != true)
