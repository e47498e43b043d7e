"""Work items, the passes people made, drafts, skips."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from annotator.datasets.models import Dataset
from annotator.faces.models import Face, Revision
from annotator.images.models import Image
from annotator.work.kinds import (
    ARRIVAL_LEVELS,
    BUCKETS,
    CHOSEN_LEVELS,
    LEARN_LEVELS,
    NOT_ARRIVAL,
    Extra,
    ItemState,
    PassKind,
    Priority,
    Slice,
)

__all__ = [
    "ARRIVAL_LEVELS",
    "BUCKETS",
    "CHOSEN_LEVELS",
    "LEARN_LEVELS",
    "NOT_ARRIVAL",
    "Acceptance",
    "Delivery",
    "DeliveryImage",
    "Draft",
    "EvenCount",
    "Extra",
    "Gold",
    "ItemState",
    "LearningOrder",
    "Pass",
    "PassKind",
    "Priority",
    "Skip",
    "Slice",
    "WorkItem",
]


class WorkItem(models.Model):
    """One face, or one image to sweep, waiting for a person. A lease is three columns of the open row.

    ``pass_number`` counts the checks of a round from 1 (0 for other kinds). ``bucket`` is random and spreads
    the claims of many people over the index (design section 10). ``past_tokens`` are tokens of leases that
    ended without the person giving the item up, oldest first: proof that late work was once handed out.
    ``reason`` says why the item exists where that is not obvious: a dispute, a reopening. ``slice``: see Slice;
    the faces of the random slice are an unbiased sample of those offered.

    ``extra``: see Extra. ``reserved_for``: only this person may take it. ``gold``: the item tests the person it is
    reserved for and changes nothing of the face; it does not count as the face's open item.
    """

    # A check of each new item would lock the one row of the dataset for everybody; the image's is checked.
    dataset = models.ForeignKey(
        Dataset, models.CASCADE, related_name="work_items", db_index=False, db_constraint=False
    )
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="work_items")
    face = models.ForeignKey(Face, on_delete=models.CASCADE, null=True, related_name="work_items")
    kind = models.CharField(max_length=10, choices=PassKind.choices)
    pass_number = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.OPEN)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    bucket = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    slice = models.CharField(
        max_length=7, choices=Slice.choices, default=Slice.NONE, db_default=Slice.NONE, blank=True
    )
    extra = models.CharField(
        max_length=8, choices=Extra.choices, default=Extra.NONE, db_default=Extra.NONE, blank=True
    )
    leased_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="leased_items",
        db_index=False,
    )
    reserved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # The constraint one_gold_item_per_person is its index.
    gold = models.ForeignKey(
        "Gold", on_delete=models.CASCADE, null=True, related_name="items", db_index=False
    )
    lease_token = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    past_tokens = ArrayField(models.UUIDField(), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["face"],
                condition=models.Q(state="open", face__isnull=False, gold__isnull=True),
                name="one_open_item_per_face",
            ),
            models.UniqueConstraint(
                fields=["image"],
                condition=models.Q(state="open", kind="sweep", gold__isnull=True),
                name="one_open_sweep_per_image",
            ),
            models.UniqueConstraint(
                fields=["gold", "reserved_for"],
                condition=models.Q(gold__isnull=False),
                name="one_gold_item_per_person",
            ),
            models.CheckConstraint(
                condition=models.Q(gold__isnull=True)
                | models.Q(reserved_for__isnull=False)
                | ~models.Q(state="open"),
                name="gold_is_for_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="sweep", face__isnull=True)
                | (~models.Q(kind="sweep") & models.Q(face__isnull=False)),
                name="sweep_has_no_face",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    leased_to__isnull=True, lease_token__isnull=True, leased_until__isnull=True
                )
                | models.Q(
                    leased_to__isnull=False,
                    lease_token__isnull=False,
                    leased_until__isnull=False,
                    state="open",
                ),
                name="lease_whole_and_on_open_item",
            ),
            models.CheckConstraint(
                condition=models.Q(priority__in=Priority.values), name="work_priority_known"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=PassKind.values), name="work_kind_known"),
            models.CheckConstraint(condition=models.Q(slice__in=Slice.values), name="work_slice_known"),
            models.CheckConstraint(
                condition=models.Q(extra="") | models.Q(extra__in=Extra.values, kind="check"),
                name="only_checks_are_extra",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="annotate")
                | models.Q(priority__in=(*ARRIVAL_LEVELS, *CHOSEN_LEVELS)),
                name="only_first_labels_follow_learning",
            ),
        ]
        indexes = [
            models.Index(
                fields=["dataset", "kind", "-priority", "bucket", "id"],
                condition=models.Q(state="open", reserved_for__isnull=True),
                name="work_open",
            ),
            models.Index(
                fields=["leased_to"], condition=models.Q(leased_to__isnull=False), name="work_leased"
            ),
            models.Index(
                fields=["reserved_for", "dataset", "-priority", "id"],
                condition=models.Q(reserved_for__isnull=False, state="open"),
                name="work_reserved",
            ),
            models.Index(fields=["dataset", "kind", "state"], name="work_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} item {self.pk} ({self.state})"


class Pass(models.Model):
    """One person's finished pass. The constraints are the rule "nobody twice on the same face in a round".

    ``submission_id`` is made by the client: a repeated submit finds this row and returns ``answer`` again.
    ``is_gold``: an answer to a gold item, no pass on the face. ``answer`` tells the person the same either way.
    """

    submission_id = models.UUIDField(unique=True)
    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="passes")
    # The item's, which are checked there. Other indexes begin with the dataset and with the user.
    dataset = models.ForeignKey(
        Dataset, models.CASCADE, related_name="passes", db_index=False, db_constraint=False
    )
    image = models.ForeignKey(Image, models.CASCADE, related_name="passes", db_constraint=False)
    face = models.ForeignKey(Face, models.CASCADE, null=True, related_name="passes", db_constraint=False)
    round = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=PassKind.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="passes", db_index=False)
    revision = models.ForeignKey(Revision, on_delete=models.SET_NULL, null=True, related_name="+")
    counted = models.BooleanField(default=True)
    is_gold = models.BooleanField(default=False, db_default=False)
    active_ms = models.PositiveIntegerField(null=True)
    answer = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["face", "round", "user"],
                condition=models.Q(face__isnull=False, counted=True, is_gold=False),
                name="nobody_twice_on_a_face",
            ),
            models.UniqueConstraint(
                fields=["image", "round", "user"],
                condition=models.Q(kind="sweep", counted=True, is_gold=False),
                name="nobody_sweeps_twice",
            ),
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(counted=True), name="one_counted_pass_per_item"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "dataset", "-id"], name="pass_by_user"),
            models.Index(fields=["dataset", "kind", "-id"], name="pass_newest_by_kind"),
            models.Index(
                fields=["dataset", "user", "id"], condition=models.Q(is_gold=True), name="pass_on_gold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.user_id}"


class Draft(models.Model):
    """Unfinished work on an item, kept about every two seconds by the page ``writer``. ``sequence`` only grows."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    sequence = models.PositiveIntegerField()
    writer = models.UUIDField(null=True)
    data = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "user"], name="one_draft_per_person_and_item")]

    def __str__(self) -> str:
        return f"draft of item {self.item_id}"


class Skip(models.Model):
    """A person passed over an item with a reason; it is not offered to them again."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="skips")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="skips")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "user"], name="one_skip_per_person_and_item")]

    def __str__(self) -> str:
        return f"{self.user_id} skipped {self.item_id}"


class Gold(models.Model):
    """A trusted answer that people are tested with, unseen among their ordinary work.

    kind ``annotate``: ``face`` with its pre-label to begin from; ``truth`` holds the right labels. ``check``:
    ``planted`` holds the wrong labels that are shown, ``faults`` names what is wrong in them. ``sweep``: ``face``
    is left out of what is shown on its image. Each person gets the same gold at most once.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="gold")
    kind = models.CharField(max_length=10, choices=PassKind.choices)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    face = models.ForeignKey(Face, on_delete=models.CASCADE, related_name="gold")
    truth = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    planted = models.ForeignKey(Revision, on_delete=models.CASCADE, null=True, related_name="+")
    faults = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    note = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["face", "kind"], name="one_gold_per_face_and_kind"),
            models.CheckConstraint(
                condition=models.Q(kind="check", planted__isnull=False)
                | models.Q(kind__in=("annotate", "sweep"), planted__isnull=True),
                name="planted_labels_are_for_checks",
            ),
        ]
        indexes = [
            models.Index(
                fields=["dataset", "kind", "id"], condition=models.Q(is_active=True), name="gold_in_use"
            )
        ]

    def __str__(self) -> str:
        return f"gold {self.kind} of face {self.face_id}"


class EvenCount(models.Model):
    """How much of one pass a person did in a dataset that distributes evenly (``services.even``).

    ``level`` is what is compared with others': it grows with each counted pass, and somebody who joins or comes
    back starts at the lowest level of those who are there. ``seen_at``: when they were last handed or finished one.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=PassKind.choices)
    pass_number = models.PositiveSmallIntegerField(default=0)
    level = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "kind", "pass_number", "user"], name="one_even_count_per_person_and_pass"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} is at {self.level} of {self.kind} {self.pass_number}"


class Delivery(models.Model):
    """A named set of images that somebody waits for, with a priority and the day it is due."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="deliveries")
    name = models.CharField(max_length=120)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.URGENT)
    due_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)
    closed_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="delivery_name_once"),
            models.CheckConstraint(
                condition=models.Q(priority__in=(Priority.NORMAL, *CHOSEN_LEVELS)),
                name="delivery_priority_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryImage(models.Model):
    """An image belongs to at most one delivery."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="images")
    image = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="delivery")

    def __str__(self) -> str:
        return f"image {self.image_id} of delivery {self.delivery_id}"


class LearningOrder(models.Model):
    """What the order "learning" of a dataset was last made from, and how far the levels follow it.

    ``limits``: uncertainties that part the levels LITTLE, SOME and MUCH. ``gaps``: groups with too few accepted
    faces, as "gender:female". ``cursor_bucket``, ``cursor_id``: the last open item of the walk through the queue;
    ``is_walked`` when it reached the end. ``looked_at``: when limits and gaps were last computed.
    """

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="learning_order")
    limits = ArrayField(models.FloatField(), default=list)
    gaps = ArrayField(models.CharField(max_length=60), default=list)
    looked_at = models.DateTimeField(null=True)
    cursor_bucket = models.IntegerField(default=-1)
    cursor_id = models.BigIntegerField(default=0)
    is_walked = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"learning order of dataset {self.dataset_id}"


class Acceptance(models.Model):
    """A face was accepted by people: stored with the decision, removed once the economy has counted it.

    ``revision`` holds the accepted labels and ``age_mean`` (years) the mean over people at that moment, so that
    counting does not depend on what happens to the face meanwhile.
    """

    face = models.ForeignKey(Face, on_delete=models.CASCADE, related_name="+", db_index=False)
    round = models.PositiveSmallIntegerField()
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    age_mean = models.FloatField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["face", "round"], name="one_acceptance_per_round")]

    def __str__(self) -> str:
        return f"face {self.face_id} accepted in round {self.round}"
