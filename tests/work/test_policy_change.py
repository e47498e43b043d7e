"""Faces in work follow a new policy version."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState
from annotator.work.models import ItemState, WorkItem
from annotator.work.services.policy_change import faces_follow_policy
from annotator.work.tasks import expire_leases
from tests.cast import Api, FaceFactory, face_labels
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


def publish(api: Api, admin: User, dataset: Dataset, **changes: Any) -> tuple[int, Any]:
    dataset.refresh_from_db()
    assert dataset.policy is not None
    body = {
        "data": {**dataset.policy.data, **changes},
        "comment": "test",
        "base_version": dataset.policy.version,
    }
    answer = api(admin).put(f"/api/v1/datasets/{dataset.pk}/policy", body, format="json")
    dataset.refresh_from_db()
    return answer.status_code, answer.json()


def test_it_publishes_a_version_and_answers_the_dataset(dataset: Dataset, api: Api, admin: User) -> None:
    status, answer = publish(api, admin, dataset, checks=1)
    assert status == 200
    assert (answer["policy"]["version"], answer["policy"]["data"]["checks"]) == (2, 1)


def test_it_refuses_a_policy_that_cannot_be_enforced(dataset: Dataset, api: Api, admin: User) -> None:
    status, answer = publish(api, admin, dataset, checks=99)
    assert (status, answer["code"]) == (422, "policy_invalid")


def test_it_refuses_a_version_made_on_an_older_one(dataset: Dataset, api: Api, admin: User) -> None:
    assert dataset.policy is not None
    body = {"data": dataset.policy.data, "comment": "", "base_version": 0}
    assert api(admin).put(f"/api/v1/datasets/{dataset.pk}/policy", body, format="json").status_code == 409


def test_it_lets_only_admins_publish(dataset: Dataset, api: Api, ann1: User) -> None:
    assert publish(api, ann1, dataset, checks=1)[0] == 403


def test_it_accepts_faces_that_have_enough_checks_now(
    dataset: Dataset, face: Face, api: Api, desk: Desks, admin: User, ann1: User, ann2: User
) -> None:
    desk(ann1).annotate(face_labels(age=20.0))
    desk(ann2).accept(age=30)
    publish(api, admin, dataset, checks=1)
    assert faces_follow_policy(dataset=dataset) == 1
    face.refresh_from_db()
    assert (face.state, face.age_mean, face.age_n) == (FaceState.ACCEPTED, 25.0, 2)
    assert face.accepted_policy == dataset.policy
    assert not WorkItem.objects.filter(state=ItemState.OPEN).exists()
    assert faces_follow_policy(dataset=dataset) == 0


def test_it_asks_for_more_checks_when_the_number_is_raised(
    dataset: Dataset, face: Face, api: Api, desk: Desks, admin: User, ann1: User, ann2: User, ann3: User
) -> None:
    desk(ann1).annotate()
    desk(ann2).accept()
    publish(api, admin, dataset, checks=3)
    assert faces_follow_policy(dataset=dataset) == 0
    assert desk(ann3).accept()["state"] == FaceState.CHECKING


def test_it_withdraws_faces_under_a_raised_size_rule_and_offers_them_again_when_it_is_lowered(
    dataset: Dataset, face: Face, api: Api, desk: Desks, admin: User, ann1: User
) -> None:
    publish(api, admin, dataset, min_side_px=200)
    assert faces_follow_policy(dataset=dataset) == 1
    face.refresh_from_db()
    assert face.state == FaceState.TOO_SMALL
    assert desk(ann1).claim() == []
    publish(api, admin, dataset, min_side_px=199)
    assert faces_follow_policy(dataset=dataset) == 1
    assert desk(ann1).next()["face"]["id"] == face.pk


def test_it_needs_no_message_because_the_beat_looks_again(
    dataset: Dataset, face: Face, api: Api, admin: User
) -> None:
    publish(api, admin, dataset, min_side_px=300)
    assert expire_leases()["followed"] == 1
    face.refresh_from_db()
    assert face.state == FaceState.TOO_SMALL


def test_it_does_not_touch_another_dataset(
    dataset: Dataset,
    other_dataset: Dataset,
    image_factory: Any,
    face_factory: FaceFactory,
    api: Api,
    admin: User,
) -> None:
    face = face_factory(image_factory(other_dataset))
    publish(api, admin, dataset, min_side_px=300)
    faces_follow_policy(dataset=dataset)
    face.refresh_from_db()
    assert face.state == FaceState.WAITING
