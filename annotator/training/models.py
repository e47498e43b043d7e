"""Training runs, the points of their curves, and when a dataset starts one by itself."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotator.datasets.models import Dataset
from annotator.jobs.models import Job
from annotator.releases.models import Release


class RunPhase(models.TextChoices):
    """waiting_release: the files of its release are still being written. sent: its job tells how it stands.

    failed, cancelled: it ended before there was a job.
    """

    WAITING_RELEASE = "waiting_release"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunState(models.TextChoices):
    """What people see: the phase before there is a job, the job's state afterwards."""

    WAITING_RELEASE = "waiting_release"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Trigger(models.TextChoices):
    """manual: a person. faces: enough newly accepted faces. schedule: enough time went by."""

    MANUAL = "manual"
    FACES = "faces"
    SCHEDULE = "schedule"


class Decision(models.TextChoices):
    """What became of the model. failed: the run ended without one, or the gate could not judge it."""

    NONE = "", "not yet"
    PROMOTED = "promoted"
    KEPT = "kept"
    FAILED = "failed"


class Preset(models.TextChoices):
    """The named configurations of the network and its schedules (tfn.presets)."""

    FAST = "fast"
    TINY = "tiny"
    PAPER = "paper"


class TrainingRun(models.Model):
    """Run ``number`` of a dataset: what to learn from which release, in which stages, with what.

    ``stages``: names in order. ``start``: champion, model:NUMBER (both go on from ``parent``), or random,
    centerface, imagenet. ``steps``: per stage what replaces the preset's schedule, such as {"S1": {"steps": 200,
    "batch": 8}}. ``threads``: of each process, 0 for the machine's cores. ``gpus``: processes under torchrun.
    ``max_seconds``, ``max_memory_bytes``: an attempt that needs more is stopped; null for no limit and the
    setting's limit. ``min_free_bytes``: what has to stay free on the disk. ``new_labels``: how many labels of
    which kind the release has that the parent did not learn from. ``error``: why it ended before there was a
    job. ``gate``: the report of the promotion gate. ``facts``: what the training process told at its end.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="training_runs")
    number = models.PositiveIntegerField()
    phase = models.CharField(max_length=15, choices=RunPhase.choices, default=RunPhase.WAITING_RELEASE)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="training_runs")
    stages = models.JSONField()
    preset = models.CharField(max_length=20, choices=Preset.choices)
    start = models.CharField(max_length=40)
    seed = models.PositiveIntegerField(default=0)
    steps = models.JSONField(default=dict)
    threads = models.PositiveSmallIntegerField(default=0)
    gpus = models.PositiveSmallIntegerField(default=1)
    max_seconds = models.PositiveIntegerField(null=True)
    max_memory_bytes = models.BigIntegerField(null=True)
    min_free_bytes = models.BigIntegerField(default=1_000_000_000)
    new_labels = models.JSONField(default=dict)
    job = models.OneToOneField(Job, on_delete=models.SET_NULL, null=True, related_name="training_run")
    parent = models.ForeignKey(
        "learning.ModelVersion", on_delete=models.SET_NULL, null=True, related_name="children_runs"
    )
    model = models.ForeignKey(
        "learning.ModelVersion", on_delete=models.SET_NULL, null=True, related_name="made_in_runs"
    )
    trigger = models.CharField(max_length=10, choices=Trigger.choices, default=Trigger.MANUAL)
    gate = models.JSONField(default=dict)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True, default=Decision.NONE)
    error = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["dataset", "-id"], name="run_by_dataset")]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="run_number_once"),
            models.UniqueConstraint(
                fields=["dataset"],
                condition=Q(phase=RunPhase.WAITING_RELEASE),
                name="one_waiting_run_per_dataset",
            ),
            models.CheckConstraint(
                condition=~Q(phase=RunPhase.FAILED) | ~Q(error=""), name="failed_run_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"training run {self.number}"

    @property
    def state(self) -> RunState:
        """The state for people; needs ``job``. A run whose job's row was deleted has failed."""
        if self.phase != RunPhase.SENT:
            return RunState(self.phase)
        return RunState.FAILED if self.job is None else RunState(self.job.state)


class PointKind(models.TextChoices):
    """loss: of one iteration. metric: figures on the validation split. note: something that happened."""

    LOSS = "loss"
    METRIC = "metric"
    NOTE = "note"


class TrainingPoint(models.Model):
    """One point of a run's curves. ``seq`` counts up within a run, over all attempts.

    An attempt that goes on from a checkpoint removes the points that earlier attempts wrote beyond it.
    """

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="points", db_index=False)
    attempt = models.PositiveIntegerField()
    seq = models.PositiveIntegerField()
    stage = models.CharField(max_length=2, blank=True)
    step = models.PositiveIntegerField()
    kind = models.CharField(max_length=6, choices=PointKind.choices)
    values = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="point_once")]

    def __str__(self) -> str:
        return f"{self.stage} {self.step} of run {self.run_id}"


def automatic_stages() -> str:
    """What a run needs is found out from its release."""
    return "auto"


class TrainingSettings(models.Model):
    """When a dataset starts a run by itself, and how. No row: never.

    A run starts after ``after_faces`` faces were accepted that the last release did not have, or
    ``every_hours`` after the last run, whichever comes first; null switches either off. ``stages``: "auto", or
    names in order.
    """

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="training_settings")
    is_automatic = models.BooleanField(default=False)
    after_faces = models.PositiveIntegerField(null=True, default=500)
    every_hours = models.PositiveIntegerField(null=True)
    preset = models.CharField(max_length=20, choices=Preset.choices, default=Preset.FAST)
    stages = models.JSONField(default=automatic_stages)
    threads = models.PositiveSmallIntegerField(default=0)
    gpus = models.PositiveSmallIntegerField(default=1)
    steps = models.JSONField(default=dict)
    promote_automatically = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"training settings of dataset {self.dataset_id}"
