"""The order "learning" is changed while people claim and save: nothing is held twice, lost or left waiting."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset, Role
from annotator.faces.models import Face, FaceState
from annotator.quality.models import FaceEconomy
from annotator.quality.services.economy import economy_count
from annotator.work.models import Acceptance, ItemState, LearningOrder, WorkItem
from annotator.work.services import ordering
from annotator.work.services.ordering import queue_order
from tests.cast import FaceFactory, ImageFactory, make_member
from tests.concurrency.conftest import at_once
from tests.concurrency.test_queue_under_load import work_to_the_end
from tests.work.test_learning_order import publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(dataset: Dataset) -> list[User]:
    return [make_member(dataset, f"person{n}", Role.ANNOTATOR) for n in range(6)]


def test_it_brings_every_face_to_the_end_while_levels_change(
    dataset: Dataset,
    people: list[User],
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ordering, "BATCH", 4)
    publish(dataset, order="learning")
    image = image_factory(dataset)
    faces = [face_factory(image, uncertainty=n / 24) for n in range(24)]

    def reorder() -> None:
        for number in range(12):
            for face in Face.objects.filter(state=FaceState.WAITING):
                Face.objects.filter(pk=face.pk).update(uncertainty=((face.pk + number) % 24) / 24)
            LearningOrder.objects.update(looked_at=timezone.now() - timedelta(hours=1), limits=[0.0, 0.0])
            queue_order(dataset=dataset)

    def count() -> None:
        for _ in range(20):
            economy_count()

    results = at_once(
        [
            *(partial(work_to_the_end, dataset, person, n) for n, person in enumerate(people)),
            *[reorder] * 2,
            *[count] * 2,
        ]
    )
    assert not [result for result in results if isinstance(result, Exception)]
    assert {face.state for face in Face.objects.all()} == {FaceState.ACCEPTED}
    assert not WorkItem.objects.filter(state=ItemState.OPEN).exists()
    while economy_count():
        pass
    assert not Acceptance.objects.exists()
    assert set(FaceEconomy.objects.values_list("face_id", flat=True)) == {face.pk for face in faces}
    assert set(FaceEconomy.objects.values_list("passes", flat=True)) == {3}
