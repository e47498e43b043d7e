"""Going back to the face that one submitted last, while nobody has gone on with it."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset, Membership
from annotator.faces.models import Face, FaceState
from annotator.work.models import EvenCount, ItemState, Pass, PassKind, WorkItem
from tests.cast import FaceFactory, ImageFactory, face_labels
from tests.work.conftest import Desk, Desks

pytestmark = pytest.mark.django_db


def take_back(desk: Desk, item: dict[str, Any]) -> tuple[int, Any]:
    return desk.post(f"/work/{item['id']}/take_back", {})


def annotated(desk: Desk, **labels: Any) -> dict[str, Any]:
    """An annotate item that this person just submitted."""
    item = desk.next(kinds=["annotate"])
    status, answer = desk.submit(item, face_labels(**labels))
    assert status == 200, answer
    return item


def checked(desk: Desk, **labels: Any) -> dict[str, Any]:
    item = desk.next(kinds=["check"])
    status, answer = desk.submit(item, face_labels(**labels))
    assert status == 200, answer
    return item


def test_it_gives_the_last_face_back_with_what_was_sent(desk: Desks, ann1: User, face: Face) -> None:
    mine = desk(ann1)
    item = annotated(mine, gender="male", age=41.0)
    status, back = take_back(mine, item)
    assert status == 200
    assert back["item"]["id"] == item["id"]
    assert back["item"]["lease"]["token"] != item["lease"]["token"]
    assert (back["labels"]["gender"], back["labels"]["age"]) == ("male", 41.0)
    face.refresh_from_db()
    assert (face.state, face.current_id) == (FaceState.WAITING, face.prelabel_id)
    assert back["item"]["face"]["base_revision"] == face.prelabel_id
    (opened,) = WorkItem.objects.filter(face=face, state=ItemState.OPEN)
    assert (opened.pk, opened.leased_to) == (item["id"], ann1)


def test_it_counts_only_what_is_sent_afterwards(desk: Desks, ann1: User, face: Face) -> None:
    mine = desk(ann1)
    item = annotated(mine, age=20.0)
    _, back = take_back(mine, item)
    status, _ = mine.submit(back["item"], face_labels(age=30.0, gender="male"))
    assert status == 200
    face.refresh_from_db()
    assert face.current is not None
    assert (face.state, face.current.gender) == (FaceState.CHECKING, "male")
    assert list(Pass.objects.order_by("pk").values_list("counted", flat=True)) == [False, True]
    assert face.revisions.filter(author=ann1).count() == 2, "what was taken back stays in the chain"


def test_it_leaves_out_a_taken_back_age_from_the_mean(
    desk: Desks, ann1: User, ann2: User, ann3: User, face: Face
) -> None:
    annotated(desk(ann1), age=30.0)
    checker = desk(ann2)
    item = checked(checker, age=90.0)
    _, back = take_back(checker, item)
    assert checker.submit(back["item"], face_labels(age=32.0))[0] == 200
    checked(desk(ann3), age=34.0)
    face.refresh_from_db()
    assert (face.state, face.age_mean, face.age_n) == (FaceState.ACCEPTED, 32.0, 3)


def test_it_compares_the_second_check_with_the_annotator_and_not_with_the_first(
    desk: Desks, ann1: User, ann2: User, face: Face
) -> None:
    annotated(desk(ann1))
    checker = desk(ann2)
    item = checked(checker, gender="male")
    face.refresh_from_db()
    assert face.state == FaceState.DISPUTED
    _, back = take_back(checker, item)
    assert back["item"]["face"]["labels"]["gender"] == "female"
    assert back["labels"]["gender"] == "male"
    assert checker.submit(back["item"], face_labels())[0] == 200
    face.refresh_from_db()
    assert face.state == FaceState.CHECKING


def test_it_leaves_the_face_as_it_was_if_the_person_gives_it_up(
    desk: Desks, ann1: User, ann2: User, face: Face
) -> None:
    mine = desk(ann1)
    item = annotated(mine, gender="male")
    _, back = take_back(mine, item)
    assert mine.post(f"/work/{item['id']}/release", {"token": back["item"]["lease"]["token"]})[0] == 204
    again = desk(ann2).next()
    assert (again["id"], again["face"]["base_revision"]) == (item["id"], face.prelabel_id)
    assert desk(ann2).submit(again, face_labels())[0] == 200


def test_it_may_be_repeated(desk: Desks, ann1: User, face: Face) -> None:
    mine = desk(ann1)
    item = annotated(mine)
    assert take_back(mine, item) == take_back(mine, item)
    assert AuditEntry.objects.filter(verb="pass.taken_back").count() == 1


def test_it_refuses_when_somebody_has_checked_it_and_the_next_item_is_untouched(
    desk: Desks, ann1: User, ann2: User, face: Face
) -> None:
    mine = desk(ann1)
    item = annotated(mine)
    checked(desk(ann2))
    status, answer = take_back(mine, item)
    assert (status, answer["code"]) == (409, "gone_on")


@pytest.mark.parametrize("begun", ["held", "held before", "drafted"])
def test_it_refuses_when_somebody_has_gone_on(
    desk: Desks, ann1: User, ann2: User, face: Face, begun: str
) -> None:
    mine, other = desk(ann1), desk(ann2)
    item = annotated(mine)
    check = other.next()
    if begun == "drafted":
        other.put_draft(check, 1, {"x": 1})
        other.post(f"/work/{check['id']}/release", {"token": check["lease"]["token"]})
    if begun == "held before":
        Membership.objects.filter(user=ann2).update(is_active=False)
        WorkItem.objects.filter(pk=check["id"]).update(
            leased_to=None, lease_token=None, leased_until=None, past_tokens=[check["lease"]["token"]]
        )
    status, answer = take_back(mine, item)
    assert (status, answer["code"]) == (409, "gone_on")
    assert Pass.objects.get().counted


def test_it_takes_back_only_the_last_one(
    desk: Desks, ann1: User, dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    image = image_factory(dataset)
    for _ in range(2):
        face_factory(image)
    mine = desk(ann1)
    first, second = annotated(mine), annotated(mine)
    assert take_back(mine, first)[1]["code"] == "not_last"
    assert take_back(mine, second)[0] == 200
    assert take_back(mine, first)[1]["code"] == "not_last", "one at a time"


def test_it_does_not_take_back_somebody_elses(desk: Desks, ann1: User, ann2: User, face: Face) -> None:
    item = annotated(desk(ann1))
    assert take_back(desk(ann2), item)[1]["code"] == "not_last"


def test_it_refuses_what_is_finished(desk: Desks, ann1: User, ann2: User, ann3: User, face: Face) -> None:
    annotated(desk(ann1))
    checked(desk(ann2))
    last = desk(ann3)
    item = checked(last)
    assert take_back(last, item)[1]["code"] == "closed"
    face.refresh_from_db()
    assert face.state == FaceState.ACCEPTED


def test_it_refuses_a_sweep(desk: Desks, ann1: User, dataset: Dataset, image_factory: ImageFactory) -> None:
    image_factory(dataset, sweep=True)
    mine = desk(ann1)
    item = mine.next()
    assert mine.sweep(item)[0] == 200
    assert take_back(mine, item)[1]["code"] == "sweep"


def test_it_refuses_a_paused_person(desk: Desks, ann1: User, face: Face) -> None:
    mine = desk(ann1)
    item = annotated(mine)
    Membership.objects.filter(user=ann1).update(paused_at="2026-01-01T00:00Z", pause_reason="rest")
    assert take_back(mine, item)[1]["code"] == "paused"


def test_it_gives_the_even_count_back(desk: Desks, ann1: User, dataset: Dataset, face: Face) -> None:
    assert dataset.policy is not None
    dataset.policy.data = {**dataset.policy.data, "distribution": "even"}
    dataset.policy.save()
    mine = desk(ann1)
    item = annotated(mine)
    assert EvenCount.objects.get(kind=PassKind.ANNOTATE).level == 1
    _, back = take_back(mine, item)
    assert EvenCount.objects.get(kind=PassKind.ANNOTATE).level == 0
    mine.submit(back["item"], face_labels())
    assert EvenCount.objects.get(kind=PassKind.ANNOTATE).level == 1


def test_it_shows_in_ones_own_work_what_was_taken_back(desk: Desks, ann1: User, face: Face) -> None:
    mine = desk(ann1)
    item = annotated(mine)
    take_back(mine, item)
    work = mine.client.get(f"/api/v1/datasets/{face.dataset_id}/work/mine").json()
    assert [row["taken_back"] for row in work["results"]] == [True]
    assert work["today"]["annotate"] == 0
