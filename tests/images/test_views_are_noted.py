"""Every photograph that somebody is shown is in the log, once for each hour."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from annotator.accounts.models import AuditEntry, User
from annotator.datasets.models import Dataset
from annotator.images.models import Image, ImageView
from annotator.images.services import viewing
from tests.cast import Api, FaceFactory, ImageFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, 10, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time of the log, changed through its one element."""
    now = [NOON]
    monkeypatch.setattr(viewing, "now", lambda: now[0])
    viewing.noted.forget()
    return now


@pytest.fixture
def image(dataset: Dataset, image_factory: ImageFactory) -> Image:
    return image_factory(dataset, size=(640, 480))


def seen() -> list[tuple[str, int, datetime]]:
    rows = ImageView.objects.select_related("user").order_by("id")
    return [(row.user.username, row.image_id, row.hour) for row in rows]


def test_it_notes_person_photograph_and_hour_once(
    api: Api, image: Image, ann1: User, ann2: User, clock: list[datetime]
) -> None:
    address = f"/api/v1/images/{image.pk}/file?side=1024"
    for person in (ann1, ann1, ann2):
        assert api(person).get(address).status_code == 200
    hour = NOON.replace(minute=0)
    assert seen() == [("ann1", image.pk, hour), ("ann2", image.pk, hour)]
    clock[0] = NOON + timedelta(hours=1)
    api(ann1).get(address)
    assert seen()[2:] == [("ann1", image.pk, hour + timedelta(hours=1))]


def test_it_does_not_take_thumbnails_and_small_crops_for_viewing(
    api: Api, image: Image, ann1: User, clock: list[datetime]
) -> None:
    client, base = api(ann1), f"/api/v1/images/{image.pk}"
    client.get(f"{base}/file?side=256")
    client.get(f"{base}/crop?x=0&y=0&w=640&h=480&pixels=256")  # all of it, as a thumbnail
    client.get(f"{base}/crop?x=0&y=0&w=319&h=480&pixels=300")  # just below half of it
    assert seen() == []
    client.get(f"{base}/crop?x=-500&y=-500&w=820&h=980&pixels=300")  # 320 x 480 of it: half
    assert len(seen()) == 1


def test_it_takes_the_crop_of_a_face_that_fills_its_photograph_for_viewing(
    api: Api, dataset: Dataset, image: Image, face_factory: FaceFactory, ann1: User, clock: list[datetime]
) -> None:
    small, large = face_factory(image, (10, 10, 60, 60)), face_factory(image, (100, 40, 500, 440))
    api(ann1).get(f"/api/v1/faces/{small.pk}/crop?side=512")
    api(ann1).get(f"/api/v1/faces/{large.pk}/crop?side=256")
    assert seen() == []
    api(ann1).get(f"/api/v1/faces/{large.pk}/crop?side=512")
    assert len(seen()) == 1


def test_it_notes_nothing_that_was_not_shown(
    api: Api, image: Image, ann1: User, outsider: User, clock: list[datetime]
) -> None:
    assert api(outsider).get(f"/api/v1/images/{image.pk}/file").status_code == 404
    assert api(ann1).get(f"/api/v1/images/{image.pk}/file?side=999").status_code == 422
    assert seen() == []


@pytest.mark.django_db(transaction=True)
def test_it_asks_the_database_once_an_hour_in_each_process(
    image: Image, ann1: User, clock: list[datetime], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        viewing.view_note(image=image, user=ann1)
        viewing.view_note(image=image, user=ann1)
    clock[0] = NOON + timedelta(hours=1)
    with django_assert_num_queries(1):
        viewing.view_note(image=image, user=ann1)
    assert len(seen()) == 2


def test_it_shows_admins_who_viewed_what(
    api: Api, dataset: Dataset, image: Image, admin: User, ann1: User, ann2: User, clock: list[datetime]
) -> None:
    for person in (ann1, ann2):
        api(person).get(f"/api/v1/images/{image.pk}/file")
    address = f"/api/v1/datasets/{dataset.pk}/views"
    (row,) = api(admin).get(f"{address}?person={ann2.pk}").json()["results"]
    assert (row["person"], row["image_id"]) == ("ann2", image.pk)
    assert api(admin).get(f"{address}?image={image.pk + 1}").json()["results"] == []
    answer = api(admin).get(f"{address}.csv?image={image.pk}")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [row["person"] for row in rows] == ["ann2", "ann1"]
    assert AuditEntry.objects.get(verb="download").details == {"what": "views.csv"}
