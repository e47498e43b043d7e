"""Storing what machines and imports say about faces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from annotator.accounts.models import User
from annotator.common.errors import Conflict, Invalid
from annotator.datasets.models import Dataset, PolicyVersion
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.faces.services import face_import, faces_add, faces_prelabel, revision_create
from annotator.images.models import Image
from jfa_pipeline.aggregate.age import AgeSummary
from jfa_pipeline.coarse.protocol import CoarseFace
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from tests.cast import FaceFactory, ImageFactory, face_labels, face_points

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(dataset: Dataset, image_factory: ImageFactory) -> Image:
    return image_factory(dataset)


@pytest.fixture
def policy(dataset: Dataset) -> PolicyVersion:
    assert dataset.policy is not None
    return dataset.policy


def coarse(box: tuple[float, ...] = (100, 100, 300, 340), **more: Any) -> CoarseFace:
    extra = {key: more.pop(key) for key in ("needs_person", "reason") if key in more}
    return CoarseFace(labels=face_labels(box, **more), score=0.8, detector="centerface", **extra)


def test_it_stores_each_face_with_its_prelabel_as_current(image: Image, policy: PolicyVersion) -> None:
    made = faces_prelabel(
        image=image, faces=[coarse(), coarse((10, 10, 60, 70))], made_by="packaged 1", policy_version=policy
    )
    assert [face.pk for face in made] == list(Face.objects.order_by("pk").values_list("pk", flat=True))
    face = Face.objects.select_related("current", "prelabel").get(pk=made[0].pk)
    assert face.current is not None
    assert face.current == face.prelabel
    assert (face.current.kind, face.current.made_by, face.current.author) == ("prelabel", "packaged 1", None)
    assert (face.detector, face.score, face.state) == ("centerface", 0.8, FaceState.WAITING)
    np.testing.assert_array_equal(face.current.landmarks, face_points((100, 100, 300, 340)))


@pytest.mark.parametrize(("side", "state"), [(30.0, FaceState.TOO_SMALL), (30.01, FaceState.WAITING)])
def test_it_does_not_offer_a_side_of_30_px_or_less(
    image: Image, policy: PolicyVersion, side: float, state: FaceState
) -> None:
    box = (100, 100, 100 + side, 180)
    (face,) = faces_prelabel(image=image, faces=[coarse(box)], made_by="m", policy_version=policy)
    assert face.state == state


def test_it_cuts_boxes_to_the_image_and_leaves_out_what_is_outside(
    image: Image, policy: PolicyVersion
) -> None:
    (face,) = faces_prelabel(
        image=image,
        faces=[coarse((-10, 20, 90, 120)), coarse((700, 20, 800, 120))],
        made_by="m",
        policy_version=policy,
    )
    assert face.current is not None
    assert face.current.labels.box == Box(0, 20, 90, 120)


def test_it_drops_classes_that_nobody_could_save(image: Image, policy: PolicyVersion) -> None:
    (face,) = faces_prelabel(
        image=image, faces=[coarse(gender="m", ethnicity="white")], made_by="m", policy_version=policy
    )
    assert face.current is not None
    assert (face.current.gender, face.current.ethnicity) == (None, "white")


def test_it_keeps_why_a_person_has_to_look(image: Image, policy: PolicyVersion) -> None:
    (face,) = faces_prelabel(
        image=image,
        faces=[coarse(needs_person=True, reason="The detectors overlap at 0.5.")],
        made_by="m",
        policy_version=policy,
    )
    assert face.needs_person == "The detectors overlap at 0.5."


def test_it_stores_an_image_without_faces(image: Image, policy: PolicyVersion) -> None:
    assert faces_prelabel(image=image, faces=[], made_by="m", policy_version=policy) == []


def test_it_needs_as_many_queries_for_many_faces_as_for_one(
    image: Image, policy: PolicyVersion, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(5):
        faces_prelabel(image=image, faces=[coarse() for _ in range(50)], made_by="m", policy_version=policy)


def test_it_imports_an_accepted_face_with_its_ages(image: Image, policy: PolicyVersion) -> None:
    face = face_import(
        image=image,
        labels=face_labels(),
        batch=None,
        policy_version=policy,
        state=FaceState.ACCEPTED,
        ages=AgeSummary(mean=31.5, sd=2.0, n=3),
    )
    face.refresh_from_db()
    assert (face.state, face.accepted_policy, face.prelabel) == (FaceState.ACCEPTED, policy, None)
    assert (face.age_mean, face.age_sd, face.age_n) == (31.5, 2.0, 3)
    assert face.current is not None
    assert face.current.kind == RevisionKind.IMPORT


def test_it_imports_a_waiting_face_as_a_prelabel(image: Image, policy: PolicyVersion) -> None:
    face = face_import(
        image=image, labels=face_labels(), batch=None, policy_version=policy, state=FaceState.WAITING
    )
    assert face.prelabel == face.current
    assert face.age_n == 0


def test_it_refuses_to_import_an_accepted_face_that_breaks_the_policy(
    image: Image, policy: PolicyVersion
) -> None:
    with pytest.raises(Invalid):
        face_import(
            image=image,
            labels=face_labels(flags=frozenset({"profile"})),
            batch=None,
            policy_version=policy,
            state=FaceState.ACCEPTED,
        )


def test_it_saves_a_version_on_top_of_the_current_one_only(
    image: Image, policy: PolicyVersion, face_factory: FaceFactory, ann1: User
) -> None:
    face = face_factory(image)
    first = face.current_id
    assert first is not None
    made = revision_create(
        face=face,
        labels=face_labels(),
        kind=RevisionKind.ANNOTATE,
        base_revision=first,
        author=ann1,
        policy_version=policy,
    )
    assert (made.parent_id, Face.objects.get(pk=face.pk).current_id) == (first, first)
    face.current = made
    with pytest.raises(Conflict) as caught:
        revision_create(
            face=face,
            labels=face_labels(gender="male"),
            kind=RevisionKind.CHECK,
            base_revision=first,
            author=ann1,
            policy_version=policy,
        )
    assert caught.value.details["theirs"]["revision"] == made.pk
    assert caught.value.details["yours"]["gender"] == "male"
    assert Revision.objects.count() == 2


def test_it_stores_a_drawn_box_without_other_labels(image: Image, policy: PolicyVersion, ann1: User) -> None:
    (face,) = faces_add(image=image, boxes=[Box(1, 2, 50, 60)], author=ann1, policy_version=policy)
    face.refresh_from_db()
    assert face.current is not None
    assert face.current.author == ann1
    assert face.current.labels.to_json() == FaceLabels(box=Box(1, 2, 50, 60)).to_json()
    assert face.prelabel is None
