"""Computing reports beside the requests: a request asks for one, a task computes it, the page reads what is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from annotator.datasets.models import Dataset
from annotator.jobs.services import message_send
from annotator.quality.gold_serializers import person_quality_json
from annotator.quality.models import ReportKind, StoredReport
from annotator.quality.selectors.agreement import agreement_get, agreement_json
from annotator.quality.selectors.skill import people_skill

TASK: Final = "quality.compute_report"

LOST: Final = timedelta(minutes=1)
"""A message whose report has not come after this long is sent again by the next who asks."""


def _agreement(dataset: Dataset) -> Any:
    return agreement_json(agreement_get(dataset=dataset, with_pairs=True))


def _quality(dataset: Dataset) -> Any:
    assert dataset.policy is not None  # noqa: S101  # made together with the dataset
    return [
        person_quality_json(person) for person in people_skill(dataset=dataset, policy=dataset.policy.policy)
    ]


COMPUTE: Final[Mapping[ReportKind, Callable[[Dataset], Any]]] = {
    ReportKind.AGREEMENT: _agreement,
    ReportKind.QUALITY: _quality,
}


@transaction.atomic
def report_request(*, dataset: Dataset, kind: ReportKind) -> StoredReport:
    """Have the report computed soon. One message at a time: a report that is waited for is not asked for twice.

    Locks the report's row.
    """
    StoredReport.objects.bulk_create([StoredReport(dataset=dataset, kind=kind)], ignore_conflicts=True)
    report = StoredReport.objects.select_for_update(of=("self",)).get(dataset=dataset, kind=kind)
    now = timezone.now()
    if report.wanted_at is None or now - report.wanted_at > LOST:
        report.wanted_at = now
        report.save(update_fields=["wanted_at"])
        transaction.on_commit(partial(message_send, task=TASK, args=(dataset.pk, kind.value)))
    return report


def report_compute(*, dataset: Dataset, kind: ReportKind) -> StoredReport:
    """Compute the report and store it, outside of any transaction for as long as it takes.

    Idempotent. A request that came while it ran stays: its figures may be newer. Two at once store the same thing.
    """
    began = timezone.now()
    wanted = (
        StoredReport.objects.filter(dataset=dataset, kind=kind).values_list("wanted_at", flat=True).first()
    )
    data = COMPUTE[kind](dataset)
    with transaction.atomic():
        report, _ = StoredReport.objects.select_for_update(of=("self",)).get_or_create(
            dataset=dataset, kind=kind
        )
        if report.as_of is not None and report.as_of > began:
            return report
        report.data, report.as_of = data, began
        if report.wanted_at == wanted:
            report.wanted_at = None
        report.save(update_fields=["data", "as_of", "wanted_at"])
    return report
