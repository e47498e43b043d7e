"""Immutable dataset versions."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from annotator.datasets.models import Dataset, PolicyVersion
from annotator.faces.models import Face, Revision
from annotator.jobs.models import LIVE, Job


class ReleaseState(models.TextChoices):
    """building: frozen, its files are being written. failed: its job ended without them and can be retried."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


class Release(models.Model):
    """Version ``number`` of a dataset. The (face, revision) pairs are frozen in one statement before writing.

    ``state`` is building or ready; whether a building one has failed is told by its job (``shown_state``).
    ``folder`` is the storage folder of its files, set when they are complete. ``manifest`` has at least
    ``counts`` (images, faces, ignored) from the start, and what manifest.json says once the files are there.
    """

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

    @property
    def shown_state(self) -> ReleaseState:
        """The state for people; needs ``job``."""
        if self.state == ReleaseState.BUILDING and (self.job is None or self.job.state not in LIVE):
            return ReleaseState.FAILED
        return ReleaseState(self.state)


class ReleaseFace(models.Model):
    """One face frozen into a release; ``is_ignored`` faces go out as ignore regions.

    ``image_rotation``: the turn of the image that the revision's coordinates refer to. ``policy_version``: the
    number of the policy under which the face was accepted. ``age_*``: those of the face at that moment, in years. Rows
    of one release are inserted image by image: the order of their ids is the order of the release's files.
    """

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="faces")
    face = models.ForeignKey(Face, on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    is_ignored = models.BooleanField()
    image_rotation = models.PositiveSmallIntegerField(default=0)
    policy_version = models.PositiveIntegerField(null=True)
    age_mean = models.FloatField(null=True)
    age_sd = models.FloatField(null=True)
    age_n = models.PositiveSmallIntegerField(default=0)
    age_corrected = models.FloatField(null=True)
    age_corrected_error = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "face"], name="face_once_per_release")]
        indexes = [models.Index(fields=["release", "id"], name="release_face_order")]

    def __str__(self) -> str:
        return f"face {self.face_id} in release {self.release_id}"


class DatasetShapeModel(models.Model):
    """How the points of a dataset's own accepted faces lie together, from its newest release with enough of them.

    ``text``: the file that jfa_pipeline.statistics.shape_model reads and writes; the labelling page gets it instead
    of the shipped one. It goes with its release.
    """

    dataset = models.OneToOneField(
        Dataset, on_delete=models.CASCADE, primary_key=True, related_name="shape_model"
    )
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    faces = models.PositiveIntegerField()
    made_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"shape model of dataset {self.dataset_id}"
