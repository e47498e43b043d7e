"""How far the people of a dataset agree, from what they said of its newest faces.

Two reports that must not be mixed. *Blind*: what people gave without seeing one another's, which is what agreement
means. *Seen*: checks against what the checker was shown; it says how far checkers correct, and flatters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState, Revision
from annotator.work.selectors.versions import OPINIONS, blind_labels
from annotator.work.selectors.withdrawn import not_taken_back
from jfa_pipeline.core.age_bands import AGE_BANDS, age_band
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.agreement import (
    AgreementReport,
    Agreements,
    Labelling,
    Tolerances,
    region_tolerances,
)
from jfa_pipeline.metrics.estimates import Estimate

NEWEST_FACES: Final = 1000
"""Faces that a report is about: enough for narrow intervals, few enough for a page."""

SPOKEN: Final = (FaceState.ACCEPTED, FaceState.REJECTED, FaceState.DISPUTED, FaceState.CHECKING)
PARTS: Final = ("age", "gender", "ethnicity", "landmarks")
SIZES: Final = ((60, "up to 60 px"), (120, "61 to 120 px"), (240, "121 to 240 px"))
LARGEST: Final = "over 240 px"
GROUPINGS: Final = ("gender", "ethnicity", "age", "size")

Row = tuple[str, str, str, str, float | None, float | None, float | None, int]
COLUMNS: Final = ("answers", "scope", "name", "measure", "value", "low_95", "high_95", "n")


@dataclass(frozen=True, slots=True)
class Scopes:
    """Reports of the same labellings: of all, of every two people, and of each group of faces."""

    overall: AgreementReport
    pairs: dict[str, AgreementReport]
    groups: dict[str, dict[str, AgreementReport]]


@dataclass(frozen=True, slots=True)
class DatasetAgreement:
    """faces: those of the newest NEWEST_FACES in work or closed that at least two people labelled.

    asked_blind: labels that some checker was asked blind. blind: without boxes and flags, which are always shown.
    """

    faces: int
    asked_blind: tuple[str, ...]
    blind: Scopes
    seen: Scopes


def agreement_get(*, dataset: Dataset, with_pairs: bool) -> DatasetAgreement:
    """Both reports. As many queries for many faces as for few; some seconds of arithmetic for many people.

    with_pairs: name the two people of each pair; without it there are none.
    """
    assert dataset.policy is not None  # noqa: S101  # made together with the dataset
    policy = dataset.policy.policy
    faces = _newest(dataset)
    said = _opinions(faces)
    asked = {label for own in said for label in blind_labels(own) if own.kind == "check"}
    groups = {name: {face.pk: _group(face, name) for face in faces.values()} for name in GROUPINGS}
    names: Mapping[int, str] | None = None
    if with_pairs:
        people = {own.author_id for own in said if own.author_id is not None}
        names = {user.pk: user.name for user in User.objects.filter(pk__in=people)}
    tolerances = _tolerances(policy)
    blind = Agreements([_labelling(own, blind=True) for own in said], tolerances=tolerances)
    seen = Agreements(
        [_labelling(own, blind=False) for own in said], flags=sorted(policy.flags), tolerances=tolerances
    )
    scopes = seen.overall()
    return DatasetAgreement(
        faces=scopes.faces_n,
        asked_blind=tuple(part for part in PARTS if part in asked),
        blind=_scopes(blind, groups, names),
        seen=_scopes(seen, groups, names),
    )


def _newest(dataset: Dataset) -> dict[int, Face]:
    """The newest faces that anybody labelled; an index's end for each state."""
    ids: list[int] = []
    for state in SPOKEN:
        rows = Face.objects.filter(dataset=dataset, state=state).order_by("-pk")
        ids += rows.values_list("pk", flat=True)[:NEWEST_FACES]
    chosen = sorted(ids, reverse=True)[:NEWEST_FACES]
    return Face.objects.select_related("current").in_bulk(chosen)


def _opinions(faces: Mapping[int, Face]) -> list[Revision]:
    """What annotators and checkers said of these faces in their present rounds."""
    made = (
        Revision.objects.filter(not_taken_back(), face_id__in=faces, kind__in=OPINIONS, author__isnull=False)
        .select_related("policy")
        .order_by("pk")
    )
    return [revision for revision in made if revision.round == faces[revision.face_id].round]


def _labelling(revision: Revision, *, blind: bool) -> Labelling:
    labels = revision.labels
    if blind:
        own = blind_labels(revision)
        labels = FaceLabels(
            box=labels.box,
            landmarks=labels.landmarks if "landmarks" in own else None,
            visibility=labels.visibility if "landmarks" in own else None,
            age=labels.age if "age" in own else None,
            gender=labels.gender if "gender" in own else None,
            ethnicity=labels.ethnicity if "ethnicity" in own else None,
        )
    assert revision.author_id is not None  # noqa: S101  # filtered above
    return Labelling(face=revision.face_id, person=revision.author_id, labels=labels)


def _tolerances(policy: Policy) -> Tolerances:
    return Tolerances(
        box_iou_min=policy.box_iou_min,
        region_nme_box_max=region_tolerances(policy.landmark_nme_max) | policy.region_nme_max,
    )


def _group(face: Face, name: str) -> str:
    """The face's group in a grouping, by its current labels and mean age; empty where it has none."""
    if face.current is None:
        return ""
    if name == "size":
        side = face.current.labels.box.min_side
        return next((words for limit, words in SIZES if side <= limit), LARGEST)
    if name == "age":
        return "" if face.age_mean is None else age_band(face.age_mean)
    return getattr(face.current, name) or ""


def _scopes(
    agreements: Agreements, groups: Mapping[str, Mapping[Any, str]], names: Mapping[int, str] | None
) -> Scopes:
    pairs = {} if names is None else agreements.by_pair()
    known: Mapping[Any, str] = names or {}
    return Scopes(
        overall=agreements.overall(),
        pairs={f"{known[a]} and {known[b]}": report for (a, b), report in pairs.items()},
        groups={name: _ordered(name, agreements.by_group(of)) for name, of in groups.items()},
    )


def _ordered(name: str, found: Mapping[str, AgreementReport]) -> dict[str, AgreementReport]:
    """Age bands and sizes in their own order, words in the alphabet's."""
    order: Sequence[str] = sorted(found)
    if name == "age":
        order = [band for band in AGE_BANDS if band in found]
    elif name == "size":
        order = [words for words in (*(words for _, words in SIZES), LARGEST) if words in found]
    return {key: found[key] for key in order}


# ---- shapes


def agreement_json(found: DatasetAgreement) -> dict[str, Any]:
    """For the page; estimates as value, 95 % bounds and n."""
    return {
        "faces": found.faces,
        "newest": NEWEST_FACES,
        "asked_blind": list(found.asked_blind),
        "blind": _scopes_json(found.blind, boxes=False),
        "seen": _scopes_json(found.seen, boxes=True),
    }


def _scopes_json(scopes: Scopes, *, boxes: bool) -> dict[str, Any]:
    return {
        "overall": _report_json("everybody", scopes.overall, boxes=boxes),
        "pairs": [_report_json(name, report, boxes=boxes) for name, report in scopes.pairs.items()],
        "groups": [
            {
                "name": grouping,
                "rows": [_report_json(name, report, boxes=boxes) for name, report in reports.items()],
            }
            for grouping, reports in scopes.groups.items()
        ],
    }


def _report_json(name: str, report: AgreementReport, *, boxes: bool) -> dict[str, Any]:
    return {
        "name": name,
        "faces": report.faces_n,
        "pairs": report.pairs_n,
        "measures": [
            {"measure": measure, **estimate_json(estimate)} for measure, estimate in measures(report, boxes)
        ],
    }


def estimate_json(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high, "n": estimate.n}


def measures(report: AgreementReport, boxes: bool) -> Iterator[tuple[str, Estimate]]:
    """Every figure of a report by its name, e.g. ``nme_box_eyes``, ``within_eyes``, ``alpha_gender``."""
    if boxes:
        yield "box_iou", report.box_iou
        yield "box_within", report.box_within
    for region, estimate in report.nme_box.items():
        yield f"nme_box_{region}", estimate
    for region, estimate in report.region_within.items():
        yield f"within_{region}", estimate
    yield "points_placed_alike", report.placed_alike
    yield "age_difference_years", report.age_difference_years
    yield "age_within", report.age_within
    if report.age_shift_years is not None:
        yield "age_shift_years", report.age_shift_years
    sd = report.age_sd_years
    yield "age_sd_years", Estimate(sd, None, None, report.age_difference_years.n)
    for label, estimate in report.alpha.items():
        yield f"alpha_{label}", estimate
    for label, estimate in report.kappa.items():
        yield f"kappa_{label}", estimate


def agreement_rows(report: Mapping[str, Any]) -> Iterator[Row]:
    """A row for each measure of each scope of a report as agreement_json gives it, in the order of COLUMNS."""
    for answers in ("blind", "seen"):
        scopes = report[answers]
        reports = [("everybody", "", scopes["overall"])]
        reports += [("pair", row["name"], row) for row in scopes["pairs"]]
        for grouping in scopes["groups"]:
            reports += [(grouping["name"], row["name"], row) for row in grouping["rows"]]
        for scope, name, row in reports:
            for one in row["measures"]:
                yield answers, scope, name, one["measure"], one["value"], one["low"], one["high"], one["n"]
