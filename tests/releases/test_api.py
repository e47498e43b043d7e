"""Releases over HTTP: admins make them; admins, adjudicators and researchers read them."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.jobs.models import Job, JobState
from annotator.releases.models import Release
from annotator.releases.services.freezing import release_create
from tests.cast import Api, FaceFactory, ImageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(dataset: Dataset, admin: User, image_factory: ImageFactory, face_factory: FaceFactory) -> Release:
    face_factory(image_factory(dataset), state="accepted")
    return release_create(dataset=dataset, name="first", actor=admin)


def test_it_starts_a_release(
    api: Api, admin: User, dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    image = image_factory(dataset)
    face_factory(image, state="accepted")
    face_factory(image, (400, 100, 500, 220))
    answer = api(admin).post(f"/api/v1/datasets/{dataset.pk}/releases", {"name": "v1"}, format="json")
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["number"], shown["name"], shown["state"], shown["policy_version"]) == (
        1,
        "v1",
        "building",
        1,
    )
    assert shown["counts"] == {
        "images": 1,
        "faces": 1,
        "ignored": 1,
        "images_by_split": {"train": 1},
        "faces_by_split": {"train": 1},
    }
    assert (shown["job"]["kind"], shown["job"]["state"], shown["downloads"]) == ("release", "queued", None)
    assert shown["created_by"] == "admin"


def test_it_refuses_a_release_of_nothing(api: Api, admin: User, dataset: Dataset) -> None:
    answer = api(admin).post(f"/api/v1/datasets/{dataset.pk}/releases", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_accepted")


def test_it_lists_the_newest_first_in_a_fixed_number_of_queries(
    api: Api,
    researcher: User,
    dataset: Dataset,
    release: Release,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(3):
        release_create(dataset=dataset, actor=None)
    client = api(researcher)
    with django_assert_max_num_queries(6):  # session, user, dataset, membership, releases; one to spare
        answer = client.get(f"/api/v1/datasets/{dataset.pk}/releases?limit=2")
    assert [row["number"] for row in answer.json()["results"]] == [4, 3]
    following = api(researcher).get(
        f"/api/v1/datasets/{dataset.pk}/releases?limit=2&cursor={answer.json()['next']}"
    )
    assert [row["number"] for row in following.json()["results"]] == [2, 1]


@pytest.mark.parametrize("kind", ["native", "coco"])
def test_it_says_that_the_files_are_not_written_yet(
    api: Api, admin: User, release: Release, kind: str
) -> None:
    path = f"/api/v1/releases/{release.pk}/download/{kind}"
    answer = api(admin).get(path)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")
    assert "not written yet" in answer.json()["message"]
    Job.objects.update(state=JobState.FAILED)
    assert "Retry" in api(admin).get(path).json()["message"]
    assert api(admin).get(f"/api/v1/releases/{release.pk}").json()["state"] == "failed"


@pytest.mark.parametrize("below", ["", "/download/native", "/download/coco"])
def test_it_shows_a_release_only_to_those_who_may_read_it(
    api: Api,
    release: Release,
    admin: User,
    adjudicator: User,
    researcher: User,
    ann1: User,
    worker: User,
    outsider: User,
    below: str,
) -> None:
    path = f"/api/v1/releases/{release.pk}{below}"
    codes = [api(user).get(path).status_code for user in (None, outsider, ann1, worker)]
    assert codes == [401, 404, 403, 403]
    allowed = 409 if below else 200
    assert [api(user).get(path).status_code for user in (admin, adjudicator, researcher)] == [allowed] * 3
    assert api(admin).get(f"/api/v1/releases/{release.pk + 1}{below}").status_code == 404


def test_it_lets_only_admins_make_one(
    api: Api, dataset: Dataset, release: Release, researcher: User, adjudicator: User, outsider: User
) -> None:
    path = f"/api/v1/datasets/{dataset.pk}/releases"
    codes = [api(user).post(path, {}).status_code for user in (None, outsider, researcher, adjudicator)]
    assert codes == [401, 404, 403, 403]
