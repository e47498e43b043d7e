"""One row per long job."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from annotator.datasets.models import Dataset


class JobState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobKind(models.TextChoices):
    IMPORT = "import"
    PRELABEL = "prelabel"
    RELEASE = "release"
    TRAIN = "train"
    BULK = "bulk"
    AGGREGATE = "aggregate"


LIVE = (JobState.QUEUED, JobState.RUNNING)


class Job(models.Model):
    """State of one long job. Starting is a compare-and-set; every later write names the attempt.

    ``task`` is the Celery task name that runs it, ``queue`` where it is sent; the message carries only the id.
    ``result``: what it brought, or what an attempt left for the next one to go on from (``RunningJob.checkpoint``).
    ``done_at_start``: how far earlier attempts had come when the latest one started (its rate counts from there).
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=12, choices=JobKind.choices)
    task = models.CharField(max_length=80)
    queue = models.CharField(max_length=12, default="cpu")
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=5)
    sent_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    node = models.CharField(max_length=120, blank=True)
    done = models.PositiveIntegerField(default=0)
    done_at_start = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    message = models.CharField(max_length=300, blank=True)
    error = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    cancel_requested = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["state", "heartbeat_at"], condition=models.Q(state__in=LIVE), name="job_live"
            ),
            models.Index(fields=["dataset", "-id"], name="job_by_dataset"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset"],
                condition=models.Q(kind="prelabel", state__in=LIVE),
                name="one_live_prelabel_per_dataset",
            ),
            models.UniqueConstraint(
                fields=["dataset"],
                condition=models.Q(kind="train", state__in=LIVE),
                name="one_live_train_per_dataset",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} {self.state}"
