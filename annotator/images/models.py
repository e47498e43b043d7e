"""Images, the imports that brought them, and pairs that look alike."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from annotator.datasets.models import Dataset
from annotator.jobs.models import Job


class Verdict(models.TextChoices):
    NONE = ""
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


class Split(models.TextChoices):
    """What an image is for in every release that holds it. test: labelled blind, and kept for the judge."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


class Image(models.Model):
    """One photograph of one dataset, content-addressed. ``width`` and ``height`` are of the *upright* image.

    ``orientation`` is the EXIF value 1-8 found in the original; ``rotation`` a clockwise turn in degrees added
    by a sweep verdict. Both are applied in every derivative; the original file is never touched. ``split`` is
    drawn on arrival (services/splits.py); images from before that was done are in train.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="images")
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=200)
    name = models.CharField(max_length=500)
    bytes = models.BigIntegerField()
    format = models.CharField(max_length=12)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    orientation = models.PositiveSmallIntegerField(default=1)
    rotation = models.PositiveSmallIntegerField(default=0)
    converted = models.CharField(max_length=60, blank=True)
    phash = models.BigIntegerField(null=True)
    source = models.CharField(max_length=500, blank=True)
    licence = models.CharField(max_length=200, blank=True)
    subject_key = models.CharField(max_length=200, blank=True)
    consent = models.CharField(max_length=200, blank=True)
    split = models.CharField(max_length=5, choices=Split.choices, default=Split.TRAIN, db_default=Split.TRAIN)
    verdict = models.CharField(max_length=12, choices=Verdict.choices, default=Verdict.NONE, blank=True)
    verdict_reason = models.CharField(max_length=300, blank=True)
    prelabelled_by = models.CharField(max_length=60, blank=True)
    prelabelled_at = models.DateTimeField(null=True)
    prelabel_error = models.CharField(max_length=300, blank=True)
    swept_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "sha256"], name="one_image_per_content"),
            models.CheckConstraint(
                condition=models.Q(rotation__in=(0, 90, 180, 270)), name="image_rotation_quarter"
            ),
            models.CheckConstraint(condition=models.Q(split__in=Split.values), name="image_split_known"),
        ]
        indexes = [
            models.Index(fields=["dataset", "id"], name="image_by_dataset"),
            models.Index(
                fields=["dataset", "id"],
                condition=models.Q(prelabelled_at=None, verdict=""),
                name="image_to_prelabel",
            ),
            models.Index(
                fields=["dataset", "subject_key", "id"],
                condition=~models.Q(subject_key=""),
                name="image_by_subject",
            ),
            # Near duplicates are looked up by each quarter of the perceptual hash (services/duplicates.py).
            *(
                models.Index(
                    F("dataset"),
                    F("phash").bitrightshift(shift).bitand(65535),
                    condition=models.Q(phash__isnull=False),
                    name=f"image_phash_{shift}",
                )
                for shift in (0, 16, 32, 48)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """One batch of files. ``source`` is a server path or the words "browser upload"."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="imports")
    job = models.OneToOneField(Job, on_delete=models.CASCADE, null=True, related_name="image_import")
    source = models.CharField(max_length=1000)
    defaults = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"import {self.pk}"


class Outcome(models.TextChoices):
    IMPORTED = "imported"
    CONVERTED = "converted"
    LINKED = "linked"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class ImportEntry(models.Model):
    """What became of one file of one import.

    imported: stored as it is. converted: stored, derivatives are converted (``code`` says from what).
    linked: the same bytes are already there under another name. unchanged: the same name and bytes are
    already there (a repeated import). refused: nothing was stored; ``code`` and ``message`` say why.
    """

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="entries")
    name = models.CharField(max_length=1000)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    code = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    image = models.ForeignKey(Image, on_delete=models.SET_NULL, null=True, related_name="entries")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "name"], name="one_entry_per_file")]
        indexes = [models.Index(fields=["image", "name"], name="entry_by_image")]

    def __str__(self) -> str:
        return f"{self.name}: {self.outcome}"


class PairDecision(models.TextChoices):
    OPEN = ""
    KEEP = "keep"
    LINK = "link"
    REJECT = "reject"


class NearDuplicate(models.Model):
    """Two images that look alike, for a person to decide: keep both, link (same subject group), reject the later."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="near_duplicates")
    earlier = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    later = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    distance = models.PositiveSmallIntegerField()
    decision = models.CharField(
        max_length=8, choices=PairDecision.choices, default=PairDecision.OPEN, blank=True
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["earlier", "later"], name="near_pair_once"),
            models.CheckConstraint(
                condition=models.Q(earlier_id__lt=models.F("later_id")), name="near_pair_ordered"
            ),
        ]
        indexes = [models.Index(fields=["dataset", "decision", "id"], name="near_by_decision")]

    def __str__(self) -> str:
        return f"{self.earlier_id} ~ {self.later_id}"


class ImageView(models.Model):
    """A person was shown a photograph: one row for each person, image and clock hour (UTC), at its first showing.

    Kept when the image goes: dataset and image are plain ids, as in the audit trail.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    dataset_id = models.BigIntegerField()
    image_id = models.BigIntegerField()
    hour = models.DateTimeField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "image_id", "hour"], name="one_view_per_person_and_hour")
        ]
        indexes = [
            models.Index(fields=["dataset_id", "-id"], name="view_by_dataset"),
            models.Index(fields=["image_id", "-id"], name="view_by_image"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} saw image {self.image_id}"
