"""A dataset's own shape model: made with a release, served to those who label."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.releases.models import DatasetShapeModel
from annotator.releases.services import shaping
from jfa_pipeline.statistics.shape_model import default_shape_model, shape_model_from_json
from tests.cast import Api, FaceFactory, ImageFactory, face_labels
from tests.releases.conftest import written_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def labelled(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Dataset:
    """Three accepted faces with all points, and a bound that three reach."""
    monkeypatch.setattr(shaping, "LEAST_FACES", 3)
    rng = np.random.default_rng(5)
    for _ in range(3):
        labels = face_labels()
        assert labels.landmarks is not None
        labels.landmarks[:] += rng.normal(0, 3, labels.landmarks.shape)
        face_factory(image_factory(dataset), labels=labels, state="accepted")
    return dataset


def test_it_is_made_with_a_release_and_read_by_those_who_label(
    labelled: Dataset, files_folder: Path, api: Api, ann1: User
) -> None:
    release = written_release(labelled)
    answer = api(ann1).get(f"/api/v1/datasets/{labelled.pk}/shape-model")
    assert answer.status_code == 200
    model = shape_model_from_json(json.loads(answer.content))
    assert (model.faces, model.source) == (3, f"accepted faces of release {release.number}")
    assert not np.allclose(model.mean, default_shape_model().mean)


def test_it_is_sent_once_as_long_as_it_is_the_same(
    labelled: Dataset, files_folder: Path, api: Api, ann1: User
) -> None:
    written_release(labelled)
    address = f"/api/v1/datasets/{labelled.pk}/shape-model"
    etag = api(ann1).get(address)["ETag"]
    again = api(ann1).get(address, HTTP_IF_NONE_MATCH=etag)
    assert (again.status_code, again.content) == (304, b"")
    assert api(ann1).get(address, HTTP_IF_NONE_MATCH='"other"').status_code == 200


def test_it_leaves_the_shipped_one_while_there_are_too_few_faces(
    labelled: Dataset, files_folder: Path, api: Api, ann1: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shaping, "LEAST_FACES", 4)
    written_release(labelled)
    assert api(ann1).get(f"/api/v1/datasets/{labelled.pk}/shape-model").status_code == 204


def test_it_comes_from_the_newest_release_and_goes_with_it(labelled: Dataset, files_folder: Path) -> None:
    first, second = written_release(labelled), written_release(labelled)
    model = DatasetShapeModel.objects.get(dataset=labelled)
    assert model.release_id == second.pk
    shaping.shape_model_store(release=first, model=default_shape_model())
    model.refresh_from_db()
    assert model.release_id == second.pk
    second.delete()
    assert not DatasetShapeModel.objects.filter(dataset=labelled).exists()
