"""Points of which the model was unsure: told to those who look at the points, and only where a pre-label shows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, Revision
from annotator.faces.services import face_relabel, faces_prelabel
from annotator.work.models import PassKind, WorkItem
from annotator.work.selectors.items import _face_json
from jfa_pipeline.coarse.protocol import CoarseFace
from tests.cast import FaceFactory, ImageFactory, face_labels
from tests.work.conftest import Desks

pytestmark = pytest.mark.django_db

BOX = (100, 100, 300, 340)


def spread(*unsure: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    found = np.full(68, 0.003, np.float32)
    found[list(unsure)] = 0.03
    return found


def unsure_of(face: Face, *points: int) -> None:
    """As if the model had been unsure of these points; the row itself may not be changed."""
    assert face.prelabel is not None
    made = Revision.objects.create(
        face=face,
        kind=face.prelabel.kind,
        made_by="m",
        point_spread=np.rint(spread(*points) * 1000).astype(np.uint8),
        **Revision.columns_of(face.prelabel.labels),
    )
    Face.objects.filter(pk=face.pk).update(current=made, prelabel=made)


def test_it_keeps_the_spread_with_the_revision_of_the_model(
    dataset: Dataset, image_factory: ImageFactory
) -> None:
    assert dataset.policy is not None
    coarse = CoarseFace(
        labels=face_labels(BOX), score=0.8, detector="centerface", point_spread_box=spread(5, 36)
    )
    silent = CoarseFace(labels=face_labels(BOX), score=0.8, detector="facepp")
    image = image_factory(dataset)
    (face,) = faces_prelabel(image=image, faces=[coarse], made_by="m", policy_version=dataset.policy)
    face.refresh_from_db()
    assert face.prelabel is not None
    assert face.prelabel.point_spread is not None
    assert face.prelabel.point_spread[[4, 5, 36]].tolist() == [3, 30, 30]
    newer = face_relabel(face=face, coarse=silent, made_by="m2", policy_version=dataset.policy)
    assert newer is not None
    assert Revision.objects.get(pk=newer.pk).point_spread is None


def test_it_tells_the_annotator_which_points_to_look_at(face: Face, desk: Desks, ann1: User) -> None:
    unsure_of(face, 5, 36)
    assert desk(ann1).next()["face"]["uncertain"] == [5, 36]


def test_it_marks_nothing_where_the_model_said_nothing(face: Face, desk: Desks, ann1: User) -> None:
    assert desk(ann1).next()["face"]["uncertain"] == []


def test_it_betrays_nothing_of_a_hidden_pre_label(face: Face, desk: Desks, ann1: User) -> None:
    unsure_of(face, 5, 36)
    Face.objects.filter(pk=face.pk).update(is_blind=True)
    shown = desk(ann1).next()["face"]
    assert (shown["blind"], shown["uncertain"]) == (True, [])


@pytest.mark.parametrize(("kind", "told"), [(PassKind.CHECK, [5, 36]), (PassKind.ADJUDICATE, [])])
def test_it_tells_checkers_and_not_those_who_decide_between_versions(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    kind: PassKind,
    told: list[int],
) -> None:
    face = face_factory(image_factory(dataset))
    unsure_of(face, 5, 36)
    face = Face.objects.select_related("current", "prelabel").get(pk=face.pk)
    assert dataset.policy is not None
    item = WorkItem(kind=kind, face=face, dataset=dataset)
    shown = _face_json(item=item, face=face, versions=[], policy=dataset.policy.policy)
    assert shown["uncertain"] == told
