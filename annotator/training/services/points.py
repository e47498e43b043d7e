"""Writing the points of a run's curves, many at a time, and only while the attempt owns the job."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from annotator.jobs.running import RunningJob
from annotator.training.models import PointKind, TrainingPoint, TrainingRun

FLUSH_SECONDS: Final = 1.0
FLUSH_POINTS: Final = 500


class Points:
    """Collects points and writes them once a second. Raises JobLost where the attempt lost the job."""

    def __init__(self, training: TrainingRun, run: RunningJob) -> None:
        self.training = training
        self.run = run
        self._waiting: list[TrainingPoint] = []
        self._begun: set[str] = set()
        self._flushed_at = time.monotonic()

    def add(self, kind: PointKind, stage: str, step: int, values: Mapping[str, Any]) -> None:
        """Note one point."""
        if kind != PointKind.NOTE and stage not in self._begun:
            self._begun.add(stage)
            self._forget(stage, step)
        point = TrainingPoint(
            run=self.training,
            attempt=self.run.attempt,
            stage=stage,
            step=step,
            kind=kind,
            values=dict(values),
        )
        self._waiting.append(point)
        if len(self._waiting) >= FLUSH_POINTS:
            self.flush()

    def flush_if_due(self) -> None:
        """Write what waits if the last time was long enough ago."""
        if self._waiting and time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what waits, in one short transaction behind the job's fence."""
        with transaction.atomic():
            self.run.fence()
            points = TrainingPoint.objects.filter(run=self.training)
            last = points.aggregate(last=Max("seq"))["last"] or 0
            for seq, point in enumerate(self._waiting, start=last + 1):
                point.seq = seq
            TrainingPoint.objects.bulk_create(self._waiting)
        self._waiting = []
        self._flushed_at = time.monotonic()

    def _forget(self, stage: str, step: int) -> None:
        """Remove what earlier attempts told of this stage from here on: it is told again."""
        with transaction.atomic():
            self.run.fence()
            earlier = TrainingPoint.objects.filter(run=self.training, attempt__lt=self.run.attempt)
            earlier.filter(stage=stage, step__gte=step).delete()
