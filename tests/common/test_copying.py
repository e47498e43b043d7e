"""Rows that go in by COPY come out as they were."""

from __future__ import annotations

import uuid

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction

from annotator.common.copying import ids_draw, rows_copy
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, Revision, RevisionKind
from annotator.images.models import Image
from annotator.work.models import PassKind, WorkItem
from jfa_pipeline.core.labels import FaceLabels
from tests.cast import ImageFactory, face_labels

pytestmark = pytest.mark.django_db

AWKWARD = "tab\t back\\slash\nnew line\r \"quote\" {brace, comma} \\N 'ö' 顔"


@pytest.fixture
def image(dataset: Dataset, image_factory: ImageFactory) -> Image:
    return image_factory(dataset)


def pair_of(image: Image, labels: FaceLabels, **more: object) -> tuple[Face, Revision]:
    ((face_id,), (revision_id,)) = ids_draw(tables=(Face, Revision), count=1)
    face = Face(pk=face_id, dataset_id=image.dataset_id, image=image)
    columns = {**Revision.columns_of(labels), **more}
    revision = Revision(pk=revision_id, face=face, kind=RevisionKind.PRELABEL, **columns)
    face.current = face.prelabel = revision
    return face, revision


def test_it_keeps_every_kind_of_value(image: Image) -> None:
    labels = face_labels(age=100 / 3)
    face, revision = pair_of(image, labels, comment=AWKWARD, flags=["a", AWKWARD[:40], "NULL", ""])
    rows_copy(rows=[face])
    rows_copy(rows=[revision])
    found = Revision.objects.select_related("face").get(pk=revision.pk)
    assert (found.comment, found.flags) == (AWKWARD, ["a", AWKWARD[:40], "NULL", ""])
    assert (found.age, tuple(found.labels.box)) == (labels.age, tuple(labels.box))
    assert (found.gender, found.author, found.batch) == ("female", None, None)
    assert found.landmarks is not None
    assert found.landmarks.dtype == np.float32
    np.testing.assert_array_equal(found.landmarks, labels.landmarks)
    np.testing.assert_array_equal(found.visibility, np.zeros(68, np.uint8))
    assert found.created_at == revision.created_at
    assert (found.face.current_id, found.face.prelabel_id, found.face.is_blind) == (found.pk, found.pk, False)
    assert Face.objects.create(dataset=image.dataset, image=image).pk > face.pk


def test_it_writes_absent_arrays_and_empty_lists(image: Image) -> None:
    face, revision = pair_of(image, FaceLabels(box=face_labels().box))
    rows_copy(rows=[face])
    rows_copy(rows=[revision])
    found = Revision.objects.get(pk=revision.pk)
    assert (found.landmarks, found.flags, found.age) == (None, [], None)


def test_it_writes_lists_of_other_types(image: Image) -> None:
    tokens = [uuid.uuid4(), uuid.uuid4()]
    ((pk,),) = ids_draw(tables=(WorkItem,), count=1)
    sweep = WorkItem(pk=pk, dataset_id=image.dataset_id, image=image, kind=PassKind.SWEEP, past_tokens=tokens)
    rows_copy(rows=[sweep])
    assert WorkItem.objects.get(pk=pk).past_tokens == tokens


def test_it_keeps_the_rules_of_the_database(image: Image) -> None:
    face, revision = pair_of(image, face_labels(), x1=500.0)
    rows_copy(rows=[face])
    with pytest.raises(IntegrityError, match="revision_box_proper"), transaction.atomic():
        rows_copy(rows=[revision])
    with (
        connection.cursor() as cursor,
        transaction.atomic(),
    ):  # the face's missing revision is not our subject
        cursor.execute("DELETE FROM faces_face WHERE id = %s", [face.pk])


def test_it_draws_ids_that_nobody_else_gets() -> None:
    first, other = ids_draw(tables=(Face, Revision), count=3), ids_draw(tables=(Face, Revision), count=3)
    for mine, theirs in zip(first, other, strict=True):
        assert mine == sorted(mine)
        assert max(mine) < min(theirs)
