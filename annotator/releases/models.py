"""Immutable dataset versions."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from annotator.datasets.models import Dataset, PolicyVersion
from annotator.faces.models import Face, Revision
from annotator.jobs.models import Job


class ReleaseState(models.TextChoices):
    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


class Release(models.Model):
    """Version ``number`` of a dataset. The (face, revision) pairs are frozen in one statement before writing."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="releases")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=ReleaseState.choices, default=ReleaseState.BUILDING)
    complete_images_only = models.BooleanField(default=False)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    job = models.OneToOneField(Job, on_delete=models.SET_NULL, null=True, related_name="release")
    folder = models.CharField(max_length=300, blank=True)
    manifest = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "number"], name="release_number_once")]

    def __str__(self) -> str:
        return f"release {self.number}"


class ReleaseFace(models.Model):
    """One face frozen into a release; ``is_ignored`` faces go out as ignore regions."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="faces")
    face = models.ForeignKey(Face, on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    is_ignored = models.BooleanField()
    age_mean = models.FloatField(null=True)
    age_sd = models.FloatField(null=True)
    age_n = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "face"], name="face_once_per_release")]

    def __str__(self) -> str:
        return f"face {self.face_id} in release {self.release_id}"
