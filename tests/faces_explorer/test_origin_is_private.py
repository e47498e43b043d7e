"""Annotators see pictures and labels, and nothing that says whom a photograph shows or where it comes from."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face
from tests.cast import Api, FaceFactory, ImageFactory, face_labels
from tests.quality.test_overview import accept

SECRETS = {
    "name": "jane-doe-passport.jpg",
    "source": "interviews of spring",
    "licence": "private contract",
    "subject_key": "subject-007",
    "consent": "signed by the mother",
}


@pytest.fixture
def face(dataset: Dataset, ann1: User, image_factory: ImageFactory, face_factory: FaceFactory) -> Face:
    made = face_factory(image_factory(dataset, **SECRETS), (100, 100, 200, 200))
    accept(made, face_labels((100, 100, 200, 200)), ann1)
    return made


def test_it_shows_annotators_no_origin(api: Api, dataset: Dataset, ann1: User, face: Face) -> None:
    for address in (
        f"faces/{face.pk}",
        f"datasets/{dataset.pk}/faces",
        f"datasets/{dataset.pk}/work/mine",
    ):
        answer = api(ann1).get(f"/api/v1/{address}")
        assert answer.status_code == 200
        assert not [secret for secret in SECRETS.values() if secret in answer.content.decode()], address


def test_it_hands_out_work_without_origin(
    api: Api, dataset: Dataset, ann2: User, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    face_factory(image_factory(dataset, sweep=True, **SECRETS))
    answer = api(ann2).post(f"/api/v1/datasets/{dataset.pk}/work/claim", {"count": 2}, format="json")
    assert {item["kind"] for item in answer.json()["items"]} == {"annotate", "sweep"}
    assert not [secret for secret in SECRETS.values() if secret in answer.content.decode()]


def test_it_does_not_name_the_file_where_a_picture_is_gone(api: Api, ann1: User, face: Face) -> None:
    default_storage.delete(face.image.file)
    for address in (f"faces/{face.pk}/crop", f"images/{face.image_id}/file?side=256"):
        answer = api(ann1).get(f"/api/v1/{address}")
        assert (answer.status_code, answer.json()["code"]) == (404, "file_gone")
        assert SECRETS["name"] not in answer.content.decode()


def test_it_shows_the_origin_to_staff(api: Api, admin: User, researcher: User, face: Face) -> None:
    for user in (admin, researcher):
        shown = api(user).get(f"/api/v1/faces/{face.pk}").json()
        assert {key: shown["image"][key] for key in SECRETS} == SECRETS
        assert (shown["image_name"], shown["subject_key"]) == (SECRETS["name"], SECRETS["subject_key"])
