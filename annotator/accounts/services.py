"""Writes about people, tokens and the audit trail."""

from __future__ import annotations

from typing import Any

from django.db import models

from annotator.accounts.models import AuditEntry, User


def audit(
    *, actor: User | None, verb: str, target: models.Model, dataset_id: int | None = None, **details: Any
) -> None:
    """Record who did what; call it inside the transaction of the change itself."""
    AuditEntry.objects.create(
        actor=actor,
        verb=verb,
        dataset_id=dataset_id,
        target_type=target._meta.model_name or "",
        target_id=target.pk,
        details=details,
    )
