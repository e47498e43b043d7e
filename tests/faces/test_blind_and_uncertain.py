"""What a pre-labelled face remembers about its model: how unsure it was, and whether people see its labels."""

from __future__ import annotations

import pytest

from annotator.datasets.models import Dataset, PolicyVersion
from annotator.faces.models import Face, FaceState, Revision
from annotator.faces.services import face_relabel, faces_prelabel, faces_prelabel_many
from annotator.faces.services.prelabelling import is_drawn_blind
from annotator.images.models import Image
from jfa_pipeline.coarse.protocol import CoarseFace
from jfa_pipeline.core.policy import Policy
from tests.cast import FaceFactory, ImageFactory, face_labels

pytestmark = pytest.mark.django_db


def policy_of(dataset: Dataset, **changed: object) -> PolicyVersion:
    return PolicyVersion.objects.create(
        dataset=dataset, version=2, data={**Policy().to_json(), **changed}, comment="changed"
    )


def coarse(box: tuple[float, ...] = (100, 100, 300, 340), score: float = 0.75) -> CoarseFace:
    return CoarseFace(labels=face_labels(box), score=score, detector="tfn")


def test_it_writes_down_the_uncertainty(dataset: Dataset, image_factory: ImageFactory) -> None:
    (face,) = faces_prelabel(
        image=image_factory(dataset), faces=[coarse()], made_by="m", policy_version=policy_of(dataset)
    )
    face.refresh_from_db()
    assert face.uncertainty == pytest.approx(0.5)


def test_it_draws_the_share_of_blind_faces_that_the_policy_asks_for(
    dataset: Dataset, image_factory: ImageFactory
) -> None:
    images = [image_factory(dataset, size=(360, 360)) for _ in range(20)]
    seen = [(image, [coarse()] * 20) for image in images]
    made = faces_prelabel_many(seen=seen, made_by="m", policy_version=policy_of(dataset, blind_share=0.25))
    blind = Face.objects.filter(is_blind=True).count()
    assert len(made) == 400
    assert 70 <= blind <= 130  # 100 expected, the standard deviation is 9
    again = [is_drawn_blind(image=image, place=place, share=0.25) for image in images for place in range(20)]
    assert [face.is_blind for face in made] == again


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 50)])
def test_it_draws_none_or_all(
    dataset: Dataset, image_factory: ImageFactory, share: float, expected: int
) -> None:
    faces = [*[coarse()] * 50, coarse((10, 10, 30, 30))]
    faces_prelabel(
        image=image_factory(dataset),
        faces=faces,
        made_by="m",
        policy_version=policy_of(dataset, blind_share=share),
    )
    assert Face.objects.filter(is_blind=True).count() == expected
    assert not Face.objects.get(state=FaceState.TOO_SMALL).is_blind


def test_a_newer_model_adds_a_version_and_keeps_the_older_one(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    face = face_factory(image_factory(dataset), is_blind=True, needs_person="Check the box.")
    first = face.current
    made = face_relabel(
        face=face,
        coarse=coarse((90, 100, 300, 340)),
        made_by="tfn m1 abcdef12",
        policy_version=policy_of(dataset),
    )
    assert made is not None
    face = Face.objects.get(pk=face.pk)
    assert (face.current, face.prelabel, made.parent) == (made, made, first)
    assert (face.detector, face.needs_person, face.is_blind) == ("tfn", "", True)
    assert list(face.revisions.order_by("pk").values_list("made_by", flat=True)) == [
        "packaged 1",
        "tfn m1 abcdef12",
    ]


def test_a_newer_model_may_find_that_a_face_is_too_small(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory
) -> None:
    image: Image = image_factory(dataset)
    face = face_factory(image, box=(100, 100, 131, 131))
    policy = policy_of(dataset)
    assert face_relabel(face=face, coarse=coarse((100, 100, 129, 129)), made_by="m", policy_version=policy)
    assert Face.objects.get(pk=face.pk).state == FaceState.TOO_SMALL
    outside = coarse((900, 100, 990, 190))
    assert face_relabel(face=face, coarse=outside, made_by="m", policy_version=policy) is None
    assert Revision.objects.filter(face=face).count() == 2
