"""Celery tasks of this app; each is idempotent."""

from __future__ import annotations

from celery import shared_task

from annotator.quality.services.economy import BATCH, economy_count

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
