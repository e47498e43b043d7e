"""Faces chosen for redo in the explorer, and what is ordered for them over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, PolicyVersion
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.images.models import Image
from annotator.jobs.models import Job
from annotator.work.models import Delivery, DeliveryImage, ItemState, Pass, PassKind, WorkItem
from annotator.work.services.bulk import order_run
from tests.cast import Api, FaceFactory, ImageFactory, face_labels
from tests.work.bulk_orders import attempt

pytestmark = pytest.mark.django_db
BOX = (100, 100, 300, 340)


@pytest.fixture
def image(dataset: Dataset, image_factory: ImageFactory) -> Image:
    return image_factory(dataset)


def version(
    face: Face, kind: RevisionKind, author: User, *, current: bool = True, **columns: Any
) -> Revision:
    made = Revision.objects.create(
        face=face,
        parent_id=face.current_id,
        kind=kind,
        author=author,
        **{**Revision.columns_of(face_labels(BOX)), **columns},
    )
    if current:
        face.current = made
        face.save(update_fields=["current"])
    return made


@pytest.fixture
def found(api: Api, dataset: Dataset, admin: User) -> Any:
    """``found(**query)``: ids of the faces that the explorer lists."""

    def ask(**query: Any) -> set[int]:
        answer = api(admin).get(f"/api/v1/datasets/{dataset.pk}/faces", query)
        assert answer.status_code == 200, answer.json()
        assert answer.json()["total"] == len(answer.json()["results"])
        return {row["id"] for row in answer.json()["results"]}

    return ask


def test_it_finds_faces_by_what_a_person_did(
    image: Image, face_factory: FaceFactory, ann1: User, ann2: User, found: Any
) -> None:
    labelled, checked = face_factory(image), face_factory(image)
    version(labelled, RevisionKind.ANNOTATE, ann1)
    version(labelled, RevisionKind.CHECK, ann2)
    version(checked, RevisionKind.ANNOTATE, ann2)
    version(checked, RevisionKind.CHECK, ann1)
    assert found(person=ann1.pk) == {labelled.pk, checked.pk}
    assert found(person=ann1.pk, did="annotate") == {labelled.pk}
    assert found(person=ann1.pk, did="check") == {checked.pk}
    assert found(did="adjudicate") == set()


def test_it_finds_faces_by_the_days_they_were_accepted_on(
    image: Image, face_factory: FaceFactory, found: Any
) -> None:
    days = {
        day: face_factory(
            image, state=FaceState.ACCEPTED, closed_at=datetime(2026, 3, day, hour, 59, 59, tzinfo=UTC)
        )
        for day, hour in ((1, 23), (2, 0), (3, 12))
    }
    face_factory(image)
    assert found(closed_from="2026-03-02") == {days[2].pk, days[3].pk}
    assert found(closed_to="2026-03-02") == {days[1].pk, days[2].pk}
    assert found(closed_from="2026-03-02", closed_to="2026-03-02") == {days[2].pk}


def test_it_finds_faces_by_the_policy_they_were_accepted_under(
    dataset: Dataset, image: Image, face_factory: FaceFactory, found: Any
) -> None:
    old = face_factory(image, state=FaceState.ACCEPTED)
    second = PolicyVersion.objects.create(dataset=dataset, version=2, data=dataset.policy.data)
    new = face_factory(image, state=FaceState.ACCEPTED, accepted_policy=second)
    face_factory(image)
    assert found(policy_version=2) == {new.pk}
    assert found(policy_before=2) == {old.pk}


def test_it_finds_faces_that_people_disagreed_about(
    image: Image, face_factory: FaceFactory, ann1: User, ann2: User, adjudicator: User, found: Any
) -> None:
    agreed, corrected, decided, disputed, long_ago = (face_factory(image) for _ in range(5))
    for face in (agreed, corrected, decided):
        version(face, RevisionKind.ANNOTATE, ann1)
    version(agreed, RevisionKind.CHECK, ann2, current=False)  # accepted as it was
    version(corrected, RevisionKind.CHECK, ann2)
    version(corrected, RevisionKind.AGGREGATE, ann2)
    version(decided, RevisionKind.ADJUDICATE, adjudicator)
    Face.objects.filter(pk=disputed.pk).update(state=FaceState.DISPUTED)
    version(long_ago, RevisionKind.ADJUDICATE, adjudicator)
    Face.objects.filter(pk=long_ago.pk).update(round=2)
    assert found(disagreement="disputed") == {decided.pk, disputed.pk}
    assert found(disagreement="corrected") == {corrected.pk}


def test_it_finds_faces_whose_ages_differ(image: Image, face_factory: FaceFactory, found: Any) -> None:
    apart = face_factory(image, state=FaceState.ACCEPTED, age_mean=40, age_sd=9.0, age_n=3)
    face_factory(image, state=FaceState.ACCEPTED, age_mean=40, age_sd=2.0, age_n=3)
    assert found(age_sd_min=8) == {apart.pk}


def test_it_lets_no_annotator_choose_by_how_ages_differ(api: Api, dataset: Dataset, ann1: User) -> None:
    answer = api(ann1).get(f"/api/v1/datasets/{dataset.pk}/faces", {"age_sd_min": 5})
    assert (answer.status_code, answer.json()["code"]) == (403, "role")


def test_it_finds_faces_by_how_their_work_is_handed_out(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, ann1: User, found: Any
) -> None:
    one, two, three = (face_factory(image_factory(dataset)) for _ in range(3))
    delivery = Delivery.objects.create(dataset=dataset, name="First")
    DeliveryImage.objects.create(delivery=delivery, image=one.image)
    WorkItem.objects.filter(face=two).update(reserved_for=ann1)
    WorkItem.objects.filter(face=three).update(reserved_for=ann1, state=ItemState.DONE)
    Face.objects.filter(pk=three.pk).update(chosen_level=20)
    assert found(delivery=delivery.pk) == {one.pk}
    assert found(assigned=ann1.pk) == {two.pk}
    assert found(level="urgent") == {three.pk}
    assert found(level="normal") == {one.pk, two.pk}


def order(api: Api, dataset: Dataset, user: User, **body: Any) -> tuple[int, Any]:
    answer = api(user).post(f"/api/v1/datasets/{dataset.pk}/faces/bulk", body, format="json")
    return answer.status_code, answer.json()


def test_it_tells_number_reasons_and_hours_before_anything_happens(
    api: Api, dataset: Dataset, image: Image, face_factory: FaceFactory, admin: User, ann1: User
) -> None:
    waiting = face_factory(image)
    for kind, seconds, round_number in ((PassKind.ANNOTATE, 60, 8), (PassKind.CHECK, 15, 9)):
        Pass.objects.create(
            submission_id=uuid4(),
            item=WorkItem.objects.create(
                dataset=dataset, image=image, face=waiting, kind=kind, state=ItemState.DONE
            ),
            dataset=dataset,
            image=image,
            face=waiting,
            round=round_number,
            kind=kind,
            user=ann1,
            active_ms=seconds * 1000,
            answer={},
        )
    for _ in range(40):
        face_factory(image, state=FaceState.ACCEPTED)
    status, answer = order(api, dataset, admin, action="reopen", filter={}, dry_run=True)
    assert (status, answer["job"]) == (200, None)
    plan = answer["plan"]
    assert (plan["of"], plan["touched"]) == ("faces", 40)
    assert plan["left"] == [
        {"code": "in_work", "count": 1, "text": "still in work, so there is nothing to reopen"}
    ]
    assert plan["passes"] == {"annotate": 40, "check": 80}
    assert plan["hours"] == 1.0  # 40 x 60 s + 80 x 15 s
    assert plan["seconds"]["annotate"] == {"median": 60.0, "n": 1}
    assert not Face.objects.filter(round=2).exists()


def test_it_starts_a_job_for_exactly_the_faces_of_the_filter(
    api: Api, dataset: Dataset, image: Image, face_factory: FaceFactory, admin: User, ann1: User
) -> None:
    mine, other = (face_factory(image, state=FaceState.ACCEPTED) for _ in range(2))
    version(mine, RevisionKind.ANNOTATE, ann1)
    wanted = {"person": ann1.pk, "did": "annotate", "closed_from": "2026-01-01", "state": "accepted"}
    status, answer = order(api, dataset, admin, action="reopen", filter=wanted, reason="Jaws too low")
    assert status == 202
    assert (answer["job"]["kind"], answer["job"]["total"]) == ("bulk", 1)
    assert answer["job"]["message"] == "1 face to be reopened"
    order_run(run=attempt(Job.objects.get(pk=answer["job"]["id"])))
    assert [face.round for face in Face.objects.filter(pk__in=(mine.pk, other.pk)).order_by("pk")] == [2, 1]


def test_it_reaches_chosen_ids_and_prioritises_assigns_and_delivers(
    api: Api, dataset: Dataset, image: Image, face_factory: FaceFactory, admin: User, ann1: User
) -> None:
    face = face_factory(image)
    delivery = Delivery.objects.create(dataset=dataset, name="First")
    for body in (
        {"action": "prioritise", "level": "later"},
        {"action": "assign", "person": ann1.pk},
        {"action": "deliver", "delivery": delivery.pk},
    ):
        status, answer = order(api, dataset, admin, ids=[face.pk], **body)
        assert (status, answer["plan"]["touched"]) == (202, 1)
        order_run(run=attempt(Job.objects.get(pk=answer["job"]["id"])))
    item = WorkItem.objects.get(face=face)
    assert (item.priority, item.reserved_for) == (20, ann1)
    assert DeliveryImage.objects.get(image=image).delivery == delivery


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"action": "reopen", "ids": [1], "filter": {}}, "invalid"),
        ({"action": "reopen"}, "invalid"),
        ({"action": "reopen", "filter": {}}, "reason"),
        ({"action": "prioritise", "filter": {}}, "level"),
        ({"action": "assign", "filter": {}, "person": 999_999}, "person"),
        ({"action": "deliver", "filter": {}, "delivery": 999_999}, "delivery"),
        ({"action": "relevel", "filter": {}}, "invalid"),
    ],
)
def test_it_refuses_an_order_that_cannot_be_carried_out(
    body: dict[str, Any], code: str, api: Api, dataset: Dataset, admin: User
) -> None:
    status, answer = order(api, dataset, admin, **body)
    assert (status, answer["code"]) == (422, code)
    assert not Job.objects.exists()


def test_it_makes_a_delivery_fills_it_and_lists_how_far_it_is(
    api: Api, dataset: Dataset, image: Image, face_factory: FaceFactory, admin: User
) -> None:
    face_factory(image)
    client, address = api(admin), f"/api/v1/datasets/{dataset.pk}/deliveries"
    made = client.post(address, {"name": "March", "due_at": "2026-03-01T12:00:00Z"}, format="json")
    assert made.status_code == 201
    assert (made.json()["priority"], made.json()["is_late"]) == ("urgent", True)
    add = f"/api/v1/deliveries/{made.json()['id']}/images"
    body = {"images": {"ids": [image.pk]}}
    plan = client.post(add, {**body, "dry_run": True}, format="json").json()["plan"]
    assert (plan["of"], plan["touched"]) == ("images", 1)
    job = client.post(add, body, format="json").json()["job"]
    order_run(run=attempt(Job.objects.get(pk=job["id"])))
    (row,) = client.get(address).json()["results"]
    assert (row["images"], row["in_work"], row["accepted"], row["is_done"]) == (1, 1, 0, False)
    assert (row["effort"]["passes"], row["effort"]["hours"]) == ({"annotate": 1, "check": 2}, None)
    changed = client.patch(f"/api/v1/deliveries/{row['id']}", {"closed": True}, format="json").json()
    assert changed["delivery"]["closed_at"] is not None
    assert changed["job"]["kind"] == "bulk"


def test_it_lists_deliveries_with_as_many_queries_for_many_as_for_one(
    api: Api, dataset: Dataset, image_factory: ImageFactory, admin: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        delivery = Delivery.objects.create(dataset=dataset, name=f"Batch {number}")
        DeliveryImage.objects.create(delivery=delivery, image=image_factory(dataset))
    client = api(admin)
    with django_assert_max_num_queries(10):
        assert len(client.get(f"/api/v1/datasets/{dataset.pk}/deliveries").json()["results"]) == 8
