"""Making work items, and closing them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from annotator.faces.models import Face, FaceState
from annotator.images.models import Image, Verdict
from annotator.work.models import BUCKETS, ItemState, Pass, PassKind, Priority, WorkItem

OFFERED_STATES = (FaceState.WAITING, FaceState.CHECKING, FaceState.DISPUTED)


def item_for_face(
    *, face: Face, kind: PassKind, pass_number: int = 0, reason: str = "", dispute: bool = False
) -> WorkItem:
    """An unsaved open item for the face's present round. Faces that machines doubt (J03) go first."""
    doubtful = dispute or bool(face.needs_person)
    return WorkItem(
        dataset_id=face.dataset_id,
        image_id=face.image_id,
        face=face,
        kind=kind,
        pass_number=pass_number,
        round=face.round,
        priority=Priority.DOUBTFUL if doubtful else Priority.NORMAL,
        bucket=secrets.randbelow(BUCKETS),
        reason=reason[:500],
    )


@transaction.atomic
def items_open_for_image(*, image: Image) -> list[WorkItem]:
    """Open what is missing on an image: one item for each offered face, and one sweep while it is not swept.

    Idempotent: faces and images that have an open item are left alone. Locks the image row, so that two
    callers do not open the same item. Opens nothing on an image with a verdict.
    """
    image = Image.objects.select_for_update(no_key=True, of=("self",)).get(pk=image.pk)
    if image.verdict != Verdict.NONE:
        return []
    faces = list(
        Face.objects.select_for_update(no_key=True, of=("self",))
        .filter(image=image, state__in=OFFERED_STATES)
        .exclude(work_items__state=ItemState.OPEN)
        .order_by("pk")
    )
    missing = [_next_item(face=face, checks_done=done) for face, done in _with_checks_done(faces)]
    if image.swept_at is None:
        sweeps = WorkItem.objects.filter(image=image, kind=PassKind.SWEEP).aggregate(
            last=Max("round"), still_open=Count("pk", filter=Q(state=ItemState.OPEN))
        )
        if not sweeps["still_open"]:
            missing.append(item_for_sweep(image=image, round_number=(sweeps["last"] or 0) + 1))
    return WorkItem.objects.bulk_create(missing)


def item_for_sweep(*, image: Image, round_number: int) -> WorkItem:
    """An unsaved open sweep item."""
    return WorkItem(
        dataset_id=image.dataset_id,
        image=image,
        kind=PassKind.SWEEP,
        round=round_number,
        bucket=secrets.randbelow(BUCKETS),
    )


def item_close(*, item: WorkItem, state: ItemState, by_holder: bool = False) -> None:
    """End a locked open item; the caller holds its row lock.

    A lease that this takes from somebody is remembered, so that their late submit is kept (``by_holder``: the
    person who holds the lease did the work, there is nothing to remember).
    """
    if item.lease_token is not None and not by_holder:
        item.past_tokens = [*item.past_tokens, item.lease_token]
    item.state = state
    item.closed_at = timezone.now()
    item.leased_to = item.lease_token = item.leased_until = None
    item.save(update_fields=["state", "closed_at", "leased_to", "lease_token", "leased_until", "past_tokens"])


def items_cancel(*, items: Iterable[WorkItem]) -> None:
    """Cancel locked open items."""
    for item in items:
        item_close(item=item, state=ItemState.CANCELLED)


def items_lock(**which: object) -> list[WorkItem]:
    """Open items that match, locked in the order of their ids."""
    return list(
        WorkItem.objects.select_for_update(no_key=True, of=("self",))
        .filter(state=ItemState.OPEN, **which)
        .order_by("pk")
    )


def _with_checks_done(faces: list[Face]) -> list[tuple[Face, int]]:
    """Each face with the number of counted checks of its present round; one query."""
    rows = (
        Pass.objects.filter(face__in=faces, kind=PassKind.CHECK, counted=True)
        .values("face_id", "round")
        .annotate(done=Count("pk"))
    )
    done = {(row["face_id"], row["round"]): row["done"] for row in rows}
    return [(face, done.get((face.pk, face.round), 0)) for face in faces]


def _next_item(*, face: Face, checks_done: int) -> WorkItem:
    if face.state == FaceState.WAITING:
        return item_for_face(face=face, kind=PassKind.ANNOTATE)
    if face.state == FaceState.CHECKING:
        return item_for_face(face=face, kind=PassKind.CHECK, pass_number=checks_done + 1)
    return item_for_face(face=face, kind=PassKind.ADJUDICATE, dispute=True)
