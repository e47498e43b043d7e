"""The queue in the order "learning": levels follow models and accepted faces, the random slice keeps its share."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from statistics import mean
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, PolicyVersion, Role
from annotator.faces.models import Face, FaceState
from annotator.images.models import Image
from annotator.work.models import (
    LEARN_LEVELS,
    NOT_ARRIVAL,
    ItemState,
    LearningOrder,
    PassKind,
    Priority,
    Slice,
    WorkItem,
)
from annotator.work.selectors.gaps import demographic_gaps
from annotator.work.services import claiming, ordering
from annotator.work.services.claiming import items_claim
from annotator.work.services.opening import items_open_for_image
from annotator.work.services.ordering import queue_order
from annotator.work.services.reopening import face_reopen
from annotator.work.tasks import order_queues
from jfa_pipeline.core.policy import Policy
from tests.cast import FaceFactory, ImageFactory, face_labels

pytestmark = pytest.mark.django_db

FILL = """
WITH f AS (
    INSERT INTO faces_face (dataset_id, image_id, state, round, detector, needs_person, age_n, created_at,
                            is_blind, uncertainty, prelabel_id)
    SELECT %(dataset)s, %(image)s, 'waiting', 1, 'd', '', 0, now(), false, n::float8 / %(faces)s,
           %(prelabel)s
    FROM generate_series(0, %(faces)s - 1) AS n RETURNING id, uncertainty
)
INSERT INTO work_workitem (dataset_id, image_id, face_id, kind, pass_number, round, state, priority, bucket,
                           reason, past_tokens, created_at)
SELECT %(dataset)s, %(image)s, id, 'annotate', 0, 1, 'open', 0, floor(random() * 32768), '', '{}', now() FROM f
"""
"""Waiting faces of one image with uncertainties from 0 to 1 and an open item each."""


def publish(dataset: Dataset, **changes: Any) -> None:
    assert dataset.policy is not None
    data = {**dataset.policy.policy.to_json(), **changes}
    version = PolicyVersion.objects.create(dataset=dataset, version=dataset.policy.version + 1, data=data)
    dataset.policy = version
    dataset.save(update_fields=["policy"])


def fill(dataset: Dataset, image: Image, like: Face, faces: int) -> None:
    """Many faces fast; they share the pre-label of ``like``."""
    with connection.cursor() as cursor:
        cursor.execute(
            FILL,
            {"dataset": dataset.pk, "image": image.pk, "faces": faces, "prelabel": like.prelabel_id},
        )


def claim(dataset: Dataset, user: User, count: int = 1, **more: Any) -> list[WorkItem]:
    ids = items_claim(dataset=dataset, user=user, role=Role.ANNOTATOR, count=count, **more)
    found = WorkItem.objects.in_bulk(ids)
    return [found[pk] for pk in ids]


def finish(items: list[WorkItem]) -> None:
    WorkItem.objects.filter(pk__in=[item.pk for item in items]).update(
        state=ItemState.DONE, leased_to=None, lease_token=None, leased_until=None
    )


@pytest.fixture
def learning(dataset: Dataset) -> Dataset:
    publish(dataset, order="learning", random_share=0.2)
    return dataset


@pytest.fixture
def queue(learning: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> list[Face]:
    """Twelve faces of which a model is sure of the first and in doubt about the last; levels are made."""
    image = image_factory(learning)
    faces = [face_factory(image, uncertainty=n / 12) for n in range(12)]
    queue_order(dataset=learning)
    return faces


def levels(faces: list[Face]) -> list[int]:
    rows = dict(WorkItem.objects.filter(face__in=faces).values_list("face_id", "priority"))
    return [rows[face.pk] for face in faces]


def test_it_gives_every_waiting_face_a_slice_and_a_level(queue: list[Face]) -> None:
    items = WorkItem.objects.filter(face__in=queue)
    assert not items.filter(priority=Priority.NORMAL).exists()
    assert not items.filter(slice=Slice.NONE).exists()
    ordered = [level for level in levels(queue) if level != Priority.RANDOM]
    assert ordered == sorted(ordered)
    assert set(ordered) <= set(LEARN_LEVELS)
    assert set(items.filter(slice=Slice.RANDOM).values_list("priority", flat=True)) <= {Priority.RANDOM}


def test_it_places_new_faces_as_they_are_opened(
    learning: Dataset, queue: list[Face], image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    image = image_factory(learning)
    faces = [face_factory(image, uncertainty=0.999, open_item=False) for _ in range(6)]
    items_open_for_image(image=image)
    assert set(levels(faces)) <= {Priority.LEARN_MUCH, Priority.RANDOM}


def test_it_puts_reopened_faces_first(learning: Dataset, queue: list[Face], admin: User) -> None:
    chosen = WorkItem.objects.filter(face__in=queue, slice=Slice.ORDERED).first()
    assert chosen is not None
    assert chosen.face is not None
    WorkItem.objects.filter(pk=chosen.pk).update(state=ItemState.DONE)
    Face.objects.filter(pk=chosen.face_id).update(state=FaceState.REJECTED, closed_at=timezone.now())
    face_reopen(face=chosen.face, actor=admin, reason="look again")
    again = WorkItem.objects.get(face=chosen.face_id, state=ItemState.OPEN)
    assert (again.priority, again.slice) == (Priority.LEARN_MOST, Slice.ORDERED)


def test_it_lifts_the_faces_of_a_group_that_lacks_accepted_ones(
    learning: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    """Accepted: 38 female, 2 male. An even share would be half; male has 5 %, less than half of it."""
    image = image_factory(learning)
    for n in range(40):
        labels = face_labels(gender="male" if n < 2 else "female", ethnicity="white")
        face_factory(image, labels=labels, state=FaceState.ACCEPTED, age_mean=30.0, age_n=1)
    gaps = demographic_gaps(dataset=learning, policy=Policy())
    assert gaps == {
        "gender:male",
        "ethnicity:asian",
        "ethnicity:black",
        *(f"age:{band}" for band in ("0-12", "13-19", "35-49", "50-64", "65+")),
    }
    women = [
        face_factory(image, labels=face_labels(gender="female", ethnicity=None), uncertainty=0.1)
        for _ in range(8)
    ]
    men = [
        face_factory(image, labels=face_labels(gender="male", ethnicity=None), uncertainty=0.1)
        for _ in range(8)
    ]
    queue_order(dataset=learning)
    ordered_women = {level for level in levels(women) if level != Priority.RANDOM}
    ordered_men = {level for level in levels(men) if level != Priority.RANDOM}
    assert len(ordered_women) == len(ordered_men) == 1
    assert min(ordered_men) > min(ordered_women)


def test_it_sees_no_gaps_in_a_handful_of_faces(
    learning: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    image = image_factory(learning)
    for _ in range(5):
        face_factory(image, state=FaceState.ACCEPTED, age_mean=30.0, age_n=1)
    assert demographic_gaps(dataset=learning, policy=Policy()) == frozenset()


def test_it_walks_on_in_batches_where_it_stopped(
    learning: Dataset, queue: list[Face], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new model is sure of what the old one was not: levels turn round, three items a batch."""
    monkeypatch.setattr(ordering, "BATCH", 3)
    before = levels(queue)
    for place, face in enumerate(queue):
        Face.objects.filter(pk=face.pk).update(uncertainty=0.9 - 0.05 * place)
    LearningOrder.objects.update(looked_at=timezone.now() - timedelta(minutes=6))
    queue_order(dataset=learning, seconds=0.0)
    assert levels(queue) == before
    assert queue_order(dataset=learning, seconds=30.0) > 0
    made = LearningOrder.objects.get()
    assert made.is_walked
    ordered = [level for level in levels(queue) if level != Priority.RANDOM]
    assert ordered == sorted(ordered, reverse=True)
    assert order_queues() == 0


def test_it_goes_back_to_the_order_of_arrival(learning: Dataset, queue: list[Face]) -> None:
    Face.objects.filter(pk=queue[0].pk).update(needs_person="two detectors differ")
    slices = dict(WorkItem.objects.values_list("pk", "slice"))
    publish(learning, order="arrival")
    queue_order(dataset=learning)
    queue_order(dataset=learning)
    assert levels(queue) == [Priority.DOUBTFUL, *[Priority.NORMAL] * 11]
    assert not LearningOrder.objects.exists()
    assert dict(WorkItem.objects.values_list("pk", "slice")) == slices


def test_it_keeps_what_the_random_slice_is_when_the_share_changes(
    learning: Dataset, queue: list[Face]
) -> None:
    slices = dict(WorkItem.objects.values_list("pk", "slice"))
    publish(learning, order="learning", random_share=0.9)
    LearningOrder.objects.update(looked_at=timezone.now() - timedelta(minutes=6), limits=[0.0, 0.1])
    queue_order(dataset=learning)
    assert dict(WorkItem.objects.values_list("pk", "slice")) == slices


def test_it_touches_nothing_where_the_order_is_arrival(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, django_assert_num_queries: Any
) -> None:
    face = face_factory(image_factory(dataset), uncertainty=0.9)
    with django_assert_num_queries(2):
        assert queue_order(dataset=dataset) == 0
    assert levels([face]) == [Priority.NORMAL]


def test_it_offers_checks_before_new_faces_and_sweeps_last(
    learning: Dataset, queue: list[Face], ann1: User, image_factory: ImageFactory, monkeypatch: Any
) -> None:
    monkeypatch.setattr(claiming, "_is_chance", lambda share: True)
    image_factory(learning, sweep=True)
    check = WorkItem.objects.filter(face=queue[0])
    check.update(kind=PassKind.CHECK, pass_number=1, priority=Priority.NORMAL)
    got = claim(learning, ann1, 20)
    assert [item.kind for item in got] == ["check", *["annotate"] * 11, "sweep"]


def test_it_offers_the_highest_level_first(
    learning: Dataset, queue: list[Face], ann1: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(claiming, "_is_chance", lambda share: False)
    got = [item.priority for item in claim(learning, ann1, 20)]
    assert got == sorted(got, reverse=True)
    assert len(got) == 12


def test_it_hands_out_everything_in_either_slice(
    learning: Dataset, queue: list[Face], ann1: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(claiming, "_is_chance", lambda share: True)
    assert {item.face_id for item in claim(learning, ann1, 20)} == {face.pk for face in queue}


@pytest.mark.parametrize("count", [1, 5])
def test_it_keeps_the_share_of_the_random_slice_among_claims(
    learning: Dataset, ann1: User, image_factory: ImageFactory, face_factory: FaceFactory, count: int
) -> None:
    """500 of 1,500 items are claimed; the share's standard deviation is 0.018 and four of them are allowed.

    The random ones know nothing of the model: their mean uncertainty is 0.5 (100 of them: deviation 0.029, four
    allowed). The ordered ones are those that it is least sure of: of 1,200 the 240 above 0.8, then 160 of those
    between 0.5 and 0.8.
    """
    image = image_factory(learning)
    fill(learning, image, face_factory(image, open_item=False), 1500)
    queue_order(dataset=learning, seconds=60)
    taken: list[WorkItem] = []
    while len(taken) < 500:
        got = claim(learning, ann1, count)
        assert len(got) == count
        finish(got)
        taken += got
    random = [item for item in taken if item.slice == Slice.RANDOM]
    assert len(random) / len(taken) == pytest.approx(0.2, abs=0.072)
    uncertainty = dict(Face.objects.values_list("pk", "uncertainty"))
    assert mean(uncertainty[item.face_id] for item in random) == pytest.approx(0.5, abs=0.12)
    ordered = mean(uncertainty[item.face_id] for item in taken if item.slice == Slice.ORDERED)
    assert ordered == pytest.approx((0.9 * 240 + 0.65 * 160) / 400, abs=0.05)
    assert len({item.pk for item in taken}) == len(taken)


def test_it_reads_no_more_for_a_claim_from_a_longer_queue(
    learning: Dataset,
    ann1: User,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pages of the database read by one claim, with 500 and with 16,500 waiting faces."""

    def pages_read() -> int:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE work_workitem")
        (answer,) = items_claim(dataset=learning, user=ann1, role=Role.ANNOTATOR, count=5)
        plan = answer[0][0]["Plan"]  # type: ignore[index]  # rows of EXPLAIN instead of ids
        return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])

    call = claiming.CLAIM_ANY.call
    monkeypatch.setattr(claiming.CLAIM_ANY, "call", f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {call}")
    monkeypatch.setattr(claiming, "_in_order", lambda rows, draws: rows)
    image = image_factory(learning)
    like = face_factory(image, open_item=False)
    fill(learning, image, like, 500)
    queue_order(dataset=learning, seconds=60)
    few = pages_read()
    fill(learning, image, like, 16_000)
    queue_order(dataset=learning, seconds=120)
    assert Counter(WorkItem.objects.values_list("priority", flat=True)).keys() <= set(NOT_ARRIVAL)
    assert pages_read() < 3 * few
