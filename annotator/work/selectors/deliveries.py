"""Reads about deliveries: how far each is, and whether it is late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from annotator.accounts.models import User
from annotator.common.errors import NotFound
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Dataset, Role
from annotator.faces.models import IN_WORK, Face, FaceState
from annotator.work.models import Delivery, DeliveryImage, ItemState, PassKind, WorkItem
from annotator.work.selectors.effort import Effort, pass_times, passes_left


@dataclass(slots=True)
class DeliveryProgress:
    """Counts of one delivery. unswept: images that nobody swept yet. effort: the passes left to the end."""

    images: int = 0
    unswept: int = 0
    accepted: int = 0
    in_work: int = 0
    other: int = 0
    effort: Effort = field(default_factory=lambda: Effort(passes={}, times={}))

    @property
    def is_done(self) -> bool:
        return self.images > 0 and self.in_work == 0 and self.unswept == 0

    def is_late(self, delivery: Delivery, *, now: datetime) -> bool:
        """Due before now, still open, and not done."""
        return (
            delivery.closed_at is None
            and delivery.due_at is not None
            and delivery.due_at < now
            and not self.is_done
        )


def delivery_access(*, user: User, delivery_id: int, roles: tuple[Role, ...]) -> Delivery:
    """The delivery, if the person has one of the roles in its dataset. Raises NotFound or NotAllowed."""
    found = Delivery.objects.select_related("created_by").filter(pk=delivery_id).first()
    if found is None:
        raise NotFound()
    found.dataset, _ = dataset_access(user=user, dataset_id=found.dataset_id, roles=roles)
    return found


def delivery_list(*, dataset: Dataset) -> QuerySet[Delivery]:
    """The deliveries of a dataset; newest first is the caller's page order."""
    return Delivery.objects.filter(dataset=dataset).select_related("created_by")


def delivery_progress(*, dataset: Dataset, deliveries: Sequence[Delivery]) -> dict[int, DeliveryProgress]:
    """The progress of these deliveries by id; four queries, however many they are.

    Images with a verdict count as images, and nothing is left to do on them.
    """
    ids = [delivery.pk for delivery in deliveries]
    found: dict[int, DeliveryProgress] = {pk: DeliveryProgress() for pk in ids}
    images = DeliveryImage.objects.filter(delivery__in=ids).order_by().values_list("delivery")
    unswept = Q(image__swept_at=None, image__verdict="")
    for pk, n, not_swept in images.annotate(n=Count("pk"), not_swept=Count("pk", filter=unswept)):
        found[pk].images, found[pk].unswept = n, not_swept
    of_image = "image__delivery__delivery"
    faces = Face.objects.filter(**{f"{of_image}__in": ids}, image__verdict="").order_by()
    for pk, state, n in faces.values_list(of_image, "state").annotate(n=Count("pk")):
        if state == FaceState.ACCEPTED:
            found[pk].accepted += n
        elif state in IN_WORK:
            found[pk].in_work += n
        else:
            found[pk].other += n
    checks = dataset.policy.policy.checks if dataset.policy else 0
    items = WorkItem.objects.filter(**{f"{of_image}__in": ids}, state=ItemState.OPEN, gold=None).order_by()
    left: dict[int, list[tuple[PassKind, int, int]]] = defaultdict(list)
    for pk, kind, number, n in items.values_list(of_image, "kind", "pass_number").annotate(n=Count("pk")):
        left[pk].append((PassKind(kind), number, n))
    times = pass_times(dataset=dataset)
    for pk, progress in found.items():
        progress.effort = Effort(passes=passes_left(left[pk], checks=checks), times=times)
    return found
