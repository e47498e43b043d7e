"""The even distribution: nobody gets further ahead of the others than a batch, and nobody waits for the absent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership, Role
from annotator.faces.models import Face
from annotator.work.models import Draft, EvenCount, PassKind, Skip, WorkItem
from annotator.work.selectors.even import EVEN_BATCH, IDLE_MINUTES
from annotator.work.services.claiming import items_claim
from annotator.work.services.leases import item_skip, lease_release
from tests.cast import Api, FaceFactory, ImageFactory, face_labels, make_dataset, make_member
from tests.work.conftest import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset(db: None) -> Dataset:
    return make_dataset("Even", distribution="even", checks=1)


@pytest.fixture
def faces(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> list[Face]:
    image = image_factory(dataset)
    return [face_factory(image) for _ in range(40)]


ANNOTATE = [PassKind.ANNOTATE]


def claim(dataset: Dataset, user: User, count: int = 20, **more: object) -> list[int]:
    return items_claim(dataset=dataset, user=user, role=Role.ANNOTATOR, count=count, **more)  # type: ignore[arg-type]  # test shorthand


def level(user: User, kind: PassKind = PassKind.ANNOTATE) -> int:
    return EvenCount.objects.get(user=user, kind=kind).level


def annotated(desk: Desk, times: int) -> int:
    """Annotate up to so many faces, one claimed at a time; how many it came to."""
    for done in range(times):
        items = desk.claim(1, kinds=["annotate"])
        if not items:
            return done
        status, answer = desk.submit(items[0], face_labels())
        assert status == 200, answer
    return times


def rest(user: User) -> None:
    """Nothing was heard of this person for longer than anybody waits."""
    EvenCount.objects.filter(user=user).update(
        seen_at=timezone.now() - timedelta(minutes=IDLE_MINUTES, seconds=1)
    )


@pytest.fixture
def desk1(api: Api, dataset: Dataset, ann1: User) -> Desk:
    return Desk(api(ann1), dataset)


@pytest.fixture
def desk2(api: Api, dataset: Dataset, ann2: User) -> Desk:
    return Desk(api(ann2), dataset)


def test_it_hands_out_a_batch_at_a_time(dataset: Dataset, ann1: User, faces: list[Face]) -> None:
    assert len(claim(dataset, ann1)) == EVEN_BATCH
    assert len(claim(dataset, ann1)) == EVEN_BATCH, "a reload brings back the same ones"
    held = list(WorkItem.objects.filter(leased_to=ann1).values_list("pk", flat=True))
    assert claim(dataset, ann1, have=held) == []


def test_it_lets_a_person_alone_go_on_for_ever(desk1: Desk, ann1: User, faces: list[Face]) -> None:
    assert annotated(desk1, 12) == 12
    assert level(ann1) == 12


def test_it_holds_the_faster_one_until_the_other_has_caught_up(
    desk1: Desk, desk2: Desk, faces: list[Face]
) -> None:
    assert annotated(desk2, 1) == 1
    assert annotated(desk1, 20) == EVEN_BATCH
    assert annotated(desk2, 2) == 2
    assert annotated(desk1, 20) == 2


def test_it_says_who_is_waited_for(desk1: Desk, desk2: Desk, dataset: Dataset, faces: list[Face]) -> None:
    annotated(desk2, 1)
    annotated(desk1, 20)
    for path in ("work/waiting", "work/claim"):
        url = f"/api/v1/datasets/{dataset.pk}/{path}"
        answer = (
            desk1.client.get(url)
            if path == "work/waiting"
            else desk1.client.post(url, {"kinds": ["annotate"]}, format="json")
        ).json()
        if path == "work/waiting":
            assert answer["none_reason"] is None, "there are checks of the other's face"
        else:
            assert answer["none_reason"].startswith(
                f"Others are behind: you are {EVEN_BATCH} ahead of them in first labels."
            )


def test_it_starts_a_joiner_at_the_lowest_level_of_those_who_are_there(
    desk1: Desk, desk2: Desk, ann2: User, faces: list[Face]
) -> None:
    annotated(desk1, 9)
    assert annotated(desk2, 1) == 1
    assert level(ann2) == 10
    assert annotated(desk1, 20) == 1 + EVEN_BATCH


def test_it_does_not_wait_for_somebody_who_is_idle(
    desk1: Desk, desk2: Desk, ann2: User, faces: list[Face]
) -> None:
    annotated(desk2, 1)
    annotated(desk1, 20)
    rest(ann2)
    assert annotated(desk1, 10) == 10


def test_it_takes_back_an_idle_person_at_the_level_of_the_others(
    desk1: Desk, desk2: Desk, ann1: User, ann2: User, faces: list[Face]
) -> None:
    annotated(desk2, 1)
    rest(ann2)
    annotated(desk1, 10)
    annotated(desk2, 1)
    assert level(ann2) == level(ann1) + 1


def test_it_lets_nobody_gain_by_a_rest(desk1: Desk, desk2: Desk, ann1: User, faces: list[Face]) -> None:
    annotated(desk2, 1)
    annotated(desk1, 20)
    rest(ann1)
    assert annotated(desk1, 1) == 0


def test_it_does_not_wait_for_an_idle_person_who_finishes_what_they_held(
    desk1: Desk, desk2: Desk, ann1: User, ann2: User, faces: list[Face]
) -> None:
    (held,) = desk2.claim(1, kinds=["annotate"])
    rest(ann2)
    annotated(desk1, 12)
    assert desk2.submit(held, face_labels())[0] == 200
    assert annotated(desk1, 3) == 3
    desk2.claim(1, kinds=["annotate"])
    assert level(ann2) == level(ann1)


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"paused_at": timezone.now()}, {"role": Role.RESEARCHER}]
)
def test_it_does_not_wait_for_somebody_who_left_or_is_paused(
    desk1: Desk, desk2: Desk, ann2: User, faces: list[Face], change: dict[str, object]
) -> None:
    annotated(desk2, 1)
    annotated(desk1, 20)
    Membership.objects.filter(user=ann2).update(**change)
    assert annotated(desk1, 10) == 10


def test_it_does_not_wait_for_somebody_who_can_take_none_of_what_is_left(
    desk1: Desk, desk2: Desk, ann2: User, faces: list[Face]
) -> None:
    annotated(desk2, 1)
    annotated(desk1, 20)
    for item in WorkItem.objects.filter(kind=PassKind.ANNOTATE, state="open"):
        Skip.objects.create(item=item, user=ann2, reason="all too blurred")
    assert annotated(desk1, 10) == 10


def test_it_counts_each_pass_by_itself(desk1: Desk, desk2: Desk, faces: list[Face]) -> None:
    annotated(desk2, 3)
    annotated(desk1, 20)
    assert len(desk1.claim(20)) == 3, "the other's faces to check; first labels have to wait"


def test_it_gives_the_count_back_with_the_item(
    desk2: Desk, dataset: Dataset, ann1: User, faces: list[Face]
) -> None:
    annotated(desk2, 1)
    first = claim(dataset, ann1, kinds=ANNOTATE)
    assert claim(dataset, ann1, kinds=ANNOTATE, have=first) == []
    released, skipped = WorkItem.objects.filter(pk__in=first[:2])
    assert released.lease_token is not None
    assert skipped.lease_token is not None
    lease_release(item=released, user=ann1, token=released.lease_token)
    item_skip(item=skipped, user=ann1, token=skipped.lease_token, reason="unsure")
    assert len(claim(dataset, ann1, kinds=ANNOTATE, have=first)) == 2


def test_it_does_not_hand_a_draft_of_a_shut_pass(
    desk1: Desk, desk2: Desk, dataset: Dataset, ann1: User, faces: list[Face]
) -> None:
    annotated(desk2, 1)
    annotated(desk1, 20)
    free = WorkItem.objects.filter(kind=PassKind.ANNOTATE, state="open").last()
    assert free is not None
    Draft.objects.create(item=free, user=ann1, sequence=1, data={})
    assert claim(dataset, ann1, kinds=ANNOTATE) == []
    annotated(desk2, 1)
    assert claim(dataset, ann1, kinds=ANNOTATE) == [free.pk]


def test_it_hands_what_is_reserved_in_any_case(
    desk1: Desk, desk2: Desk, dataset: Dataset, ann1: User, faces: list[Face]
) -> None:
    annotated(desk2, 1)
    annotated(desk1, 20)
    free = WorkItem.objects.filter(kind=PassKind.ANNOTATE, state="open")[:2]
    for item in free:
        item.reserved_for = ann1
        item.save()
    assert set(claim(dataset, ann1, kinds=ANNOTATE)) == {item.pk for item in free}


def test_it_keeps_no_counts_in_pull_mode(
    api: Api, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    pull = make_dataset("Pull")
    desk = Desk(api(make_member(pull, "someone", Role.ANNOTATOR)), pull)
    image = image_factory(pull)
    for _ in range(8):
        face_factory(image)
    assert annotated(desk, 8) == 8
    assert not EvenCount.objects.exists()


def test_it_asks_the_database_as_often_however_many_people_there_are(
    dataset: Dataset, ann1: User, faces: list[Face], django_assert_max_num_queries: Any
) -> None:
    others = [make_member(dataset, f"other{n}", Role.ANNOTATOR) for n in range(30)]
    EvenCount.objects.bulk_create(
        EvenCount(dataset=dataset, user=user, kind=kind, seen_at=timezone.now())
        for user in others
        for kind in PassKind
    )
    with django_assert_max_num_queries(10):
        assert len(claim(dataset, ann1)) == EVEN_BATCH


def test_it_looks_at_no_counts_in_pull_mode(
    image_factory: ImageFactory, face_factory: FaceFactory, django_assert_num_queries: Any
) -> None:
    pull = make_dataset("Pull")
    someone = make_member(pull, "someone", Role.ANNOTATOR)
    face_factory(image_factory(pull))
    with django_assert_num_queries(1) as made:  # nor is there a transaction around the one statement
        claim(pull, someone)
    assert not [query for query in made if "work_evencount" in query["sql"]]
