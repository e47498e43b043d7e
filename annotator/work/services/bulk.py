"""Orders for many faces or images: counted first, then carried out as a job that can be stopped and goes on.

The job walks by id in chunks, each a short transaction that locks the job's row, the faces, then their items, looks
again what may be done to each, does it, and notes how far it is. So an attempt that is killed loses nothing, the
next one does nothing twice, and no other person's work waits for more than one chunk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, QuerySet

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Invalid
from annotator.datasets.models import Dataset, Membership
from annotator.faces.models import Face
from annotator.images.models import Image
from annotator.jobs.models import Job, JobKind
from annotator.jobs.running import RunningJob
from annotator.jobs.services import job_create
from annotator.work.models import CHOSEN_LEVELS, Delivery, DeliveryImage, ItemState, Priority, WorkItem
from annotator.work.selectors.bulk import (
    OF_IMAGES,
    TOUCHED,
    Action,
    Order,
    Plan,
    delivery_level,
    faces_ordered,
    images_ordered,
    kinds_of,
    left_json,
    order_plan,
)
from annotator.work.services.opening import items_lock
from annotator.work.services.priorities import level_give
from annotator.work.services.reopening import faces_reopen, reason_checked

TASK: Final = "work.bulk"
CHUNK: Final = 250
"""Faces, or images, of one transaction: a tenth of a second or so."""

DONE_WORDS: Final = {
    Action.REOPEN: "reopened",
    Action.PRIORITISE: "given their priority",
    Action.ASSIGN: "assigned",
    Action.RELEASE: "released",
    Action.DELIVER: "added to the delivery",
    Action.RELEVEL: "given the delivery's priority",
}


def order_check(*, dataset: Dataset, order: Order) -> None:
    """Raise Invalid (``reason``, ``level``, ``person``, ``delivery``) for an order that cannot be carried out."""
    match order.action:
        case Action.REOPEN:
            reason_checked(order.reason)
        case Action.PRIORITISE:
            if order.level not in (Priority.NORMAL, *CHOSEN_LEVELS):
                raise Invalid("level", "Choose a priority: urgent, normal or later.")
        case Action.ASSIGN:
            _check_person(dataset=dataset, person=order.person)
        case Action.DELIVER:
            found = Delivery.objects.filter(dataset=dataset, pk=order.delivery or 0).first()
            if found is None:
                raise Invalid("delivery", "This delivery is not one of this dataset's.")
            if found.closed_at is not None:
                raise Invalid(
                    "delivery", f"The delivery {found.name} is closed: open it again to add images."
                )


def _check_person(*, dataset: Dataset, person: int | None) -> None:
    member = Membership.objects.select_related("user").filter(dataset=dataset, user=person).first()
    if member is None:
        raise Invalid("person", "This person is not a member of the dataset.")
    if not kinds_of(dataset=dataset, person=member.user_id):
        raise Invalid(
            "person",
            f"{member.user.name} cannot be given work: only active people with a labelling role who are not paused "
            "can. The People page says how it stands.",
        )


def order_start(*, dataset: Dataset, order: Order, actor: User) -> tuple[Job, Plan]:
    """The queued job that carries an order out, and what it would do at this moment.

    Only faces and images that are there now are reached. The order is written into the audit trail. Raises what
    ``order_check`` raises.
    """
    order_check(dataset=dataset, order=order)
    plan = order_plan(dataset=dataset, order=order)
    return _job(dataset=dataset, order=order, plan=plan, actor=actor), plan


@transaction.atomic
def _job(*, dataset: Dataset, order: Order, plan: Plan, actor: User) -> Job:
    rows = Image.objects.filter(dataset=dataset) if plan.of_images else Face.objects.filter(dataset=dataset)
    upto = rows.aggregate(last=Max("pk"))["last"] or 0
    params = {"order": order.to_json(), "upto": upto, "total": plan.total}
    job = job_create(dataset=dataset, kind=JobKind.BULK, task=TASK, params=params, created_by=actor)
    Job.objects.filter(pk=job.pk).update(
        total=plan.total, message=_sentence(order.action, plan.touched, "to be ")
    )
    audit(
        actor=actor,
        verb=f"bulk.{order.action}",
        target=job,
        dataset_id=dataset.pk,
        count=plan.touched,
        **order.to_json(),
    )
    job.refresh_from_db()
    return job


@dataclass(slots=True)
class _Done:
    """How far an order is: after which id, how many rows were changed, and left alone by code."""

    after: int = 0
    touched: int = 0
    left: Counter[str] = field(default_factory=Counter)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> _Done:
        left = Counter({row["code"]: row["count"] for row in data.get("left", [])})
        return cls(after=data.get("after", 0), touched=data.get("touched", 0), left=left)

    def to_json(self) -> dict[str, Any]:
        return {"after": self.after, "touched": self.touched, "left": left_json(self.left)}

    @property
    def seen(self) -> int:
        return self.touched + self.left.total()


def order_run(*, run: RunningJob) -> dict[str, Any]:
    """The body of a bulk job. Goes on where an earlier attempt stopped. Raises JobCancelled, JobLost, Invalid."""
    order = Order.from_json(run.job.params["order"])
    dataset = Dataset.objects.select_related("policy").get(pk=run.job.dataset_id)
    order_check(dataset=dataset, order=order)
    done = _Done.from_json(run.job.result)
    while _chunk(run=run, dataset=dataset, order=order, done=done):
        run.progress(done.seen, message=_sentence(order.action, done.touched))
    run.progress(done.seen, message=_sentence(order.action, done.touched))
    run.flush()
    return done.to_json()


@transaction.atomic
def _chunk(*, run: RunningJob, dataset: Dataset, order: Order, done: _Done) -> bool:
    """The next rows, in one transaction with the note of having done them; False if there are none."""
    run.fence()
    ids, named = _next(dataset=dataset, order=order, after=done.after, upto=run.job.params["upto"])
    if not ids:
        return False
    _lock(ids=ids, of_images=order.action in OF_IMAGES)
    outcomes: dict[int, str] = dict(named.filter(pk__in=ids).values_list("pk", "outcome"))
    touched = sorted(pk for pk, outcome in outcomes.items() if outcome == TOUCHED)
    if touched:
        STEPS[order.action](dataset, order, touched, run.job.created_by)
    done.left.update(outcome for outcome in outcomes.values() if outcome != TOUCHED)
    done.touched += len(touched)
    done.after = ids[-1]
    run.checkpoint(done.to_json())
    return True


def _next(*, dataset: Dataset, order: Order, after: int, upto: int) -> tuple[list[int], QuerySet[Any]]:
    """Ids of the next rows, and the rows of the order that are among them.

    Of an order that names its faces only the next names go into the queries.
    """
    if order.action not in OF_IMAGES and order.faces is not None and order.faces.ids is not None:
        chosen = sorted(pk for pk in order.faces.ids if after < pk <= upto)[:CHUNK]
        few = replace(order, faces=replace(order.faces, ids=tuple(chosen)))
        return chosen, faces_ordered(dataset=dataset, order=few)
    rows = images_ordered if order.action in OF_IMAGES else faces_ordered
    named = rows(dataset=dataset, order=order)
    within = named.filter(pk__gt=after, pk__lte=upto)
    return list(within.order_by("pk").values_list("pk", flat=True)[:CHUNK]), named


def _lock(*, ids: Sequence[int], of_images: bool) -> None:
    """In the order of every other service: images, faces, then their open items, each by id."""
    if of_images:
        list(Image.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    of = {"image__in": ids} if of_images else {"pk__in": ids}
    faces = Face.objects.select_for_update(no_key=True).filter(**of).order_by("pk")
    locked = list(faces.values_list("pk", flat=True))
    items_lock(gold=None, **({"image__in": ids} if of_images else {"face__in": locked}))


def _reopen(dataset: Dataset, order: Order, ids: list[int], actor: User | None) -> None:
    faces_reopen(dataset=dataset, face_ids=ids, actor=actor, reason=reason_checked(order.reason))


def _prioritise(dataset: Dataset, order: Order, ids: list[int], actor: User | None) -> None:
    level_give(dataset=dataset, level=order.level or Priority.NORMAL, face_ids=ids)


def _assign(dataset: Dataset, order: Order, ids: list[int], actor: User | None) -> None:
    _open_items(ids).update(reserved_for=order.person)


def _release(dataset: Dataset, order: Order, ids: list[int], actor: User | None) -> None:
    _open_items(ids).update(reserved_for=None)


def _deliver(dataset: Dataset, order: Order, ids: list[int], actor: User | None) -> None:
    """Images join a delivery; one that was in a closed delivery leaves that."""
    delivery = Delivery.objects.get(pk=order.delivery or 0)
    DeliveryImage.objects.bulk_create(
        [DeliveryImage(delivery=delivery, image_id=pk) for pk in ids],
        update_conflicts=True,
        unique_fields=["image"],
        update_fields=["delivery"],
    )
    level_give(dataset=dataset, level=delivery_level(delivery), image_ids=ids)


def _relevel(dataset: Dataset, order: Order, ids: list[int], actor: User | None) -> None:
    delivery = Delivery.objects.get(pk=order.delivery or 0)
    level_give(dataset=dataset, level=delivery_level(delivery), image_ids=ids)


def _open_items(face_ids: list[int]) -> Any:
    return WorkItem.objects.filter(face__in=face_ids, state=ItemState.OPEN, gold=None)


Step = Callable[[Dataset, Order, list[int], User | None], None]

STEPS: Final[Mapping[Action, Step]] = {
    Action.REOPEN: _reopen,
    Action.PRIORITISE: _prioritise,
    Action.ASSIGN: _assign,
    Action.RELEASE: _release,
    Action.DELIVER: _deliver,
    Action.RELEVEL: _relevel,
}


def _sentence(action: Action, count: int, before: str = "") -> str:
    noun = "image" if action in OF_IMAGES else "face"
    return f"{count:,} {noun}{'' if count == 1 else 's'} {before}{DONE_WORDS[action]}"
