"""Who may take what, said again in plain Python over all rows: what the statements of the queue are compared with."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership, Role
from annotator.work.models import ItemState, Pass, PassKind, Skip, WorkItem


class Queue:
    """The open items of a dataset at this moment, and for whom each of them is."""

    def __init__(self, dataset: Dataset) -> None:
        self.now = timezone.now()
        self.items = list(WorkItem.objects.filter(dataset=dataset, state=ItemState.OPEN))
        self.touched = {
            (row.face_id, row.image_id if row.kind == PassKind.SWEEP else None, row.round, row.user_id)
            for row in Pass.objects.filter(dataset=dataset, counted=True)
        }
        self.skipped = set(Skip.objects.filter(item__dataset=dataset).values_list("item_id", "user_id"))
        self.roles = {
            member.user_id: Role(member.role)
            for member in Membership.objects.filter(dataset=dataset, is_active=True, paused_at=None)
        }

    def may_take(self, user: User, item: WorkItem) -> bool:
        """Whether the rules let this person work on the item, whoever holds it now."""
        role = self.roles.get(user.pk)
        if role not in (Role.ANNOTATOR, Role.ADJUDICATOR, Role.ADMIN):
            return False
        if item.kind == PassKind.ADJUDICATE and role == Role.ANNOTATOR:
            return False
        image = item.image_id if item.kind == PassKind.SWEEP else None
        return (item.face_id, image, item.round, user.pk) not in self.touched and (
            item.pk,
            user.pk,
        ) not in self.skipped

    def is_free(self, item: WorkItem) -> bool:
        return item.leased_until is None or item.leased_until < self.now

    def free_passes(self, user: User) -> set[tuple[str, int]]:
        """The passes of which an item is free for this person."""
        return {
            (item.kind, item.pass_number)
            for item in self.items
            if self.is_free(item) and self.may_take(user, item)
        }

    def nobodys(self, people: Iterable[User]) -> set[int]:
        """Open items that none of these people may ever take."""
        everybody = list(people)
        return {item.pk for item in self.items if not any(self.may_take(user, item) for user in everybody)}
