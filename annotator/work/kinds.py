"""The words of work: kinds of passes, states and levels of items."""

from __future__ import annotations

from django.db import models


class PassKind(models.TextChoices):
    ANNOTATE = "annotate"
    CHECK = "check"
    ADJUDICATE = "adjudicate"
    SWEEP = "sweep"


class ItemState(models.TextChoices):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Priority(models.IntegerChoices):
    """Higher goes first. The claim asks for each level by name, so a level that is not listed cannot exist.

    NORMAL and DOUBTFUL are the order of arrival. URGENT and LATER are set by people, for items of any kind
    (deliveries, the explorer). The others belong to faces that wait for their first labels in a
    dataset with the order "learning": RANDOM is the slice that keeps the order of arrival, the LEARN levels say
    how much a model would learn from the face (``services.ordering``).
    """

    NORMAL = 0
    RANDOM = 1
    LEARN_LITTLE = 2
    LEARN_SOME = 4
    LEARN_MUCH = 6
    LEARN_MOST = 8
    DOUBTFUL = 10
    LATER = -10
    URGENT = 20


class Slice(models.TextChoices):
    """Which part of the work an item belongs to in the order "learning"; drawn once and never changed."""

    NONE = ""
    RANDOM = "random"
    ORDERED = "ordered"


class Extra(models.TextChoices):
    """Why a face is checked more often than the policy's number: people differ, or one more age is wanted."""

    NONE = ""
    MAJORITY = "majority"
    AGE = "age"


ARRIVAL_LEVELS = (Priority.NORMAL, Priority.DOUBTFUL)
CHOSEN_LEVELS = (Priority.URGENT, Priority.LATER)
LEARN_LEVELS = (Priority.LEARN_LITTLE, Priority.LEARN_SOME, Priority.LEARN_MUCH, Priority.LEARN_MOST)
NOT_ARRIVAL = (Priority.RANDOM, *LEARN_LEVELS)

BUCKETS = 32_768
"""``WorkItem.bucket`` is 0 to BUCKETS - 1, drawn when the item is made."""
