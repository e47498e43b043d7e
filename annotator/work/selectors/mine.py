"""A person's own finished work."""

from __future__ import annotations

from datetime import datetime, timedelta
from datetime import timezone as tz
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership
from annotator.work.models import Pass, PassKind


def pass_list(*, user: User, dataset: Dataset) -> QuerySet[Pass]:
    """The person's passes in a dataset, to be paged by id."""
    return Pass.objects.filter(user=user, dataset=dataset).select_related("face", "item")


def pass_counts(*, user: User, dataset: Dataset, utc_offset: int = 0) -> dict[str, dict[str, int]]:
    """Counted passes of each kind, today and in all; one query. Gold is work like any other here.

    utc_offset: minutes that the person's clock is ahead of UTC; their day starts at their midnight.
    """
    midnight = midnight_of(timezone.now(), utc_offset=utc_offset)
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


def midnight_of(now: datetime, *, utc_offset: int) -> datetime:
    """When the day began for somebody whose clock is ``utc_offset`` minutes ahead of UTC; an aware moment."""
    there = now.astimezone(tz(timedelta(minutes=utc_offset)))
    return there.replace(hour=0, minute=0, second=0, microsecond=0)


def daily_goal(*, user: User, dataset: Dataset) -> int:
    """Passes a day that an admin set for this person in the dataset; 0: none."""
    goal = Membership.objects.filter(user=user, dataset=dataset).values_list("daily_goal", flat=True).first()
    return goal or 0


def pass_json(made: Pass) -> dict[str, Any]:
    """One row of a person's own work: the state of the face now, of the item for a sweep, as it was told for gold."""
    state = made.item.state if made.face is None else made.face.state
    return {
        "pass_id": made.pk,
        "item": made.item_id,
        "face_id": made.face_id,
        "image_id": made.image_id,
        "kind": made.kind,
        "created_at": made.created_at,
        "taken_back": made.answer.get("taken_back", False),
        "state": made.answer["state"] if made.is_gold else state,
        "crop_url": None if made.face_id is None else f"/api/v1/faces/{made.face_id}/crop?side=256",
    }
