"""Worker nodes that said they are alive; trained models and which of them pre-labels."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from annotator.datasets.models import Dataset
from annotator.jobs.models import Job


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


class ModelState(models.TextChoices):
    """challenger: not judged yet, or kept. champion: it pre-labels its dataset. retired: it was the champion.

    refused: judged and turned down; it can still be promoted by hand.
    """

    CHALLENGER = "challenger"
    CHAMPION = "champion"
    RETIRED = "retired"
    REFUSED = "refused"


class ModelVersion(models.Model):
    """One trained network of one dataset. ``file`` is its place in the storage, named by its SHA-256.

    ``number`` counts from 1 in the dataset. ``training_run_id`` and the release are kept as plain numbers: those
    rows belong to apps above this one. ``release_sha256``: of the manifest of the release it learnt from.
    ``stages``: what its weights have been through, oldest first. ``facts``: what the training said about itself
    (start, seed, seconds ...). ``metrics``: numbers by name; ``gate`` in it is the report of the promotion gate.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="model_versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    architecture = models.CharField(max_length=20, default="tfn")
    preset = models.CharField(max_length=40)
    config = models.JSONField(default=dict)
    stages = ArrayField(models.CharField(max_length=8), default=list)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    release_number = models.PositiveIntegerField(null=True)
    release_sha256 = models.CharField(max_length=64, blank=True)
    training_run_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    metrics = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=200)
    bytes = models.BigIntegerField()
    card = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=ModelState.choices, default=ModelState.CHALLENGER)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="model_number_once"),
            models.UniqueConstraint(
                fields=["dataset"], condition=models.Q(state="champion"), name="one_champion_per_dataset"
            ),
            models.UniqueConstraint(
                fields=["dataset", "training_run_id", "sha256"],
                name="model_once_per_run",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(state__in=ModelState.values), name="model_state_known"),
        ]

    def __str__(self) -> str:
        return f"model m{self.number}"


class Promotion(models.Model):
    """One change of who pre-labels a dataset. ``model`` or ``previous`` empty: the coarse provider.

    ``actor`` empty and ``automatic``: the promotion gate did it. ``is_rollback``: back to what was before.
    ``relabel_job``: the job that labels the untouched faces anew; empty until it is started.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="promotions")
    model = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, null=True, related_name="promotions")
    previous = models.ForeignKey(ModelVersion, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=500)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    automatic = models.BooleanField(default=False)
    is_rollback = models.BooleanField(default=False)
    relabel_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["dataset", "-id"], name="promotion_by_dataset")]

    def __str__(self) -> str:
        return f"promotion {self.pk}"
