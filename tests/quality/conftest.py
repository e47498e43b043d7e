"""A person at work, for tests of what comes of it."""

from __future__ import annotations

import pytest

from annotator.datasets.models import Dataset
from annotator.faces.models import Face
from tests.cast import Api, FaceFactory, ImageFactory
from tests.quality.gold_cast import BOX, accepted_face, policy_set
from tests.work.conftest import Desk, Desks


@pytest.fixture
def desk(api: Api, dataset: Dataset) -> Desks:
    return lambda user: Desk(api(user), dataset)


@pytest.fixture
def gold_only(dataset: Dataset) -> None:
    """Each item that can be gold is: what is drawn does not hang on chance."""
    policy_set(dataset, gold_share=0.5)


@pytest.fixture
def every_draw_is_gold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A share of one half of the draws becomes all of them."""
    monkeypatch.setattr("annotator.work.services.gold_items.secrets.randbelow", lambda top: 0)


@pytest.fixture
def gold_face(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> Face:
    return accepted_face(dataset, image_factory, face_factory)


@pytest.fixture
def waiting(dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory) -> Face:
    """An ordinary face for first labels."""
    return face_factory(image_factory(dataset), BOX)
