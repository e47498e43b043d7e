"""Making work items, and closing them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.utils import timezone

from annotator.faces.models import Face, FaceState
from annotator.images.models import Image, Verdict
from annotator.work.models import BUCKETS, DeliveryImage, ItemState, Pass, PassKind, Priority, Slice, WorkItem
from annotator.work.rows import ITEMS
from annotator.work.services.levels import Order, order_in_force, place_of, waiting_of

OFFERED_STATES = (FaceState.WAITING, FaceState.CHECKING, FaceState.DISPUTED)


def item_for_face(
    *,
    face: Face,
    kind: PassKind,
    pass_number: int = 0,
    reason: str = "",
    dispute: bool = False,
    order: Order | None = None,
) -> WorkItem:
    """An unsaved open item for the face's present round. A level that a person chose stays with the face; of the
    others those that machines doubt (J03) go first.

    order: the dataset's ``order_in_force``, which says where a face that waits for its first labels stands; the
    face has its image and pre-label loaded then. Without it the beat places the item (``ordering.queue_order``).
    """
    doubtful = dispute or bool(face.needs_person)
    part, level = Slice.NONE, Priority.DOUBTFUL if doubtful else Priority.NORMAL
    if order is not None and kind == PassKind.ANNOTATE:
        part, level = place_of(waiting_of(face), order=order)
    if face.chosen_level:
        level = Priority(face.chosen_level)
    return WorkItem(
        dataset_id=face.dataset_id,
        image_id=face.image_id,
        face=face,
        kind=kind,
        pass_number=pass_number,
        round=face.round,
        slice=part,
        priority=level,
        bucket=secrets.randbelow(BUCKETS),
        reason=reason[:500],
    )


@transaction.atomic
def items_open_for_image(*, image: Image, sweep_reason: str = "") -> list[WorkItem]:
    """``items_open_for_images`` for one image."""
    return items_open_for_images(images=[image], sweep_reason=sweep_reason)


@transaction.atomic
def items_open_for_images(*, images: Sequence[Image], sweep_reason: str = "") -> list[WorkItem]:
    """Open what is missing on images of one dataset: an item for each offered face, a sweep where none was made.

    Idempotent: faces and images that have an open item are left alone. Locks the image rows, so that two
    callers do not open the same item. Opens nothing on an image with a verdict. ``sweep_reason`` is told to who
    sweeps. As many queries for many images as for one.
    """
    locked = list(
        Image.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=[image.pk for image in images], verdict=Verdict.NONE)
        .order_by("pk")
    )
    open_already = WorkItem.objects.filter(face=OuterRef("pk"), state=ItemState.OPEN, gold=None)
    faces = list(
        Face.objects.select_for_update(no_key=True, of=("self",))
        .filter(~Exists(open_already), image__in=locked, state__in=OFFERED_STATES)
        .select_related("prelabel")
        .order_by("pk")
    )
    order = order_in_force(dataset_id=faces[0].dataset_id) if faces else None
    by_id = {image.pk: image for image in locked}
    for face in faces:
        face.image = by_id[face.image_id]
    levels = delivery_levels(image_ids=list(by_id))
    _follow_deliveries(faces=faces, levels=levels)
    missing = [
        _next_item(face=face, checks_done=done, order=order) for face, done in _with_checks_done(faces)
    ]
    unswept = [image for image in locked if image.swept_at is None]
    sweeps = {
        row["image_id"]: row
        for row in WorkItem.objects.filter(image__in=unswept, kind=PassKind.SWEEP, gold=None)
        .values("image_id")
        .annotate(last=Max("round"), still_open=Count("pk", filter=Q(state=ItemState.OPEN)))
    }
    for image in unswept:
        before = sweeps.get(image.pk, {"last": 0, "still_open": 0})
        if not before["still_open"]:
            sweep = item_for_sweep(image=image, round_number=before["last"] + 1, reason=sweep_reason)
            sweep.priority = levels.get(image.pk, Priority.NORMAL)
            missing.append(sweep)
    return WorkItem.objects.bulk_create(missing)


def item_place(*, item: WorkItem, face: Face, order: Order | None) -> None:
    """Move a locked open item to where its face stands now; the face has its image and pre-label loaded.

    order: the dataset's ``order_in_force``. The slice that was drawn once stays, and so does a chosen level.
    """
    if order is not None and item.kind == PassKind.ANNOTATE:
        item.slice, item.priority = place_of(waiting_of(face), order=order, part=Slice(item.slice))
    else:
        item.priority = Priority.DOUBTFUL if face.needs_person else Priority.NORMAL
    if face.chosen_level:
        item.priority = Priority(face.chosen_level)
    item.save(update_fields=["slice", "priority"])


def item_for_sweep(*, image: Image, round_number: int, reason: str = "", pass_number: int = 0) -> WorkItem:
    """An unsaved open sweep item; ``pass_number`` 1 for the second sweep of a round."""
    return WorkItem(
        dataset_id=image.dataset_id,
        image=image,
        kind=PassKind.SWEEP,
        pass_number=pass_number,
        round=round_number,
        bucket=secrets.randbelow(BUCKETS),
        reason=reason[:500],
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
    ITEMS.update(item, "state", "closed_at", "leased_to_id", "lease_token", "leased_until", "past_tokens")


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


def delivery_levels(*, image_ids: Sequence[int]) -> dict[int, Priority]:
    """The level of the open delivery that an image belongs to, where it is not NORMAL; one query."""
    rows = DeliveryImage.objects.filter(image__in=image_ids, delivery__closed_at=None).exclude(
        delivery__priority=Priority.NORMAL
    )
    return {image: Priority(level) for image, level in rows.values_list("image_id", "delivery__priority")}


def _follow_deliveries(*, faces: list[Face], levels: dict[int, Priority]) -> None:
    """Faces that nobody gave a level take that of their image's delivery, and keep it."""
    followers = [face for face in faces if not face.chosen_level and face.image_id in levels]
    for face in followers:
        face.chosen_level = levels[face.image_id]
    if followers:
        Face.objects.bulk_update(followers, ["chosen_level"])


def _with_checks_done(faces: list[Face]) -> list[tuple[Face, int]]:
    """Each face with the number of counted checks of its present round; one query."""
    if not faces:
        return []
    rows = (
        Pass.objects.filter(face__in=faces, kind=PassKind.CHECK, counted=True, is_gold=False)
        .values("face_id", "round")
        .annotate(done=Count("pk"))
    )
    done = {(row["face_id"], row["round"]): row["done"] for row in rows}
    return [(face, done.get((face.pk, face.round), 0)) for face in faces]


def _next_item(*, face: Face, checks_done: int, order: Order | None) -> WorkItem:
    if face.state == FaceState.WAITING:
        return item_for_face(face=face, kind=PassKind.ANNOTATE, order=order)
    if face.state == FaceState.CHECKING:
        return item_for_face(face=face, kind=PassKind.CHECK, pass_number=checks_done + 1)
    return item_for_face(face=face, kind=PassKind.ADJUDICATE, dispute=True)
