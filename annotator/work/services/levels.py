"""Where a face that waits for its first labels stands in the order "learning"."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from annotator.faces.models import Face
from annotator.images.models import Split
from annotator.work.models import LEARN_LEVELS, LearningOrder, Priority, Slice
from annotator.work.selectors.gaps import groups_of_prelabel

HASH_RANGE: Final = 2**64


@dataclass(frozen=True, slots=True)
class Order:
    """The order "learning" of a dataset as it is in force.

    limits: uncertainties from which on a face is LEARN_SOME and LEARN_MUCH. gaps: groups with too few accepted
    faces (``selectors.gaps``). random_share: part of the faces that goes into the random slice.
    """

    limits: tuple[float, float]
    gaps: frozenset[str]
    random_share: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """What decides where a waiting face stands. groups: those its pre-label puts it into."""

    face_id: int
    round: int
    is_doubted: bool
    is_test: bool
    has_prelabel: bool
    uncertainty: float | None
    groups: frozenset[str]


def order_in_force(*, dataset_id: int) -> Order | None:
    """The dataset's order "learning"; None if its order is the one of arrival, or is not computed yet. One query."""
    made = (
        LearningOrder.objects.filter(
            dataset_id=dataset_id, dataset__policy__data__order="learning", looked_at__isnull=False
        )
        .select_related("dataset__policy")
        .first()
    )
    if made is None or made.dataset.policy is None:
        return None
    return order_of(made, random_share=made.dataset.policy.policy.random_share)


def order_of(made: LearningOrder, *, random_share: float) -> Order:
    low, high = made.limits
    return Order(limits=(low, high), gaps=frozenset(made.gaps), random_share=random_share)


def waiting_of(face: Face) -> Waiting:
    """The face with its ``image`` and ``prelabel`` loaded."""
    return Waiting(
        face_id=face.pk,
        round=face.round,
        is_doubted=bool(face.needs_person),
        is_test=face.image.split == Split.TEST,
        has_prelabel=face.prelabel_id is not None,
        uncertainty=face.uncertainty,
        groups=groups_of_prelabel(face.prelabel),
    )


def slice_draw(*, face_id: int, random_share: float) -> Slice:
    """Random or ordered, from a hash of the face's number: anybody can compute it again."""
    digest = hashlib.sha256(f"slice of face {face_id}".encode()).digest()
    drawn = int.from_bytes(digest[:8], "big") / HASH_RANGE
    return Slice.RANDOM if drawn < random_share else Slice.ORDERED


def level_of(face: Waiting, *, order: Order, part: Slice) -> Priority:
    """How early the face is offered.

    The random slice knows nothing about the face, and neither do the faces of test images, which all get the same
    level: what is accepted of them at any moment stays a fair sample. Of the others first come those that machines
    doubt (J03), then those that a person asked for again or that no model saw, then by uncertainty; a group with
    too few accepted faces lifts by one level.
    """
    if part == Slice.RANDOM:
        return Priority.RANDOM
    if face.is_test:
        return Priority.LEARN_SOME
    if face.is_doubted:
        return Priority.DOUBTFUL
    if face.round > 1 or not face.has_prelabel:
        return Priority.LEARN_MOST
    step = 1 if face.uncertainty is None else sum(face.uncertainty >= limit for limit in order.limits)
    return LEARN_LEVELS[step + bool(face.groups & order.gaps)]


def place_of(face: Waiting, *, order: Order, part: Slice = Slice.NONE) -> tuple[Slice, Priority]:
    """The slice, drawn unless the item has one already, and the level."""
    drawn = part or slice_draw(face_id=face.face_id, random_share=order.random_share)
    return Slice(drawn), level_of(face, order=order, part=Slice(drawn))
