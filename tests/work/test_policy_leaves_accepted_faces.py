"""A new policy version never changes an accepted face by itself; what it would ask for is redone by order only."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState, Revision
from annotator.faces.selectors import FaceFilter
from annotator.images.models import Image
from annotator.work.models import ItemState, PassKind, WorkItem
from annotator.work.selectors.bulk import Action, Order, order_plan
from annotator.work.services.policy_change import faces_follow_policy
from annotator.work.tasks import expire_leases
from tests.cast import Api, FaceFactory, ImageFactory, face_labels
from tests.work.bulk_orders import carry_out
from tests.work.conftest import Desks
from tests.work.test_policy_change import publish

pytestmark = pytest.mark.django_db

CHANGES: dict[str, dict[str, Any]] = {
    "more checks": {"checks": 5},
    "no checks": {"checks": 0},
    "a larger least size": {"min_side_px": 400.0},
    "other genders": {"genders": ["feminine", "masculine"]},
    "a share of gold": {"gold_share": 0.2},
    "the order learning": {"order": "learning"},
}


def everything_of(faces: list[Face]) -> list[dict[str, Any]]:
    """Every column of the faces, and of all their versions."""
    rows = list(Face.objects.filter(pk__in=[face.pk for face in faces]).order_by("pk").values())
    versions = Revision.objects.filter(face__in=faces).order_by("pk")
    return rows + [{**row, "landmarks": None, "visibility": None} for row in versions.values()]


@pytest.fixture
def accepted(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    desk: Desks,
    ann1: User,
    ann2: User,
    ann3: User,
) -> list[Face]:
    """A face that three people took to the end, and a rejected one."""
    image: Image = image_factory(dataset)
    face = face_factory(image)
    desk(ann1).annotate(face_labels())
    desk(ann2).accept()
    desk(ann3).accept()
    face.refresh_from_db()
    assert face.state == FaceState.ACCEPTED
    return [face, face_factory(image, state=FaceState.REJECTED, accepted_policy=dataset.policy)]


@pytest.mark.parametrize("name", CHANGES)
def test_it_leaves_accepted_and_rejected_faces_as_they_are(
    name: str, dataset: Dataset, accepted: list[Face], api: Api, admin: User
) -> None:
    before = everything_of(accepted)
    status, answer = publish(api, admin, dataset, **CHANGES[name])
    assert status == 200, answer
    while faces_follow_policy(dataset=dataset):
        pass
    expire_leases()
    assert everything_of(accepted) == before
    assert not WorkItem.objects.filter(face__in=accepted, state=ItemState.OPEN, gold=None).exists()


def test_it_counts_those_of_earlier_versions_and_redoes_them_by_order_only(
    dataset: Dataset, accepted: list[Face], api: Api, admin: User
) -> None:
    publish(api, admin, dataset, checks=1)
    query = {"policy_before": 2, "state": "accepted"}
    listed = api(admin).get(f"/api/v1/datasets/{dataset.pk}/faces", query).json()
    assert [row["id"] for row in listed["results"]] == [accepted[0].pk]
    order = Order(
        action=Action.REOPEN,
        faces=FaceFilter(policy_before=2, state=FaceState.ACCEPTED),
        reason="One check is enough now.",
    )
    plan = order_plan(dataset=dataset, order=order)
    assert (plan.touched, plan.effort.passes[PassKind.CHECK]) == (1, 1)
    carry_out(dataset=dataset, order=order, actor=admin)
    accepted[0].refresh_from_db()
    assert (accepted[0].state, accepted[0].round) == (FaceState.WAITING, 2)
