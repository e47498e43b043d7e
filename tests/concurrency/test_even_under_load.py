"""The even distribution with everybody at once: counts stay together, nobody waits in a circle."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.common.errors import Problem
from annotator.datasets.models import Dataset, Membership, Role
from annotator.faces.models import Face, FaceState
from annotator.work.models import EvenCount, ItemState, Pass, PassKind, WorkItem
from annotator.work.selectors.even import EVEN_BATCH, IDLE_MINUTES
from annotator.work.services.claiming import items_claim
from annotator.work.services.people import member_update
from annotator.work.services.submitting import FaceSubmission, face_submit
from annotator.work.services.taking_back import pass_take_back
from tests.cast import FaceFactory, ImageFactory, face_labels, make_dataset, make_member
from tests.concurrency.conftest import at_once

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 6
FACES = 150
PATIENCE_SECONDS = 60.0
ANNOTATE = [PassKind.ANNOTATE]


@pytest.fixture
def dataset(transactional_db: None) -> Dataset:
    return make_dataset("Even", distribution="even", checks=1)


@pytest.fixture
def people(dataset: Dataset) -> list[User]:
    return [make_member(dataset, f"person{n}", Role.ANNOTATOR) for n in range(PEOPLE)]


def make_faces(dataset: Dataset, images: ImageFactory, faces: FaceFactory, count: int) -> list[Face]:
    image = images(dataset)
    return [faces(image) for _ in range(count)]


def claim(dataset: Dataset, user: User, count: int = 1, **more: Any) -> list[int]:
    return items_claim(dataset=dataset, user=user, role=Role.ANNOTATOR, count=count, **more)


def save(pk: int, user: User) -> dict[str, Any] | None:
    item = WorkItem.objects.select_related("face__current").get(pk=pk)
    if item.leased_to_id != user.pk or item.lease_token is None:
        return None
    assert item.face is not None
    assert item.face.current is not None
    sent = FaceSubmission(
        submission_id=uuid.uuid4(),
        token=item.lease_token,
        base_revision=item.face.current.pk,
        verdict="save",
        labels=face_labels(),
    )
    return face_submit(item=item, user=user, role=Role.ANNOTATOR, submission=sent)


def not_too_far_ahead(dataset: Dataset, user: User) -> None:
    """Others' levels only grow, so what held when the items were handed out holds a moment later."""
    rows = dict(
        EvenCount.objects.filter(dataset=dataset, kind=PassKind.ANNOTATE).values_list("user_id", "level")
    )
    held = WorkItem.objects.filter(leased_to=user, kind=PassKind.ANNOTATE).count()
    assert rows[user.pk] + held <= min(rows.values()) + EVEN_BATCH


def test_it_keeps_everybodys_counts_together_at_any_speed(
    dataset: Dataset, people: list[User], image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    make_faces(dataset, image_factory, face_factory, FACES)
    for person in people:
        claim(dataset, person, kinds=ANNOTATE)

    def work(user: User, turns: int) -> None:
        chance = random.Random(user.pk)
        for _ in range(turns):
            ids = claim(dataset, user, chance.randint(1, 8), kinds=ANNOTATE)
            not_too_far_ahead(dataset, user)
            for pk in ids[: chance.randint(0, len(ids))]:
                save(pk, user)

    results = at_once([partial(work, person, 4 + 2 * n) for n, person in enumerate(people)])
    assert [result for result in results if isinstance(result, Exception)] == []
    made = [Pass.objects.filter(user=person, counted=True).count() for person in people]
    assert max(made) - min(made) <= EVEN_BATCH + 1
    assert WorkItem.objects.filter(kind=PassKind.ANNOTATE, state=ItemState.OPEN).count() > EVEN_BATCH


def test_it_hands_a_person_with_many_tabs_no_more_than_a_batch(
    dataset: Dataset, people: list[User], image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    make_faces(dataset, image_factory, face_factory, 40)
    results = at_once([partial(claim, dataset, people[0], 5)] * 6)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert WorkItem.objects.filter(leased_to=people[0]).count() == EVEN_BATCH


def test_it_waits_for_a_crashed_person_only_until_they_count_as_idle(
    dataset: Dataset, people: list[User], image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    make_faces(dataset, image_factory, face_factory, 60)
    crashed, *others = people[:3]
    assert len(claim(dataset, crashed, 5, kinds=ANNOTATE)) == EVEN_BATCH

    def work(user: User) -> int:
        made = 0
        while ids := claim(dataset, user, 2, kinds=ANNOTATE):
            made += sum(save(pk, user) is not None for pk in ids)
        return made

    assert at_once([partial(work, person) for person in others]) == [EVEN_BATCH, EVEN_BATCH]
    EvenCount.objects.filter(user=crashed).update(
        seen_at=timezone.now() - timedelta(minutes=IDLE_MINUTES, seconds=1)
    )
    WorkItem.objects.filter(leased_to=crashed).update(leased_until=timezone.now() - timedelta(seconds=1))

    def work_to_the_end(user: User) -> int:
        """Whoever is a batch ahead gets nothing until the other one has caught up, and asks again."""
        made, deadline = 0, time.monotonic() + PATIENCE_SECONDS
        while WorkItem.objects.filter(kind=PassKind.ANNOTATE, state=ItemState.OPEN).exists():
            assert time.monotonic() < deadline, "Nobody was handed the rest."
            made += work(user)
        return made

    made = at_once([partial(work_to_the_end, person) for person in others])
    assert sum(made) == 50  # type: ignore[arg-type]  # an error among them would fail here, as it should


def test_it_comes_to_the_end_while_people_come_and_go_and_take_things_back(
    dataset: Dataset,
    admin: User,
    people: list[User],
    image_factory: ImageFactory,
    face_factory: FaceFactory,
) -> None:
    made = make_faces(dataset, image_factory, face_factory, 24)
    deadline = time.monotonic() + 100

    def is_open() -> bool:
        assert time.monotonic() < deadline, "the team is stuck"
        return WorkItem.objects.filter(state=ItemState.OPEN).exists()

    def work(user: User) -> None:
        chance = random.Random(user.pk)
        while is_open():
            for pk in claim(dataset, user, chance.randint(1, 4)):
                try:
                    save(pk, user)
                    if chance.random() < 0.2:
                        pass_take_back(item=WorkItem.objects.get(pk=pk), user=user)
                except Problem:
                    continue  # somebody was quicker, or the person was sent home meanwhile

    def come_and_go() -> None:
        member = Membership.objects.select_related("user", "dataset").get(user=people[0])
        for n in range(10):
            member_update(membership=member, is_active=n % 2 == 1, actor=admin)

    calls: list[Callable[[], Any]] = [*(partial(work, person) for person in people), come_and_go]
    assert [result for result in at_once(calls) if isinstance(result, Exception)] == []
    for face in Face.objects.filter(pk__in=[one.pk for one in made]):
        assert face.state == FaceState.ACCEPTED
        counted = face.passes.filter(counted=True)
        assert counted.count() == 2
        assert len(set(counted.values_list("user", flat=True))) == 2
