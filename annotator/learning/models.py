"""Worker nodes that said they are alive."""

from __future__ import annotations

from django.db import models


class WorkerNode(models.Model):
    """One running Celery worker, refreshed every few seconds by the worker itself."""

    name = models.CharField(max_length=120, unique=True)
    queues = models.CharField(max_length=60)
    pid = models.PositiveIntegerField()
    capabilities = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    last_seen = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
