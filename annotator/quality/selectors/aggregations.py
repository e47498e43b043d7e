"""Aggregations of a dataset, as its admins read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from annotator.accounts.models import User
from annotator.common.errors import NotFound
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Dataset, Role
from annotator.jobs.models import LIVE, Job, JobKind, JobState
from annotator.quality.models import Aggregation

NEWEST: Final = 50


def aggregation_access(*, user: Any, aggregation_id: int) -> Aggregation:
    """An aggregation of a dataset whose admin the user is; raises NotFound or NotAllowed."""
    found = Aggregation.objects.select_related("dataset").filter(pk=aggregation_id).first()
    if found is None:
        raise NotFound()
    dataset_access(user=user, dataset_id=found.dataset_id, roles=(Role.ADMIN,))
    return found


def aggregations_json(*, dataset: Dataset) -> dict[str, Any]:
    """The newest aggregations, the job that runs, and the newest dry run; as many queries for many as for one."""
    rows = list(
        Aggregation.objects.filter(dataset=dataset)
        .select_related("created_by", "undone_by")
        .order_by("-pk")[:NEWEST]
    )
    jobs = Job.objects.filter(dataset=dataset, kind=JobKind.AGGREGATE)
    running = jobs.filter(state__in=LIVE).order_by("-pk").values_list("pk", flat=True).first()
    dry = jobs.filter(state=JobState.DONE, params__what="dry_run").order_by("-pk").first()
    people = {
        person["person"]
        for figures in [*(row.figures for row in rows), {} if dry is None else dry.result]
        for person in figures.get("people", ())
    }
    names = {user.pk: user.name for user in User.objects.filter(pk__in=people)}
    return {
        "results": [_row_json(row, names) for row in rows],
        "running": running,
        "dry_run": None
        if dry is None
        else {"job": dry.pk, "at": dry.finished_at, "figures": _figures_json(dry.result, names)},
    }


def _row_json(row: Aggregation, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "attributes_by": row.rule["attributes_by"],
        "policy_version": row.rule["policy_version"],
        "reason": row.rule["reason"],
        "created_by": None if row.created_by is None else row.created_by.name,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
        "undone_at": row.undone_at,
        "undone_by": None if row.undone_by is None else row.undone_by.name,
        "figures": _figures_json(row.figures, names) if row.finished_at else None,
    }


def _figures_json(figures: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    people = [{**person, "name": names.get(person["person"], "erased")} for person in figures["people"]]
    changed = figures["would_change"] if "would_change" in figures else figures["changed"]
    return {**figures, "people": people, "changed": changed, "ages_changed": figures.get("ages_changed")}
