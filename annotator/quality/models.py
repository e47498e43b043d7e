"""What each accepted face cost: the economy of the loop."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from annotator.datasets.models import Dataset
from annotator.faces.models import Face, Revision
from annotator.work.models import Slice


class FaceEconomy(models.Model):
    """One acceptance of a face: how far its first labels were from the accepted ones, and what people did.

    ``made_by`` names the model (or import) of the pre-label, empty for a face that a person drew. Distances and
    edits: jfa_pipeline.metrics.edits, ``nme_*`` over the square root of the accepted box's area; None where there
    is nothing to compare. ``active_ms``: working time of all counted passes of the face up to this acceptance,
    with each pause counted for at most 30 s (the page cuts it off); ``annotate_ms``: of its first labelling in this
    round. None where no page told a time. A face that is reopened and accepted again gets another row; numbers are
    taken from the rows of faces that are accepted in that very round.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+", db_index=False)
    face = models.ForeignKey(Face, on_delete=models.CASCADE, related_name="economy", db_index=False)
    round = models.PositiveSmallIntegerField()
    made_by = models.CharField(max_length=60, blank=True)
    is_blind = models.BooleanField(default=False)
    slice = models.CharField(max_length=7, choices=Slice.choices, blank=True, default=Slice.NONE)
    accepted_at = models.DateTimeField()
    box_iou = models.FloatField(null=True)
    nme_box_side = models.FloatField(null=True)
    nme_jaw = models.FloatField(null=True)
    nme_brows = models.FloatField(null=True)
    nme_nose = models.FloatField(null=True)
    nme_eyes = models.FloatField(null=True)
    nme_lips = models.FloatField(null=True)
    age_difference = models.FloatField(null=True)
    gender_changed = models.BooleanField(null=True)
    ethnicity_changed = models.BooleanField(null=True)
    points_moved = models.PositiveSmallIntegerField(default=0)
    sides_moved = models.PositiveSmallIntegerField(default=0)
    attributes_changed = models.PositiveSmallIntegerField(default=0)
    passes = models.PositiveSmallIntegerField(default=0)
    active_ms = models.BigIntegerField(null=True)
    annotate_ms = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["face", "round"], name="one_economy_per_acceptance")]
        indexes = [models.Index(fields=["dataset", "accepted_at"], name="economy_by_time")]

    def __str__(self) -> str:
        return f"economy of face {self.face_id}, round {self.round}"


class Aggregation(models.Model):
    """One recomputation of accepted labels from the revisions of all people; it can be undone as a whole.

    rule: how words were combined, and the policy version. figures: what it found, e.g. people's biases.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="aggregations")
    rule = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"aggregation {self.pk} of dataset {self.dataset_id}"


class AggregatedFace(models.Model):
    """A face whose labels an aggregation changed: the version before and the one it made."""

    aggregation = models.ForeignKey(Aggregation, on_delete=models.CASCADE, related_name="faces")
    face = models.ForeignKey(Face, on_delete=models.CASCADE, related_name="+")
    before = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    after = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["aggregation", "face"], name="one_change_per_face_and_aggregation"
            )
        ]

    def __str__(self) -> str:
        return f"face {self.face_id} in aggregation {self.aggregation_id}"
