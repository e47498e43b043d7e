"""Deliveries: a named set of images with a priority and the day it is due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset
from annotator.jobs.models import Job
from annotator.work.models import CHOSEN_LEVELS, Delivery, Priority
from annotator.work.selectors.bulk import Action, Order, delivery_level
from annotator.work.services.bulk import order_start


def delivery_create(
    *,
    dataset: Dataset,
    name: str,
    actor: User,
    priority: Priority = Priority.URGENT,
    due_at: datetime | None = None,
    note: str = "",
) -> Delivery:
    """An empty delivery; images are added by an order (``services.bulk``).

    Raises Invalid ``name`` or ``priority``, Conflict ``delivery_name`` for a name that the dataset has already.
    """
    _check(name=name, priority=priority)
    try:
        with transaction.atomic():
            made = Delivery.objects.create(
                dataset=dataset,
                name=name.strip(),
                priority=priority,
                due_at=due_at,
                note=note,
                created_by=actor,
            )
            audit(
                actor=actor,
                verb="delivery.created",
                target=made,
                dataset_id=dataset.pk,
                **_columns_json(made),
            )
    except IntegrityError as error:
        raise _name_taken(name) from error
    return made


def delivery_update(*, delivery: Delivery, actor: User, **changes: Any) -> tuple[Delivery, Job | None]:
    """Change name, priority, due_at, note, or whether it is ``closed``; the delivery and a job, if one is needed.

    When the level of its open work changes, which closing and opening again do too, a job walks its images.
    Locks the delivery. Raises what ``delivery_create`` raises.
    """
    try:
        with transaction.atomic():
            locked = (
                Delivery.objects.select_for_update(no_key=True, of=("self",))
                .select_related("dataset__policy")
                .get(pk=delivery.pk)
            )
            before, level = _columns_json(locked), delivery_level(locked)
            if "closed" in changes:
                closed = changes.pop("closed")
                if closed != (locked.closed_at is not None):
                    locked.closed_at = timezone.now() if closed else None
            for column, value in changes.items():
                setattr(locked, column, value)
            _check(name=locked.name, priority=locked.priority)
            locked.name = locked.name.strip()
            locked.save(update_fields=["name", "priority", "due_at", "note", "closed_at"])
            after = _columns_json(locked)
            if after == before:
                return locked, None
            audit(
                actor=actor,
                verb="delivery.changed",
                target=locked,
                dataset_id=locked.dataset_id,
                before=before,
                after=after,
            )
            if delivery_level(locked) == level:
                return locked, None
            relevel = Order(action=Action.RELEVEL, delivery=locked.pk)
            job, _ = order_start(dataset=locked.dataset, order=relevel, actor=actor)
    except IntegrityError as error:
        raise _name_taken(str(changes.get("name", ""))) from error
    return locked, job


def _check(*, name: str, priority: int) -> None:
    if not name.strip():
        raise Invalid("name", "Give the delivery a name that people will know it by.")
    if priority not in (Priority.NORMAL, *CHOSEN_LEVELS):
        raise Invalid("priority", "The priority of a delivery is urgent, normal or later.")


def _name_taken(name: str) -> Conflict:
    return Conflict(
        "delivery_name", f"This dataset has a delivery named {name.strip()} already; take another name."
    )


def _columns_json(delivery: Delivery) -> dict[str, Any]:
    return {
        "name": delivery.name,
        "priority": Priority(delivery.priority).label.lower(),
        "due_at": None if delivery.due_at is None else delivery.due_at.isoformat(),
        "note": delivery.note,
        "closed": delivery.closed_at is not None,
    }
