"""Datasets, memberships, policy versions."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from jfa_pipeline.core.policy import Policy


class Dataset(models.Model):
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    policy = models.ForeignKey("PolicyVersion", on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    ADMIN = "admin"
    ADJUDICATOR = "adjudicator"
    ANNOTATOR = "annotator"
    RESEARCHER = "researcher"
    WORKER = "worker"


class Membership(models.Model):
    """One person's role in one dataset. An inactive membership keeps history and gives no access.

    daily_goal: faces a day, 0 for none. A paused member may look and is handed nothing, until an admin lifts the pause;
    pause_reason is told to them. Gold answers before watched_since no longer count for or against them.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    is_active = models.BooleanField(default=True)
    daily_goal = models.PositiveIntegerField(default=0, db_default=0)
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    watched_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "user"], name="one_membership_per_user"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} of {self.dataset_id}"


class PolicyVersion(models.Model):
    """One immutable version of a dataset's policy; faces remember the one they were accepted under."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="policy_versions")
    version = models.PositiveIntegerField()
    data = models.JSONField()
    comment = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "version"], name="policy_version_once")]

    def __str__(self) -> str:
        return f"policy v{self.version}"

    known: Policy | None = None
    """The policy, where it was read without ``data``."""

    @property
    def policy(self) -> Policy:
        if self.known is not None and "data" not in self.__dict__:
            return self.known
        return Policy.from_json(self.data)

    @property
    def complete(self) -> dict[str, Any]:
        """Every field of the policy, also those that this version was stored without."""
        return self.policy.to_json()


@lru_cache(maxsize=256)
def policy_read(data: str) -> Policy:
    """The policy of a version's ``data`` as JSON text: every request of the queue needs one of a few."""
    return Policy.from_json(json.loads(data))
