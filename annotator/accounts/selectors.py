"""Reads about people, their tokens and the audit trail."""

from __future__ import annotations

from django.db.models import QuerySet

from annotator.accounts.models import ApiToken, AuditEntry, User


def token_list(*, user: User) -> QuerySet[ApiToken]:
    """The person's own tokens, newest first; keys are not kept, so they cannot be listed."""
    return ApiToken.objects.filter(user=user).order_by("-id")


def audit_list(*, dataset_id: int) -> QuerySet[AuditEntry]:
    """Who did what in a dataset; the caller has checked that the reader is its admin."""
    return AuditEntry.objects.filter(dataset_id=dataset_id).select_related("actor")
