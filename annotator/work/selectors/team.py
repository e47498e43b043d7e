"""Who could still work on a face."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from annotator.datasets.access import LABELLERS
from annotator.datasets.models import Membership
from annotator.faces.models import Face, Revision
from annotator.work.selectors.versions import COUNTED_KINDS
from annotator.work.selectors.withdrawn import not_taken_back


def active_labellers(*, dataset_id: int) -> QuerySet[Membership]:
    """Members who may be handed work now: with a labelling role, an open account, not paused."""
    return Membership.objects.filter(
        dataset_id=dataset_id,
        is_active=True,
        user__is_active=True,
        paused_at__isnull=True,
        role__in=LABELLERS,
    )


def somebody_is_left(*, face: Face) -> bool:
    """Whether an active member has not yet labelled, checked or decided the face in its present round; one query.

    It reads the versions and not the passes, because a submit asks before its own pass is stored.
    """
    own = Revision.objects.filter(
        not_taken_back(), face=face, round=face.round, kind__in=COUNTED_KINDS, author=OuterRef("user")
    )
    return active_labellers(dataset_id=face.dataset_id).exclude(Exists(own)).exists()
