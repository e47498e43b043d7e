"""What the page gets with an item, and a person's own list."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Membership, Role
from annotator.faces.models import Face
from annotator.work.selectors.items import crop_region, item_list
from annotator.work.services.people import member_update
from jfa_pipeline.core.boxes import Box
from tests.cast import Api, FaceFactory, ImageFactory
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db


def test_it_frames_a_square_crop_around_the_box() -> None:
    assert crop_region(Box(100, 100, 300, 340)) == (-16, 4, 432)


def test_it_gives_the_crop_in_pixels_of_the_upright_image(face: Face, desk: Desks, ann1: User) -> None:
    item = desk(ann1).next()
    assert item["face"]["crop"] == {
        "url": f"/api/v1/images/{face.image_id}/crop?x=-16&y=4&w=432&h=432&pixels=432",
        "x": -16,
        "y": 4,
        "width": 432,
        "height": 432,
        "pixels": 432,
    }
    assert item["image"]["url"] == f"/api/v1/images/{face.image_id}/file?side=1024"
    assert (item["pass_number"], item["passes_total"]) == (1, 3)


def test_it_gives_a_crop_that_can_be_fetched(face: Face, desk: Desks, api: Api, ann1: User) -> None:
    item = desk(ann1).next()
    answer = api(ann1).get(item["face"]["crop"]["url"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert api().get(item["face"]["crop"]["url"]).status_code == 401


def test_it_says_how_unsure_the_model_was(face: Face, desk: Desks, ann1: User) -> None:
    Face.objects.filter(pk=face.pk).update(uncertainty=0.625)
    assert desk(ann1).next()["face"]["uncertainty"] == 0.625


def test_it_says_nothing_of_a_hidden_pre_label(face: Face, desk: Desks, ann1: User) -> None:
    Face.objects.filter(pk=face.pk).update(uncertainty=0.625, is_blind=True)
    assert desk(ann1).next()["face"]["uncertainty"] is None


def test_it_needs_as_many_queries_for_many_items_as_for_one(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    desk: Desks,
    ann1: User,
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(4):
        image = image_factory(dataset, sweep=True)
        for _ in range(3):
            face_factory(image)
    ids = [item["id"] for item in desk(ann1).claim(20)]
    assert len(ids) == 16
    with django_assert_max_num_queries(4):
        assert len(item_list(ids=ids, user=ann1, dataset=dataset)) == 16


def test_it_lists_my_own_work_newest_first(
    face: Face, desk: Desks, api: Api, dataset: Dataset, ann1: User, ann2: User
) -> None:
    desk(ann1).annotate()
    desk(ann2).accept()
    mine = api(ann1).get(f"/api/v1/datasets/{dataset.pk}/work/mine").json()
    assert mine["today"] == {"annotate": 1, "check": 0, "adjudicate": 0, "sweep": 0}
    assert mine["total"] == mine["today"]
    (row,) = mine["results"]
    assert (row["face_id"], row["kind"], row["state"]) == (face.pk, "annotate", "checking")
    assert mine["next"] is None


@pytest.mark.parametrize("path", ["work/claim", "work/mine", "work/waiting"])
def test_it_answers_outsiders_and_the_wrong_role(
    dataset: Dataset, api: Api, outsider: User, researcher: User, path: str
) -> None:
    send = "post" if path == "work/claim" else "get"
    url = f"/api/v1/datasets/{dataset.pk}/{path}"
    for person, status in ((None, 401), (outsider, 404), (researcher, 403)):
        assert getattr(api(person), send)(url, {}, format="json").status_code == status


def test_it_takes_disputes_back_from_somebody_who_is_no_longer_adjudicator(
    face: Face, desk: Desks, ann1: User, ann2: User, adjudicator: User, admin: User
) -> None:
    desk(ann1).annotate()
    desk(ann2).submit(desk(ann2).next(), None, "dispute", comment="no")
    item = desk(adjudicator).next()
    member_update(membership=Membership.objects.get(user=adjudicator), role=Role.ANNOTATOR, actor=admin)
    assert desk(admin).next()["id"] == item["id"]


def test_it_gives_nothing_more_than_asked(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, desk: Desks, ann1: User
) -> None:
    image = image_factory(dataset)
    for _ in range(6):
        face_factory(image)
    assert len(desk(ann1).claim(3)) == 3
    status, _ = desk(ann1).post(f"/datasets/{dataset.pk}/work/claim", {"count": 25})
    assert status == 422


def test_it_says_what_waits_without_claiming(
    face: Face, desk: Desks, api: Api, dataset: Dataset, ann1: User, ann2: User
) -> None:
    url = f"/api/v1/datasets/{dataset.pk}/work/waiting"
    answer = api(ann1).get(url).json()
    assert answer["waiting"] == {"annotate": 1, "check": 0, "adjudicate": 0, "sweep": 0}
    assert answer["none_reason"] is None
    desk(ann1).annotate()
    assert api(ann1).get(url).json()["none_reason"].startswith("1 item is open, but none for you")
    assert api(ann2).get(url).json()["none_reason"] is None
    desk(ann2).next()
    assert api(ann2).get(url).json()["none_reason"] is None
