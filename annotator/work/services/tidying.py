"""What the beat puts in order; nothing is wrong while it has not run."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from annotator.accounts.models import AuditEntry
from annotator.images.models import Image, Verdict
from annotator.work.models import Draft, ItemState, WorkItem
from annotator.work.services.leases import leases_clear
from annotator.work.services.opening import items_cancel, items_lock, items_open_for_image

BATCH: Final = 500
STALE_DRAFTS_AFTER: Final = timedelta(days=7)
READMITTED_WITHIN: Final = timedelta(days=1)

GONE_HOLDERS: Final = """
SELECT i.id FROM work_workitem i JOIN accounts_user u ON u.id = i.leased_to_id
WHERE i.leased_to_id IS NOT NULL AND NOT (u.is_active AND (u.is_superuser OR EXISTS (
    SELECT 1 FROM datasets_membership m WHERE m.dataset_id = i.dataset_id AND m.user_id = u.id AND m.is_active
    AND m.paused_at IS NULL
    AND m.role IN ('admin', 'adjudicator', 'annotator'))))
ORDER BY i.id LIMIT %s
"""


def queue_tidy() -> dict[str, int]:
    """Housekeeping, from the beat: correctness never depends on it, because each claim compares times itself.

    Takes back leases of people who may no longer work, cancels items of images that got a verdict elsewhere,
    opens the items of images whose verdict was taken back, removes drafts of items closed a week ago. Small
    batches, each its own transaction.
    """
    return {
        "returned": _tidy_gone_people(),
        "cancelled": _tidy_images_with_verdict(),
        "opened": _tidy_readmitted_images(),
        "drafts": _tidy_drafts(),
    }


@transaction.atomic
def _tidy_gone_people() -> int:
    with connection.cursor() as cursor:
        cursor.execute(GONE_HOLDERS, [BATCH])
        found = [pk for (pk,) in cursor.fetchall()]
    if found:
        leases_clear(items=items_lock(pk__in=found, leased_to__isnull=False), remember=True)
    return len(found)


@transaction.atomic
def _tidy_images_with_verdict() -> int:
    found = list(
        WorkItem.objects.filter(state=ItemState.OPEN)
        .exclude(image__verdict=Verdict.NONE)
        .values_list("pk", flat=True)[:BATCH]
    )
    items = items_lock(pk__in=found) if found else []
    items_cancel(items=items)
    return len(items)


def _tidy_readmitted_images() -> int:
    """The images app cannot call this one, so its audit entries say which images came back lately."""
    came_back = AuditEntry.objects.filter(
        verb="image_readmit", at__gt=timezone.now() - READMITTED_WITHIN
    ).values_list("target_id", flat=True)
    images = Image.objects.filter(
        ~Q(prelabelled_at=None) | ~Q(prelabel_error=""), pk__in=list(came_back[:BATCH]), verdict=Verdict.NONE
    )
    return sum(len(items_open_for_image(image=image)) for image in images)


def _tidy_drafts() -> int:
    old = Draft.objects.exclude(item__state=ItemState.OPEN).filter(
        item__closed_at__lt=timezone.now() - STALE_DRAFTS_AFTER
    )
    return Draft.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()[0]
