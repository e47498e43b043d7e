"""Pre-labelling keeps what a provider doubts beside what it is sure of."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, Suggestion
from annotator.images.models import Image, Split
from annotator.learning.services.prelabelling import image_prelabel
from annotator.learning.services.relabelling import image_relabel
from annotator.work.models import PassKind, WorkItem
from jfa_pipeline.coarse import protocol
from jfa_pipeline.coarse.protocol import CoarseFace, RgbImage, Sight
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from tests.cast import ImageFactory

pytestmark = pytest.mark.django_db

DOUBTFUL = Box(400, 100, 460, 180)


class Doubting:
    """Sees one face on every image and doubts another box."""

    name = "doubting"
    version = "1"

    def label(self, image: RgbImage) -> list[CoarseFace]:
        return list(self.look([image])[0].faces)

    def look(self, images: Sequence[RgbImage]) -> list[Sight]:
        face = CoarseFace(labels=FaceLabels(box=Box(100, 100, 220, 260)), score=0.9, detector="test")
        return [Sight([face], [protocol.Suggestion(DOUBTFUL, 0.4, "test")]) for _ in images]


def boxes(image: Image) -> list[Box]:
    return [one.box for one in Suggestion.objects.filter(image=image)]


def test_it_stores_what_the_provider_doubts_and_makes_no_face_of_it(
    dataset: Dataset, image_factory: ImageFactory
) -> None:
    image = image_factory(dataset, prelabelled=False)
    assert image_prelabel(image_id=image.pk, provider=Doubting()) == "labelled"
    assert boxes(image) == [DOUBTFUL]
    assert Face.objects.count() == 1


def test_it_stores_nothing_of_a_model_on_an_image_of_the_test_split(
    dataset: Dataset, image_factory: ImageFactory
) -> None:
    image = image_factory(dataset, prelabelled=False)
    Image.objects.filter(pk=image.pk).update(split=Split.TEST)
    assert image_prelabel(image_id=image.pk, provider=Doubting()) == "blind"
    assert boxes(image) == []


def test_a_newer_models_doubts_replace_the_older_ones(dataset: Dataset, image_factory: ImageFactory) -> None:
    image = image_factory(dataset, prelabelled=False)
    image_prelabel(image_id=image.pk, provider=Doubting())
    newer = [protocol.Suggestion(Box(10, 10, 60, 60), 0.3, "tfn")]
    seen = Image.objects.get(pk=image.pk)
    assert image_relabel(seen=seen, faces=[], suggestions=newer, made_by="tfn m1")
    assert boxes(image) == [Box(10, 10, 60, 60)]


def test_suggestions_stay_while_somebody_sweeps_the_image(
    dataset: Dataset, image_factory: ImageFactory, ann1: User
) -> None:
    image = image_factory(dataset, prelabelled=False)
    image_prelabel(image_id=image.pk, provider=Doubting())
    WorkItem.objects.filter(image=image, kind=PassKind.SWEEP).update(
        leased_to=ann1, lease_token=uuid.uuid4(), leased_until=timezone.now() + timedelta(minutes=9)
    )
    seen = Image.objects.get(pk=image.pk)
    assert image_relabel(seen=seen, faces=[], suggestions=[], made_by="tfn m1")
    assert boxes(image) == [DOUBTFUL]
