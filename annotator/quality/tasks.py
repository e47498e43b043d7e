"""Celery tasks of this app; each is idempotent."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task

from annotator.datasets.models import Dataset
from annotator.jobs.running import run_job
from annotator.quality.models import ReportKind, StoredReport
from annotator.quality.services.aggregating import TASK as AGGREGATE
from annotator.quality.services.aggregating import aggregation_run
from annotator.quality.services.economy import BATCH, economy_count
from annotator.quality.services.reports import TASK as REPORT
from annotator.quality.services.reports import report_compute
from annotator.quality.services.tallying import tallies_fold
from annotator.quality.services.watching import people_judge, person_judge

BATCHES_A_RUN = 25


@shared_task(name="quality.count_economy")
def count_economy() -> int:
    """From the beat: count the faces that were accepted since the last run, at most BATCHES_A_RUN batches."""
    counted = 0
    for _ in range(BATCHES_A_RUN):
        taken = economy_count()
        counted += taken
        if taken < BATCH:
            break
    return counted


@shared_task(name="quality.fold_tallies")
def fold_tallies() -> int:
    """From the beat: fold noted changes into the tallies, at most BATCHES_A_RUN batches."""
    folded = 0
    for _ in range(BATCHES_A_RUN):
        if not (taken := tallies_fold()):
            break
        folded += taken
    return folded


@shared_task(name="quality.judge_gold")
def judge_gold(dataset_id: int | None = None, user_id: int | None = None) -> int:
    """After an answer to gold: judge that person. From the beat, without arguments: everybody who answered lately."""
    if dataset_id is None or user_id is None:
        return people_judge()
    dataset = Dataset.objects.select_related("policy").get(pk=dataset_id)
    return int(person_judge(dataset=dataset, user_id=user_id) is not None)


@shared_task(name=REPORT)
def compute_report(dataset_id: int, kind: str) -> bool:
    """Compute a report that somebody waits for; nothing if nobody does any more, as when a message is repeated."""
    waiting = StoredReport.objects.filter(dataset_id=dataset_id, kind=kind, wanted_at__isnull=False)
    if not waiting.exists():
        return False
    dataset = Dataset.objects.select_related("policy").get(pk=dataset_id)
    report_compute(dataset=dataset, kind=ReportKind(kind))
    return True


@shared_task(name=AGGREGATE, bind=True)
def aggregate(self: Task[Any, Any], job_id: int) -> None:
    """Run one aggregate job; a repeated message loses the compare-and-set of run_job and ends."""
    run_job(job_id, str(self.request.hostname), lambda run: aggregation_run(run=run))
