"""The even distribution, whatever people do in whatever order (events drawn by hypothesis)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.accounts.models import User
from annotator.common.errors import Problem
from annotator.datasets.models import Dataset, Membership, Role
from annotator.faces.models import Face
from annotator.work.models import EvenCount, ItemState, Pass, PassKind, WorkItem
from annotator.work.selectors import even as selectors
from annotator.work.selectors.blocked import blocked_list
from annotator.work.selectors.even import IDLE_MINUTES
from annotator.work.services import even as services
from annotator.work.services.claiming import items_claim
from annotator.work.services.leases import item_skip, lease_release, leases_return
from annotator.work.services.submitting import FaceSubmission, face_submit
from annotator.work.services.taking_back import pass_take_back
from tests.cast import FaceFactory, ImageFactory, face_labels, make_dataset, make_member
from tests.work.brute_force import Queue

pytestmark = pytest.mark.django_db

PEOPLE = 4
FACES = 8
WORK = ("claim", "claim", "save", "save", "save", "differ", "burst")
TROUBLE = ("release", "skip", "lapse", "take_back", "crash")
COMING_AND_GOING = ("rest", "leave", "come", "pause", "join")


def events(*names: str, size: int) -> Any:
    return st.lists(
        st.tuples(st.sampled_from(names), st.integers(0, PEOPLE - 1), st.integers(1, 8)),
        min_size=size // 2,
        max_size=size,
    )


class Team:
    """People of one dataset, the first of whom adjudicates, and what they hold by the token they were given."""

    def __init__(self, dataset: Dataset, faces: list[Face]) -> None:
        self.dataset = dataset
        self.faces = faces
        self.people: list[User] = []
        for n in range(PEOPLE):
            self.join(n, 0)

    def join(self, who: int, number: int) -> None:
        role = Role.ANNOTATOR if self.people else Role.ADJUDICATOR
        self.people.append(make_member(self.dataset, f"{self.dataset.slug}-{len(self.people)}", role))

    def role(self, who: int) -> Role:
        return Role.ANNOTATOR if who else Role.ADJUDICATOR

    def do(self, what: str, who: int, number: int) -> None:
        """One event; a refusal is fine, an error that nobody meant is not."""
        try:
            with transaction.atomic():
                getattr(self, what)(who, number)
        except Problem:
            pass

    def held(self, who: int) -> list[WorkItem]:
        return list(
            WorkItem.objects.filter(
                dataset=self.dataset, leased_to=self.people[who], state=ItemState.OPEN
            ).select_related("face__current")
        )

    # ---- what people do

    def claim(self, who: int, number: int, kinds: list[PassKind] | None = None) -> list[int]:
        """Claim, and see that what was handed out was this person's to take and left nobody behind."""
        user, before = self.people[who], Queue(self.dataset)
        had = {item.pk for item in before.items if item.leased_to_id == user.pk}
        ids = items_claim(
            dataset=self.dataset, user=user, role=self.role(who), count=number, have=sorted(had), kinds=kinds
        )
        for item in before.items:
            if item.pk in ids:
                assert before.is_free(item)
                assert before.may_take(user, item)
        for passing in {(i.kind, i.pass_number) for i in before.items if i.pk in ids}:
            self.nobody_is_left_behind(user, passing, before)
        return ids

    def nobody_is_left_behind(self, user: User, passing: tuple[str, int], before: Queue) -> None:
        kind, number = passing
        rows = {
            row.user_id: row
            for row in EvenCount.objects.filter(dataset=self.dataset, kind=kind, pass_number=number)
        }
        held = WorkItem.objects.filter(
            dataset=self.dataset, leased_to=user, state=ItemState.OPEN, kind=kind, pass_number=number
        ).count()
        since = before.now - timedelta(minutes=IDLE_MINUTES)
        for other in self.people:
            row = rows.get(other.pk)
            if other != user and row and row.seen_at > since and passing in before.free_passes(other):
                assert rows[user.pk].level + held <= row.level + selectors.EVEN_BATCH

    def save(self, who: int, number: int, **labels: Any) -> None:
        held = self.held(who)
        if held:
            self.submit(held[number % len(held)], who, **labels)

    def differ(self, who: int, number: int) -> None:
        self.save(who, number, gender="male")

    def submit(self, item: WorkItem, who: int, **labels: Any) -> None:
        assert item.face is not None
        assert item.face.current is not None
        assert item.lease_token is not None
        sent = FaceSubmission(
            submission_id=uuid.uuid4(),
            token=item.lease_token,
            base_revision=item.face.current.pk,
            verdict="save",
            labels=face_labels(age=20.0 + who, **labels),
        )
        face_submit(item=item, user=self.people[who], role=self.role(who), submission=sent)

    def burst(self, who: int, number: int) -> None:
        """Somebody fast: as many as they are given."""
        for _ in range(number):
            self.claim(who, 1)
            for item in self.held(who):
                self.submit(item, who)

    # ---- what goes wrong

    def release(self, who: int, number: int) -> None:
        for item in self.held(who)[:number]:
            assert item.lease_token is not None
            lease_release(item=item, user=self.people[who], token=item.lease_token)

    def skip(self, who: int, number: int) -> None:
        held = self.held(who)
        if number == 1 and held and held[0].lease_token is not None:
            item_skip(item=held[0], user=self.people[who], token=held[0].lease_token, reason="unsure")

    def lapse(self, who: int, number: int) -> None:
        WorkItem.objects.filter(dataset=self.dataset, leased_to=self.people[who]).update(
            leased_until=timezone.now() - timedelta(minutes=1)
        )

    def crash(self, who: int, number: int) -> None:
        """The computer goes off with everything that it held."""
        self.lapse(who, number)
        self.rest(who, number)

    def take_back(self, who: int, number: int) -> None:
        made = Pass.objects.filter(dataset=self.dataset, user=self.people[who]).last()
        if made is not None:
            pass_take_back(item=made.item, user=self.people[who])

    # ---- coming and going

    def rest(self, who: int, number: int) -> None:
        EvenCount.objects.filter(dataset=self.dataset, user=self.people[who]).update(
            seen_at=timezone.now() - timedelta(minutes=IDLE_MINUTES, seconds=1)
        )

    def leave(self, who: int, number: int) -> None:
        Membership.objects.filter(dataset=self.dataset, user=self.people[who]).update(is_active=False)
        leases_return(user=self.people[who], dataset=self.dataset)

    def pause(self, who: int, number: int) -> None:
        Membership.objects.filter(dataset=self.dataset, user=self.people[who]).update(
            paused_at=timezone.now(), pause_reason="look at the examples"
        )

    def come(self, who: int, number: int) -> None:
        Membership.objects.filter(dataset=self.dataset, user=self.people[who]).update(
            is_active=True, paused_at=None
        )

    # ---- what must hold

    def every_item_is_somebodys_or_listed(self) -> None:
        listed = {one.item_id for one in blocked_list(dataset=self.dataset)}
        assert listed == Queue(self.dataset).nobodys(self.people)

    def finish(self) -> None:
        """Everybody works on until nobody is given anything, without a minute passing: nobody waits in vain."""
        for who in range(len(self.people)):
            self.come(who, 0)
        progress = True
        while progress:
            progress = False
            for who in range(len(self.people)):
                self.claim(who, 3)
                for item in self.held(who):
                    self.submit(item, who)
                    progress = True
        queue = Queue(self.dataset)
        assert not any(queue.free_passes(user) for user in self.people)
        self.every_item_is_somebodys_or_listed()


QUICK = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


BATCHES = st.sampled_from([1, 2, selectors.EVEN_BATCH])
"""Small ones too, so that few faces are enough for somebody to be held up."""


@contextmanager
def as_if_in_the_office(batch: int) -> Iterator[None]:
    """Everything that happens inside is undone at the end; a lease batch of this size is in force."""
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        for module in (selectors, services):
            patch.setattr(module, "EVEN_BATCH", batch)
        yield
        transaction.set_rollback(True)


def team_of(image_factory: ImageFactory, face_factory: FaceFactory, faces: int, **policy: Any) -> Team:
    dataset = make_dataset(f"Team {uuid.uuid4().hex[:8]}", distribution="even", **policy)
    image = image_factory(dataset, size=(400, 400))
    return Team(dataset, [face_factory(image) for _ in range(faces)])


@settings(QUICK, max_examples=15)
@given(happening=events(*WORK, *TROUBLE, *COMING_AND_GOING, size=30), checks=st.integers(0, 2), batch=BATCHES)
def test_it_leaves_nobody_behind_and_nobody_waiting(
    db: None, image_factory: ImageFactory, face_factory: FaceFactory, happening: Any, checks: int, batch: int
) -> None:
    with as_if_in_the_office(batch):
        team = team_of(image_factory, face_factory, FACES, checks=checks)
        for what, who, number in happening:
            team.do(what, who, number)
        team.every_item_is_somebodys_or_listed()
        team.finish()


@settings(QUICK, max_examples=15)
@given(happening=events(*WORK, "release", "lapse", "take_back", size=40), batch=BATCHES)
def test_it_keeps_real_counts_within_a_batch_and_one_while_everybody_has_work(
    db: None, image_factory: ImageFactory, face_factory: FaceFactory, happening: Any, batch: int
) -> None:
    """The same people from the start: the numbers of first labels that they made, counted from the passes."""
    first_labels = (PassKind.ANNOTATE.value, 0)
    with as_if_in_the_office(batch):
        team = team_of(image_factory, face_factory, 24, checks=1)
        for who in range(PEOPLE):
            team.claim(who, 1, [PassKind.ANNOTATE])
        for what, who, number in happening:
            team.do(what, who, number)
            queue = Queue(team.dataset)
            if not all(first_labels in queue.free_passes(user) for user in team.people):
                break
            made = [
                Pass.objects.filter(user=user, kind=PassKind.ANNOTATE, counted=True).count()
                for user in team.people
            ]
            assert max(made) - min(made) <= batch + 1
