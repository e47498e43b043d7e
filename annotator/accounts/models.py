"""Users, their sessions and API tokens, audit entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase


class User(AbstractUser):
    """A person or a program. ``is_superuser`` means admin of every dataset; roles are in Membership."""

    display_name = models.CharField(max_length=150, blank=True)

    @property
    def name(self) -> str:
        return self.display_name or self.username


class Session(AbstractBaseSession):
    """A browser's session; ``person``: who is signed in, as what the session holds says too."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from annotator.accounts.sessions import SessionStore  # it is made of this model

        return SessionStore


class ApiToken(models.Model):
    """A program's key. Only its SHA-256 is kept; the key itself is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="token_name_once_per_user")]

    def __str__(self) -> str:
        return f"{self.user.username}: {self.name}"


class Preferences(models.Model):
    """How a person set up the pages for themselves. A table of its own: no other request reads it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="preferences")
    data = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"{self.user_id}: {', '.join(sorted(self.data))}"


class SignInFailure(models.Model):
    """One wrong password. Enough of them in a short time close the door for a while; old ones are deleted."""

    username = models.CharField(max_length=150)
    address = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["address", "at"], name="failure_by_address")]

    def __str__(self) -> str:
        return f"{self.username} from {self.address}"


class AuditEntry(models.Model):
    """Who did what to which row. Written by services, never changed (a database trigger refuses it)."""

    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=60)
    dataset_id = models.BigIntegerField(null=True)
    target_type = models.CharField(max_length=40)
    target_id = models.BigIntegerField()
    details = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["dataset_id", "-id"], name="audit_by_dataset"),
            models.Index(fields=["target_type", "target_id"], name="audit_by_target"),
            models.Index(fields=["dataset_id", "actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["dataset_id", "verb", "-id"], name="audit_by_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_type} {self.target_id}"
