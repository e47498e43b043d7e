"""What each accepted face cost: the economy of the loop."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
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


class Tally(models.Model):
    """How many rows of a dataset are in one state: ``n`` rows of the kind ``what`` with this ``value`` and ``number``.

    Kept by triggers, as of the last fold; what happened since is in TallyDelta, and readers add the two
    (``selectors.tallies``). No foreign keys: triggers still note changes while a dataset is being deleted.

    ======================================= ==================== =========================================
    what                                    value                number
    ======================================= ==================== =========================================
    face                                    state                0
    age, size                               ""                   bin (``selectors.overview``)
    gender, ethnicity, flag                 word                 0
    maker                                   who pre-labelled     0
    item_open, item_done, item_cancelled    kind of pass         number of the check
    image                                   total, prelabelled,  0
                                            prelabel_failed,
                                            swept, rejected,
                                            complete
    ======================================= ==================== =========================================

    Ages, words, flags and makers are of accepted faces, sizes of all but rejected ones, items without gold.
    """

    dataset_id = models.BigIntegerField()
    what = models.CharField(max_length=16)
    value = models.CharField(max_length=60)
    number = models.IntegerField()
    n = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset_id", "what", "value", "number"], name="one_tally_per_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.n} of {self.what} {self.value} {self.number} in dataset {self.dataset_id}"


class TallyDelta(models.Model):
    """A change of a Tally that is not folded into it yet. Only ever inserted, and deleted by the fold."""

    dataset_id = models.BigIntegerField()
    what = models.CharField(max_length=16)
    value = models.CharField(max_length=60)
    number = models.IntegerField()
    n = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.n:+} of {self.what} {self.value} {self.number} in dataset {self.dataset_id}"


class DayTally(models.Model):
    """One person's counted passes of one kind on one day (UTC), as of the last fold, like Tally.

    ``timed``: those whose page told a working time; ``active_ms``: the sum of these times. Answers to gold items
    stand apart (``is_gold``).
    """

    dataset_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    pass_number = models.IntegerField()
    is_gold = models.BooleanField()
    day = models.DateField()
    n = models.BigIntegerField()
    timed = models.BigIntegerField()
    active_ms = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset_id", "day", "user_id", "kind", "pass_number", "is_gold"],
                name="one_day_tally_per_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.n} of {self.kind} {self.pass_number} by {self.user_id} on {self.day}"


class DayTallyDelta(models.Model):
    """A change of a DayTally that is not folded into it yet."""

    dataset_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    pass_number = models.IntegerField()
    is_gold = models.BooleanField()
    day = models.DateField()
    n = models.BigIntegerField()
    timed = models.BigIntegerField()
    active_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.n:+} of {self.kind} {self.pass_number} by {self.user_id} on {self.day}"


class CompleteImage(models.Model):
    """An image that was complete at the last fold: swept, without a verdict, and no face of it is unfinished."""

    image_id = models.BigIntegerField(primary_key=True)
    dataset_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"image {self.image_id}"


class ImageTouch(models.Model):
    """Something changed that may make an image complete, or incomplete; the next fold looks at it again."""

    dataset_id = models.BigIntegerField()
    image_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"image {self.image_id}"


class TutorialFace(models.Model):
    """A face with trusted labels that people practise on and are shown the answer of (decision 0037).

    It is never gold, and gold never becomes one: whoever has seen the answer is no longer tested by it. ``truth`` are
    the accepted labels of the moment it was chosen. ``position``: the lesson's place, from 1.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="tutorial_faces")
    face = models.OneToOneField(Face, on_delete=models.CASCADE, related_name="tutorial_face")
    truth = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    is_active = models.BooleanField(default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"tutorial face {self.face_id}"


class TutorialRun(models.Model):
    """One person's way through a dataset's tutorial. ``finished_at``: when every face had been answered first."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="tutorial_runs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "user"], name="one_tutorial_run_per_person")
        ]

    def __str__(self) -> str:
        return f"tutorial of {self.user_id} in dataset {self.dataset_id}"


class TutorialAnswer(models.Model):
    """What a person answered to a tutorial face, last; no pass, no revision, and no part of any figure."""

    run = models.ForeignKey(TutorialRun, on_delete=models.CASCADE, related_name="answers")
    tutorial_face = models.ForeignKey(TutorialFace, on_delete=models.CASCADE, related_name="answers")
    labels = models.JSONField()
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "tutorial_face"], name="one_answer_per_tutorial_face")
        ]

    def __str__(self) -> str:
        return f"answer to tutorial face {self.tutorial_face_id}"


class Guide(models.Model):
    """What a dataset adds to the labelling guide in its own words (Markdown)."""

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="guide")
    text = models.TextField(blank=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"guide of dataset {self.dataset_id}"


class GuideExample(models.Model):
    """An accepted face that the guide shows, with a sentence about what is right or wrong in such a picture."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="guide_examples")
    face = models.OneToOneField(Face, on_delete=models.CASCADE, related_name="guide_example")
    is_right = models.BooleanField()
    sentence = models.CharField(max_length=300)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"example face {self.face_id}"


class ReportKind(models.TextChoices):
    """Reports whose figures take too long for a request."""

    AGREEMENT = "agreement"
    QUALITY = "quality"


class StoredReport(models.Model):
    """A report as it was computed last. ``data``: as the page shows it; null before the first time.

    ``as_of``: when its computation began, so that everything before is in it. ``wanted_at``: since when it waits to
    be computed (again), null when it does not.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=10, choices=ReportKind.choices)
    data = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    as_of = models.DateTimeField(null=True)
    wanted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "kind"], name="one_report_per_kind")]

    def __str__(self) -> str:
        return f"{self.kind} report of dataset {self.dataset_id}"
