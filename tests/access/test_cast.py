"""The cast itself: what the other tests stand on."""

from __future__ import annotations

import numpy as np
from django.core.files.storage import default_storage

from annotator.accounts.models import User
from annotator.datasets.access import role_in
from annotator.datasets.models import Dataset, Role
from annotator.work.models import WorkItem
from jfa_pipeline.core.policy import Policy
from tests.cast import FaceFactory, ImageFactory, face_labels, face_points


def test_it_gives_each_person_their_role(dataset: Dataset, admin: User, ann1: User, outsider: User) -> None:
    assert role_in(user=admin, dataset=dataset) == Role.ADMIN
    assert role_in(user=ann1, dataset=dataset) == Role.ANNOTATOR
    assert role_in(user=outsider, dataset=dataset) is None


def test_it_stores_a_real_picture(dataset: Dataset, image_factory: ImageFactory) -> None:
    image = image_factory(dataset, size=(320, 200))
    assert (image.width, image.height) == (320, 200)
    assert default_storage.open(image.file).read(2) == b"\xff\xd8"


def test_it_makes_a_face_that_waits_for_a_person(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    face = face_factory(image_factory(dataset))
    assert WorkItem.objects.get(face=face).kind == "annotate"
    assert face.current == face.prelabel
    assert Policy().violations(face_labels()) == []
    points = face_points((0, 0, 100, 100))
    assert np.isfinite(points).all()
    assert points.min() >= 0
    assert points.max() <= 100
