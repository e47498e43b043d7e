"""A person's own finished work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.work.models import Pass, PassKind


def pass_list(*, user: User, dataset: Dataset) -> QuerySet[Pass]:
    """The person's passes in a dataset, to be paged by id."""
    return Pass.objects.filter(user=user, dataset=dataset).select_related("face", "item")


def pass_counts(*, user: User, dataset: Dataset) -> dict[str, dict[str, int]]:
    """Counted passes of each kind, today (UTC) and in all; one query."""
    now = timezone.now()
    midnight = datetime(now.year, now.month, now.day, tzinfo=now.tzinfo)
    rows = (
        Pass.objects.filter(user=user, dataset=dataset, counted=True)
        .values_list("kind")
        .annotate(today=Count("pk", filter=Q(created_at__gte=midnight)), total=Count("pk"))
    )
    none = dict.fromkeys(PassKind.values, 0)
    counts = {"today": dict(none), "total": dict(none)}
    for kind, today, total in rows:
        counts["today"][kind] = today
        counts["total"][kind] = total
    return counts


def pass_json(made: Pass) -> dict[str, Any]:
    """One row of a person's own work; the state is the face's now, or the item's for a sweep."""
    return {
        "pass_id": made.pk,
        "item": made.item_id,
        "face_id": made.face_id,
        "image_id": made.image_id,
        "kind": made.kind,
        "created_at": made.created_at,
        "state": made.item.state if made.face is None else made.face.state,
        "crop_url": None if made.face_id is None else f"/api/v1/faces/{made.face_id}/crop?side=256",
    }
