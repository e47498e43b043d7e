"""Many people at once: no item held twice, no pass lost, nothing waits in a circle."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.common.errors import Conflict
from annotator.datasets.models import Dataset, Membership, Role
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.work.models import ItemState, Pass, PassKind, WorkItem
from annotator.work.services.claiming import items_claim
from annotator.work.services.drafts import draft_keep
from annotator.work.services.leases import leases_renew
from annotator.work.services.people import member_update
from annotator.work.services.submitting import FaceSubmission, face_submit
from annotator.work.services.sweeping import SweepSubmission, sweep_submit
from jfa_pipeline.core.boxes import Box
from tests.cast import FaceFactory, ImageFactory, face_labels, make_member
from tests.concurrency.conftest import at_once

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 8


@pytest.fixture
def people(dataset: Dataset) -> list[User]:
    return [make_member(dataset, f"person{n}", Role.ANNOTATOR) for n in range(PEOPLE)]


@pytest.fixture
def faces(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> list[Face]:
    image = image_factory(dataset)
    return [face_factory(image) for _ in range(24)]


def claim(dataset: Dataset, user: User, count: int = 1, **more: Any) -> list[int]:
    return items_claim(dataset=dataset, user=user, role=Role.ANNOTATOR, count=count, **more)


def submission(item: WorkItem, *, verdict: Any = "save", age: float = 30.0) -> FaceSubmission:
    assert item.face is not None
    assert item.face.current is not None
    assert item.lease_token is not None
    labels = face_labels(age=age)
    return FaceSubmission(
        submission_id=uuid.uuid4(),
        token=item.lease_token,
        base_revision=item.face.current.pk,
        verdict=verdict,
        labels=labels,
    )


def held(pk: int) -> WorkItem:
    return WorkItem.objects.select_related("face__current").get(pk=pk)


def submit(item: WorkItem, user: User, sent: FaceSubmission) -> dict[str, Any]:
    return face_submit(item=item, user=user, role=Role.ANNOTATOR, submission=sent)


def test_it_never_hands_one_item_to_two_people_who_claim_at_once(
    dataset: Dataset, people: list[User], faces: list[Face]
) -> None:
    claims = at_once([partial(claim, dataset, person, 5) for person in people])
    ids = [pk for got in claims for pk in got]  # type: ignore[union-attr]  # an error would fail here, as it should
    assert len(ids) == len(set(ids))
    assert len(ids) == len(faces)
    for person, got in zip(people, claims, strict=True):
        assert isinstance(got, list)
        assert set(WorkItem.objects.filter(leased_to=person).values_list("pk", flat=True)) == set(got)


def test_it_hands_out_a_lapsed_item_once(dataset: Dataset, people: list[User], faces: list[Face]) -> None:
    held_by_first = claim(dataset, people[0], 20)
    WorkItem.objects.filter(pk__in=held_by_first).update(leased_until=timezone.now() - timedelta(minutes=1))
    claims = at_once([partial(claim, dataset, person, 10) for person in people[1:]])
    counts = Counter(pk for got in claims for pk in got)  # type: ignore[union-attr]  # an error would fail here
    assert set(counts.values()) == {1}
    assert len(counts) == len(faces)


def test_it_stores_a_save_once_that_arrives_eight_times_at_once(
    dataset: Dataset, people: list[User], faces: list[Face]
) -> None:
    (pk,) = claim(dataset, people[0])
    item = held(pk)
    sent = submission(item)
    answers = at_once([partial(submit, item, people[0], sent)] * 8)
    assert all(answer == answers[0] for answer in answers)
    assert isinstance(answers[0], dict)
    assert answers[0]["kept_as"] == "counted"
    assert Pass.objects.count() == 1
    assert Revision.objects.filter(kind=RevisionKind.ANNOTATE).count() == 1


def test_it_counts_one_of_two_different_saves_of_the_same_item(
    dataset: Dataset, people: list[User], faces: list[Face]
) -> None:
    (pk,) = claim(dataset, people[0])
    item = held(pk)
    answers = at_once([partial(submit, item, people[0], submission(item)) for _ in range(4)])
    counted = [answer for answer in answers if isinstance(answer, dict)]
    refused = [answer for answer in answers if isinstance(answer, Conflict)]
    assert (len(counted), len(refused)) == (1, 3)
    assert {error.code for error in refused} == {"already_yours"}


def test_it_counts_one_save_when_a_late_person_and_the_new_holder_save_at_once(
    dataset: Dataset, people: list[User], image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    face_factory(image_factory(dataset))
    late, new = people[:2]
    (pk,) = claim(dataset, late)
    late_item = held(pk)
    WorkItem.objects.filter(pk=pk).update(leased_until=timezone.now() - timedelta(minutes=1))
    claim(dataset, new)
    new_item = held(pk)
    answers = at_once(
        [
            partial(submit, late_item, late, submission(late_item)),
            partial(submit, new_item, new, submission(new_item)),
        ]
    )
    assert [answer["kept_as"] for answer in answers if isinstance(answer, dict)] == ["side", "counted"]
    assert Pass.objects.filter(counted=True).count() == 1


def test_it_leaves_nothing_with_a_person_who_is_deactivated_while_they_claim(
    dataset: Dataset, admin: User, people: list[User], faces: list[Face]
) -> None:
    for person in people:
        membership = Membership.objects.select_related("user", "dataset").get(user=person)

        def claim_often(person: User = person) -> None:
            for _ in range(5):
                claim(dataset, person, 3)

        results = at_once(
            [claim_often, partial(member_update, membership=membership, is_active=False, actor=admin)]
        )
        assert not [result for result in results if isinstance(result, Exception)]
        assert not WorkItem.objects.filter(leased_to=person).exists()


def test_it_keeps_the_newest_of_many_drafts(dataset: Dataset, people: list[User], faces: list[Face]) -> None:
    (pk,) = claim(dataset, people[0])
    item = held(pk)
    assert item.lease_token is not None
    keep = partial(draft_keep, item=item, user=people[0], token=item.lease_token)
    results = at_once([partial(keep, sequence=n, data={"n": n}) for n in (3, 1, 7, 5, 2, 6, 4, 0)])
    assert not [result for result in results if isinstance(result, Exception)]
    draft = item.drafts.get()
    assert (draft.sequence, draft.data) == (7, {"n": 7})


def test_it_sweeps_and_labels_an_image_at_once_without_waiting_in_a_circle(
    dataset: Dataset, people: list[User], image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    sweeper, labellers = people[0], people[1:]
    for _ in range(4):
        image = image_factory(dataset, sweep=True)
        made = [face_factory(image) for _ in labellers]
        (sweep_pk,) = claim(dataset, sweeper, kinds=[PassKind.SWEEP])
        sweep_item = held(sweep_pk)
        assert sweep_item.lease_token is not None
        sweep = SweepSubmission(
            submission_id=uuid.uuid4(),
            token=sweep_item.lease_token,
            added=[Box(400, 10, 480, 100)],
            rejected=[face.pk for face in made],
        )
        calls: list[Callable[[], Any]] = [
            partial(sweep_submit, item=sweep_item, user=sweeper, submission=sweep)
        ]
        for person in labellers:
            (pk,) = claim(dataset, person, kinds=[PassKind.ANNOTATE])
            item = held(pk)
            assert item.lease_token is not None
            calls.append(partial(submit, item, person, submission(item)))
            calls.append(partial(leases_renew, user=person, leases={pk: item.lease_token}))
        results = at_once(calls)
        assert not [result for result in results if isinstance(result, Exception)]
        assert {face.state for face in Face.objects.filter(pk__in=[f.pk for f in made])} == {
            FaceState.REJECTED
        }
        WorkItem.objects.filter(state=ItemState.OPEN).update(
            state=ItemState.CANCELLED, leased_to=None, lease_token=None, leased_until=None
        )


def work_to_the_end(dataset: Dataset, user: User, seed: int) -> int:
    """Claim and save until nothing is left for this person; how many saves counted. Some are sent twice."""
    chance = random.Random(seed)
    counted = idle = 0
    while idle < 40:
        ids = claim(dataset, user, chance.randint(1, 4))
        idle = 0 if ids else idle + 1
        for pk in ids:
            item = held(pk)
            if item.lease_token is None or item.leased_to_id != user.pk:
                continue
            sent = submission(item, age=float(chance.randint(20, 60)))
            answer = submit(item, user, sent)
            if chance.random() < 0.3:
                assert submit(item, user, sent) == answer
            counted += answer["kept_as"] == "counted"
    return counted


def test_it_brings_every_face_to_the_end_with_three_different_people(
    dataset: Dataset, people: list[User], faces: list[Face]
) -> None:
    results = at_once([partial(work_to_the_end, dataset, person, n) for n, person in enumerate(people)])
    assert not [result for result in results if isinstance(result, Exception)]
    assert sum(results) == 3 * len(faces)  # type: ignore[arg-type]  # no errors among them
    for face in Face.objects.prefetch_related("passes"):
        assert (face.state, face.age_n) == (FaceState.ACCEPTED, 3)
        made = [p for p in face.passes.all() if p.counted]
        assert len({p.user_id for p in made}) == 3
        assert sorted(p.kind for p in made) == ["annotate", "check", "check"]
    assert not WorkItem.objects.filter(state=ItemState.OPEN).exists()
