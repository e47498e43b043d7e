"""Faces and revisions."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from annotator.common.fields import NumpyField
from annotator.datasets.models import Dataset, PolicyVersion
from annotator.images.models import Image, Import
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels


class FaceState(models.TextChoices):
    """waiting: no person has labelled it. checking: labelled, checks open. disputed: an adjudicator decides.

    accepted, rejected (not a face): read-only until reopened. too_small: not offered to anyone.
    """

    WAITING = "waiting"
    CHECKING = "checking"
    DISPUTED = "disputed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TOO_SMALL = "too_small"


IN_WORK = (FaceState.WAITING, FaceState.CHECKING, FaceState.DISPUTED)


class Face(models.Model):
    """One face of one image; its labels are in ``current``, an immutable Revision.

    ``uncertainty``: how unsure the model was that made the present pre-label, 0 is certain, below 1
    (jfa_pipeline.coarse.uncertainty); None where no model spoke. ``is_blind``: one of the few faces whose
    pre-label is not shown to the annotator, drawn when the face was made. ``age_mean`` is the released age, the plain
    mean over people; ``age_corrected`` the mean freed of their biases with its standard error, both in years
    (aggregate.age_bias), as of the last aggregation. ``chosen_level``: the priority that a person gave its work
    (work.Priority: URGENT or LATER; 0 where nobody chose), for its present work item and all that follow.
    """

    # The indexes of these two are in Meta: lists go through a dataset by id.
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="faces", db_index=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="faces", db_index=False)
    state = models.CharField(max_length=10, choices=FaceState.choices, default=FaceState.WAITING)
    round = models.PositiveSmallIntegerField(default=1)
    current = models.ForeignKey("Revision", on_delete=models.DO_NOTHING, null=True, related_name="+")
    prelabel = models.ForeignKey("Revision", on_delete=models.DO_NOTHING, null=True, related_name="+")
    detector = models.CharField(max_length=60, blank=True)
    score = models.FloatField(null=True)
    needs_person = models.CharField(max_length=200, blank=True)
    uncertainty = models.FloatField(null=True)
    is_blind = models.BooleanField(default=False)
    chosen_level = models.SmallIntegerField(default=0, db_default=0)
    subject_key = models.CharField(max_length=200, null=True, blank=True)
    consent = models.CharField(max_length=200, null=True, blank=True)
    age_mean = models.FloatField(null=True)
    age_sd = models.FloatField(null=True)
    age_n = models.PositiveSmallIntegerField(default=0)
    age_corrected = models.FloatField(null=True)
    age_corrected_error = models.FloatField(null=True)
    accepted_policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["dataset", "state", "id"], name="face_by_state"),
            models.Index(fields=["dataset", "id"], name="face_by_dataset"),
            models.Index(fields=["image"], name="face_by_image"),
            models.Index(
                fields=["dataset", "closed_at"],
                condition=models.Q(closed_at__isnull=False),
                name="face_by_closing",
            ),
            models.Index(
                fields=["dataset", "id"], condition=~models.Q(chosen_level=0), name="face_of_chosen_level"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=FaceState.values), name="face_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state="accepted")
                | models.Q(accepted_policy__isnull=False, closed_at__isnull=False),
                name="accepted_under_a_policy",
            ),
        ]

    def __str__(self) -> str:
        return f"face {self.pk} ({self.state})"

    @property
    def hides_prelabel(self) -> bool:
        """True while people still work on a blind face for the first time: nobody sees more than the box."""
        return self.is_blind and self.round == 1 and self.state in IN_WORK

    def labels_shown(self, revision: Revision) -> FaceLabels:
        """The labels of one of the face's versions as people may see them now; ages are a matter of their own."""
        hidden = self.hides_prelabel and revision.kind == RevisionKind.PRELABEL
        return revision.labels.box_only() if hidden else revision.labels


class RevisionKind(models.TextChoices):
    PRELABEL = "prelabel"
    IMPORT = "import"
    ANNOTATE = "annotate"
    CHECK = "check"
    ADJUDICATE = "adjudicate"
    SWEEP = "sweep"
    SIDE = "side"
    AGGREGATE = "aggregate"
    RESTORE = "restore"
    PLANTED = "planted"


class Revision(models.Model):
    """One immutable version of a face's labels (a database trigger refuses updates).

    Made by a person (``author``), a model (``made_by`` names provider and version) or an import (``batch``).
    ``side``: kept because its lease had run out and somebody else had taken the item; never current by itself.
    ``aggregate``: several people's labels combined. ``restore``: an earlier version made current again. ``planted``:
    what a gold item shows to begin from, or what somebody answered to one; never part of the face's chain.
    ``point_spread``: how far each point of a model wanders, in thousandths of the face's size (jfa_pipeline.coarse.
    uncertainty); None for people, and for models that cannot say.
    """

    face = models.ForeignKey(Face, on_delete=models.CASCADE, related_name="revisions", db_index=False)
    parent = models.ForeignKey("self", on_delete=models.DO_NOTHING, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=RevisionKind.choices)
    round = models.PositiveSmallIntegerField(default=1)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="revisions",
        db_index=False,
    )
    made_by = models.CharField(max_length=60, blank=True)
    batch = models.ForeignKey(Import, on_delete=models.SET_NULL, null=True, related_name="+")
    # Versions of a policy stay; a check of each new revision would lock the row that everybody works under.
    policy = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    x1 = models.FloatField()
    y1 = models.FloatField()
    x2 = models.FloatField()
    y2 = models.FloatField()
    landmarks = NumpyField(dtype="float32", shape=(68, 2), null=True)
    visibility = NumpyField(dtype="uint8", shape=(68,), null=True)
    point_spread = NumpyField(dtype="uint8", shape=(68,), null=True)
    age = models.FloatField(null=True)
    gender = models.CharField(max_length=40, null=True, blank=True)
    ethnicity = models.CharField(max_length=40, null=True, blank=True)
    flags = ArrayField(models.CharField(max_length=40), default=list)
    comment = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    LABEL_FIELDS: ClassVar = (
        "x1",
        "y1",
        "x2",
        "y2",
        "landmarks",
        "visibility",
        "age",
        "gender",
        "ethnicity",
        "flags",
    )

    class Meta:
        indexes = [
            models.Index(fields=["face", "id"], name="revision_by_face"),
            models.Index(
                fields=["author", "kind", "face"],
                condition=models.Q(author__isnull=False),
                name="revision_by_author",
            ),
            models.Index(fields=["face"], condition=models.Q(kind="adjudicate"), name="revision_of_decision"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(x1__lt=models.F("x2"), y1__lt=models.F("y2")), name="revision_box_proper"
            ),
            models.CheckConstraint(
                condition=models.Q(landmarks__isnull=True, visibility__isnull=True)
                | models.Q(landmarks__isnull=False, visibility__isnull=False),
                name="revision_landmarks_with_visibility",
            ),
            models.CheckConstraint(
                condition=models.Q(age__isnull=True) | models.Q(age__gte=0, age__lte=100),
                name="revision_age_range",
            ),
        ]

    def __str__(self) -> str:
        return f"revision {self.pk} of face {self.face_id}"

    @property
    def labels(self) -> FaceLabels:
        return FaceLabels(
            box=Box(self.x1, self.y1, self.x2, self.y2),
            landmarks=self.landmarks,
            visibility=self.visibility,
            age=self.age,
            gender=self.gender,
            ethnicity=self.ethnicity,
            flags=frozenset(self.flags),
        )

    @staticmethod
    def columns_of(labels: FaceLabels) -> dict[str, object]:
        """The label columns of a new revision."""
        return {
            "x1": labels.box.x1,
            "y1": labels.box.y1,
            "x2": labels.box.x2,
            "y2": labels.box.y2,
            "landmarks": labels.landmarks,
            "visibility": labels.visibility,
            "age": labels.age,
            "gender": labels.gender,
            "ethnicity": labels.ethnicity,
            "flags": sorted(labels.flags),
        }


class Suggestion(models.Model):
    """A box of an image that may be a face which no detector was sure of (jfa_pipeline.coarse.protocol).

    Those of the newest pre-labelling; a person who sweeps the image takes or dismisses them, and what they did is
    kept with their pass. The rows stay as they are: a second sweep sees what the first one saw (decision 0035).
    """

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="suggestions")
    x1 = models.FloatField()
    y1 = models.FloatField()
    x2 = models.FloatField()
    y2 = models.FloatField()
    score = models.FloatField()
    detector = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(x1__lt=models.F("x2"), y1__lt=models.F("y2")), name="suggestion_box_proper"
            ),
        ]

    def __str__(self) -> str:
        return f"suggestion {self.pk} on image {self.image_id}"

    @property
    def box(self) -> Box:
        return Box(self.x1, self.y1, self.x2, self.y2)


class FaceNote(models.Model):
    """A question about a face, or an answer to one (``question``). Only a question can be resolved.

    ``is_private``: asked by somebody who was tested with the face (a gold item), so only its author and those who
    run the dataset may see the thread. ``addressee``: whom an answer is for, the person who asked (None for
    questions and for their own additions); ``seen_at``: when it was shown to them.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+", db_index=False)
    face = models.ForeignKey(Face, on_delete=models.CASCADE, related_name="notes")
    question = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="answers")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    text = models.CharField(max_length=1000)
    is_private = models.BooleanField(default=False)
    addressee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    seen_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["dataset", "id"],
                condition=models.Q(question__isnull=True, resolved_at__isnull=True),
                name="note_open_questions",
            ),
            models.Index(
                fields=["dataset", "id"], condition=models.Q(question__isnull=True), name="note_questions"
            ),
            models.Index(
                fields=["addressee", "dataset", "id"],
                condition=models.Q(addressee__isnull=False),
                name="note_answers_to",
            ),
            models.Index(
                fields=["addressee", "dataset"],
                condition=models.Q(addressee__isnull=False, seen_at__isnull=True),
                name="note_unseen",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(question__isnull=True) | models.Q(resolved_at__isnull=True),
                name="only_questions_are_resolved",
            ),
            models.CheckConstraint(
                condition=models.Q(question__isnull=False)
                | models.Q(addressee__isnull=True, seen_at__isnull=True),
                name="only_answers_are_addressed",
            ),
        ]

    def __str__(self) -> str:
        return f"note {self.pk} on face {self.face_id}"
