"""Whatever people do in whatever order, the rules of the queue hold (a state machine drawn by hypothesis)."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.common.errors import Problem
from annotator.datasets.models import Dataset, Role
from annotator.faces.models import Face, FaceState, RevisionKind
from annotator.faces.services import CLOSED
from annotator.work.models import ItemState, Pass, PassKind, WorkItem
from annotator.work.selectors.blocked import blocked_list
from annotator.work.services.claiming import items_claim
from annotator.work.services.leases import item_skip, lease_release
from annotator.work.services.reopening import face_reopen
from annotator.work.services.submitting import FaceSubmission, face_submit
from annotator.work.services.taking_back import pass_take_back
from tests.cast import FaceFactory, ImageFactory, face_labels, make_dataset, make_member
from tests.work.brute_force import Queue

pytestmark = pytest.mark.django_db

COMMON = ("save", "save", "save", "accept", "accept", "claim")
RARE = ("other", "dispute", "lapse", "release", "skip", "repeat", "reopen", "take_back")
EVENTS = st.lists(
    st.tuples(st.sampled_from(COMMON * 3 + RARE), st.integers(0, 4), st.integers(0, 9)),
    min_size=30,
    max_size=70,
)


class Office:
    """Five people (the last one adjudicates), two faces, and everything that was ever handed out."""

    def __init__(self, dataset: Dataset, faces: list[Face]) -> None:
        self.dataset = dataset
        self.people = [
            make_member(dataset, f"{dataset.slug}-{n}", Role.ADJUDICATOR if n == 4 else Role.ANNOTATOR)
            for n in range(5)
        ]
        self.faces = faces
        self.handed: list[list[WorkItem]] = [[] for _ in self.people]
        self.sent: list[tuple[int, WorkItem, FaceSubmission, dict[str, Any]]] = []

    def role(self, who: int) -> Role:
        return Role.ADJUDICATOR if who == 4 else Role.ANNOTATOR

    def do(self, what: str, who: int, which: int) -> None:
        """One event; a refusal is fine, an error that nobody meant is not."""
        try:
            with transaction.atomic():
                getattr(self, what)(who, which)
        except Problem:
            pass

    def claim(self, who: int, which: int) -> None:
        ids = items_claim(
            dataset=self.dataset, user=self.people[who], role=self.role(who), count=1 + which % 2
        )
        self.handed[who] += WorkItem.objects.filter(pk__in=ids).select_related("face__current")

    def _one_of(self, who: int, which: int) -> WorkItem | None:
        items = self.handed[who]
        return items[which % len(items)] if items else None

    def _submit(self, who: int, which: int, verdict: Any, **labels: Any) -> None:
        """Mostly on a newly claimed item; now and then, on any that this person ever got."""
        if which < 7:
            self.claim(who, 0)
            which = -1
        item = self._one_of(who, which)
        if item is None or item.face is None or item.face.current is None or item.lease_token is None:
            return
        sent = FaceSubmission(
            submission_id=uuid.uuid4(),
            token=item.lease_token,
            base_revision=item.face.current.pk,
            verdict=verdict,
            labels=face_labels(age=20.0 + 10 * who, **labels),
            comment="why",
        )
        answer = face_submit(item=item, user=self.people[who], role=self.role(who), submission=sent)
        self.sent.append((who, item, sent, answer))

    def save(self, who: int, which: int) -> None:
        self._submit(who, which, "save")

    def accept(self, who: int, which: int) -> None:
        self._submit(who, which, "accept")

    def other(self, who: int, which: int) -> None:
        self._submit(who, which, "save", gender="male")

    def dispute(self, who: int, which: int) -> None:
        self._submit(who, which, "dispute")

    def lapse(self, who: int, which: int) -> None:
        WorkItem.objects.filter(leased_to=self.people[who]).update(
            leased_until=timezone.now() - timedelta(minutes=1)
        )

    def release(self, who: int, which: int) -> None:
        if (item := self._one_of(who, which)) and item.lease_token:
            lease_release(item=item, user=self.people[who], token=item.lease_token)

    def skip(self, who: int, which: int) -> None:
        if which == 0 and (item := self._one_of(who, which)) and item.lease_token:
            item_skip(item=item, user=self.people[who], token=item.lease_token, reason="unsure")

    def repeat(self, who: int, which: int) -> None:
        if self.sent:
            sender, item, sent, answer = self.sent[which % len(self.sent)]
            again = face_submit(item=item, user=self.people[sender], role=self.role(sender), submission=sent)
            assert again == answer

    def reopen(self, who: int, which: int) -> None:
        face_reopen(face=self.faces[which % 2], actor=self.people[4], reason="again")

    def take_back(self, who: int, which: int) -> None:
        """Mostly the last submit; now and then one before it, which is refused."""
        mine = [item for sender, item, *_ in self.sent if sender == who]
        if mine:
            pass_take_back(item=mine[-1 - (which == 9) * (len(mine) > 1)], user=self.people[who])

    def every_item_is_somebodys_or_listed(self) -> None:
        listed = {one.item_id for one in blocked_list(dataset=self.dataset)}
        assert listed == Queue(self.dataset).nobodys(self.people)

    def check(self) -> None:
        """What must hold after each event."""
        assert Pass.objects.filter(dataset=self.dataset).count() == len(self.sent)
        for face in Face.objects.filter(dataset=self.dataset).select_related("current"):
            opened = list(WorkItem.objects.filter(face=face, state=ItemState.OPEN))
            assert len(opened) == (0 if face.state in CLOSED else 1)
            assert face.current is not None
            assert face.current.kind != RevisionKind.SIDE
            counted = Pass.objects.filter(face=face, round=face.round, counted=True)
            kinds = Counter(counted.values_list("kind", flat=True))
            assert max(Counter(counted.values_list("user_id", flat=True)).values(), default=0) <= 1
            assert kinds[PassKind.ANNOTATE] == int(face.state != FaceState.WAITING)
            if opened and opened[0].kind == PassKind.CHECK:
                assert opened[0].pass_number == kinds[PassKind.CHECK] + 1
                assert face.state == FaceState.CHECKING
            if face.state == FaceState.ACCEPTED:
                assert kinds[PassKind.CHECK] == 2 or kinds[PassKind.ADJUDICATE] == 1
                assert face.age_n == sum(kinds.values())
            if face.state == FaceState.DISPUTED:
                assert opened[0].kind == PassKind.ADJUDICATE


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=EVENTS)
def test_it_keeps_every_rule_whatever_people_do(
    db: None, image_factory: ImageFactory, face_factory: FaceFactory, events: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic():
        dataset = make_dataset(f"Office {uuid.uuid4().hex[:8]}")
        image = image_factory(dataset)
        office = Office(dataset, [face_factory(image) for _ in range(2)])
        for number, (what, who, which) in enumerate(events):
            office.do(what, who, which)
            office.check()
            if number % 5 == 0:
                office.every_item_is_somebodys_or_listed()
        transaction.set_rollback(True)
