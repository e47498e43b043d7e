"""What an order for many faces or images would do to each: change it, or leave it alone and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Least, Now
from django.db.models.lookups import LessThanOrEqual

from annotator.datasets.models import Dataset, Membership, Role
from annotator.faces.models import IN_WORK
from annotator.faces.selectors import FaceFilter, faces_matching
from annotator.images.models import Image, ImportEntry, Verdict
from annotator.images.selectors import image_list
from annotator.work.models import Delivery, ItemState, Pass, PassKind, Priority, Skip, WorkItem
from annotator.work.selectors.effort import Effort, pass_times, passes_left
from annotator.work.selectors.eligibility import kinds_for


class Action(StrEnum):
    """reopen, prioritise, assign, release (of an assignment): faces. deliver: images join a delivery. relevel: the
    open work of a delivery's images takes its level."""

    REOPEN = "reopen"
    PRIORITISE = "prioritise"
    ASSIGN = "assign"
    RELEASE = "release"
    DELIVER = "deliver"
    RELEVEL = "relevel"


OF_IMAGES: Final = (Action.DELIVER, Action.RELEVEL)
TOUCHED: Final = "touched"

WORDS: Final = {
    "in_work": "still in work, so there is nothing to reopen",
    "image_verdict": "on images that are rejected or quarantined",
    "too_small": "too small for the policy in force",
    "no_work": "closed or too small: no work is open",
    "same": "like that already",
    "not_assigned": "assigned to nobody",
    "role": "disputed: only adjudicators and admins decide those",
    "worked": "this person already worked on them in this round",
    "passed_over": "this person passed them over",
    "held": "somebody is working on them right now",
    "other_delivery": "in another delivery that is still open",
}
"""Why something is left alone, by code; each goes on from a number: "12 are ...", "12: ..."."""


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Images as their list is filtered; ``batch``: id of an import. ids: only these."""

    ids: tuple[int, ...] | None = None
    batch: int | None = None
    verdict: str | None = None
    state: str | None = None
    split: str | None = None
    q: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ImageFilter:
        given = dict(data)
        if "ids" in given:
            given["ids"] = tuple(given["ids"])
        return cls(**given)


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to do with many faces, or with many images.

    faces: which faces (of an order about images: the images that they are on); images: which images. level:
    for PRIORITISE; person: user id, for ASSIGN; delivery: id, for DELIVER and RELEVEL. reason: kept with the faces.
    """

    action: Action
    faces: FaceFilter | None = None
    images: ImageFilter | None = None
    reason: str = ""
    level: Priority | None = None
    person: int | None = None
    delivery: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "action": str(self.action),
            "faces": None if self.faces is None else self.faces.to_json(),
            "images": None if self.images is None else self.images.to_json(),
            "reason": self.reason,
            "level": None if self.level is None else int(self.level),
            "person": self.person,
            "delivery": self.delivery,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Order:
        return cls(
            action=Action(data["action"]),
            faces=None if data["faces"] is None else FaceFilter.from_json(data["faces"]),
            images=None if data["images"] is None else ImageFilter.from_json(data["images"]),
            reason=data["reason"],
            level=None if data["level"] is None else Priority(data["level"]),
            person=data["person"],
            delivery=data["delivery"],
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What an order would do now. touched, left: how many (of images where ``of_images``); left by code of WORDS."""

    of_images: bool
    touched: int
    left: Mapping[str, int]
    effort: Effort

    @property
    def total(self) -> int:
        return self.touched + sum(self.left.values())

    def to_json(self) -> dict[str, Any]:
        return {
            "of": "images" if self.of_images else "faces",
            "touched": self.touched,
            "left": left_json(self.left),
            **self.effort.to_json(),
        }


def left_json(left: Mapping[str, int]) -> list[dict[str, Any]]:
    """Counts with their words, the most frequent first."""
    return [{"code": code, "text": WORDS[code], "count": n} for code, n in Counter(left).most_common() if n]


def faces_ordered(*, dataset: Dataset, order: Order) -> QuerySet[Any]:
    """The faces that an order names, each with its ``outcome`` (TOUCHED or a code of WORDS) and ``open_item``."""
    chosen = faces_matching(dataset=dataset, wanted=order.faces or FaceFilter())
    # At most one: a constraint of the database, and gold items are nobody's work on the face.
    open_item = FilteredRelation(
        "work_items", condition=Q(work_items__state=ItemState.OPEN, work_items__gold__isnull=True)
    )
    return chosen.annotate(open_item=open_item).annotate(outcome=_outcome(dataset=dataset, order=order))


def images_ordered(*, dataset: Dataset, order: Order) -> QuerySet[Any]:
    """The images that an order names, each with its ``outcome``."""
    if order.action == Action.RELEVEL:
        of_delivery = Image.objects.filter(dataset=dataset, delivery__delivery=order.delivery)
        return of_delivery.annotate(outcome=Value(TOUCHED, output_field=CharField()))
    if order.faces is not None:
        faces = faces_matching(dataset=dataset, wanted=order.faces).filter(image=OuterRef("pk"))
        images = Image.objects.filter(Exists(faces), dataset=dataset)
    else:
        wanted = order.images or ImageFilter()
        images = image_list(
            dataset=dataset, verdict=wanted.verdict, state=wanted.state, q=wanted.q, split=wanted.split
        )
        if wanted.batch is not None:
            images = images.filter(
                Exists(ImportEntry.objects.filter(image=OuterRef("pk"), batch=wanted.batch))
            )
        if wanted.ids is not None:
            images = images.filter(pk__in=wanted.ids)
    elsewhere = Q(delivery__isnull=False, delivery__delivery__closed_at__isnull=True)
    return images.annotate(
        outcome=_first_of(
            (~Q(verdict=Verdict.NONE), "image_verdict"),
            (Q(delivery__delivery=order.delivery), "same"),
            (elsewhere, "other_delivery"),
        )
    )


def order_plan(*, dataset: Dataset, order: Order) -> Plan:
    """How much an order would change now, what it would leave alone, and the hours of work behind it."""
    checks = dataset.policy.policy.checks if dataset.policy else 0
    of_images = order.action in OF_IMAGES
    if of_images:
        images = images_ordered(dataset=dataset, order=order)
        counts = Counter(dict(images.order_by().values_list("outcome").annotate(n=Count("pk"))))
        touched = images.filter(outcome=TOUCHED).values("pk")
        items = WorkItem.objects.filter(image__in=touched, state=ItemState.OPEN, gold=None)
        rows = list(items.order_by().values_list("kind", "pass_number").annotate(n=Count("pk")))
    else:
        counts, rows = Counter(), []
        faces = faces_ordered(dataset=dataset, order=order).order_by()
        for outcome, kind, number, n in faces.values_list(
            "outcome", "open_item__kind", "open_item__pass_number"
        ).annotate(n=Count("pk")):
            counts[outcome] += n
            if outcome == TOUCHED and kind is not None:
                rows.append((kind, number, n))
    touched_now = counts.pop(TOUCHED, 0)
    kinds = [(PassKind(kind), number, n) for kind, number, n in rows]
    if order.action == Action.REOPEN:
        kinds = [(PassKind.ANNOTATE, 0, touched_now)]
    if order.action == Action.ASSIGN:
        passes: dict[PassKind, int] = dict.fromkeys(PassKind, 0)
        for kind, _, n in kinds:
            passes[kind] += n
    else:
        passes = passes_left(kinds, checks=checks)
    effort = Effort(passes=passes, times=pass_times(dataset=dataset))
    return Plan(of_images=of_images, touched=touched_now, left=counts, effort=effort)


def _outcome(*, dataset: Dataset, order: Order) -> Case:
    match order.action:
        case Action.REOPEN:
            least = dataset.policy.policy.min_side_px if dataset.policy else 0.0
            side = Least(F("current__x2") - F("current__x1"), F("current__y2") - F("current__y1"))
            return _first_of(
                (Q(state__in=IN_WORK), "in_work"),
                (~Q(image__verdict=Verdict.NONE), "image_verdict"),
                (LessThanOrEqual(side, least), "too_small"),
            )
        case Action.PRIORITISE:
            return _first_of(
                (Q(open_item__isnull=True), "no_work"),
                (Q(chosen_level=order.level or Priority.NORMAL), "same"),
            )
        case Action.ASSIGN:
            return _assign_outcome(dataset=dataset, person=order.person or 0)
        case Action.RELEASE:
            return _first_of(
                (Q(open_item__isnull=True), "no_work"),
                (Q(open_item__reserved_for__isnull=True), "not_assigned"),
            )
    raise ValueError(f"An order to {order.action} is about images, not faces.")


def _assign_outcome(*, dataset: Dataset, person: int) -> Case:
    worked = Pass.objects.filter(
        face=OuterRef("pk"), round=OuterRef("round"), user=person, counted=True, is_gold=False
    )
    passed_over = Skip.objects.filter(item__face=OuterRef("pk"), item__state=ItemState.OPEN, user=person)
    held = Q(open_item__leased_until__gt=Now()) & ~Q(open_item__leased_to=person)
    return _first_of(
        (Q(open_item__isnull=True), "no_work"),
        (Q(open_item__reserved_for=person), "same"),
        (~Q(open_item__kind__in=kinds_of(dataset=dataset, person=person)), "role"),
        (Exists(worked), "worked"),
        (Exists(passed_over), "passed_over"),
        (held, "held"),
    )


def kinds_of(*, dataset: Dataset, person: int) -> tuple[PassKind, ...]:
    """The kinds of work that a member's role may do; none for somebody who may not label here now."""
    member = Membership.objects.filter(
        dataset=dataset, user=person, is_active=True, user__is_active=True, paused_at=None
    ).first()
    if member is None or Role(member.role) not in (Role.ADMIN, Role.ADJUDICATOR, Role.ANNOTATOR):
        return ()
    return kinds_for(Role(member.role))


def delivery_level(delivery: Delivery) -> Priority:
    """The level of the open work of its images: a closed delivery asks for none."""
    return Priority.NORMAL if delivery.closed_at is not None else Priority(delivery.priority)


def _first_of(*cases: tuple[Any, str]) -> Case:
    """The code of the first condition that holds, TOUCHED if none does."""
    return Case(
        *(When(condition, then=Value(code)) for condition, code in cases),
        default=Value(TOUCHED),
        output_field=CharField(),
    )
