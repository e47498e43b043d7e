"""Tallies stay equal to the rows while people work, folds run and recounts look, each in a thread of its own."""

from __future__ import annotations

from functools import partial

import pytest
from django.utils import timezone

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.quality.selectors.tallies import tallies
from annotator.quality.services.tallying import tallies_fold, tallies_repair
from tests.cast import FaceFactory, ImageFactory
from tests.concurrency.conftest import at_once
from tests.concurrency.test_queue_under_load import work_to_the_end
from tests.quality.tally_truth import assert_true

pytestmark = pytest.mark.django_db(transaction=True)

IMAGES = 4
FACES = 3 * IMAGES
PASSES = 3 * FACES


def folding(finished: list[bool]) -> int:
    """Fold again and again; the number of changes folded."""
    folded = 0
    while not finished:
        folded += tallies_fold()
    return folded


def recounting(dataset: Dataset, finished: list[bool]) -> int:
    """Recount and read again and again: the number of counters that were ever off, and no face missing or twice."""
    off = 0
    while not finished:
        off += tallies_repair()
        assert tallies(dataset=dataset).by_value("face").total() == FACES
    return off


def test_it_is_never_off_while_people_work(
    dataset: Dataset,
    image_factory: ImageFactory,
    face_factory: FaceFactory,
    ann1: User,
    ann2: User,
    ann3: User,
    ann4: User,
) -> None:
    for _ in range(IMAGES):
        image = image_factory(dataset, swept_at=timezone.now())
        for _ in range(3):
            face_factory(image)
    finished: list[bool] = []

    def labour() -> int:
        people = (ann1, ann2, ann3, ann4)
        try:
            done = at_once([partial(work_to_the_end, dataset, user, n) for n, user in enumerate(people)])
        finally:
            finished.append(True)
        return sum(one for one in done if isinstance(one, int))

    done, folded, folded_too, off = at_once(
        [
            labour,
            partial(folding, finished),
            partial(folding, finished),
            partial(recounting, dataset, finished),
        ]
    )
    assert (done, off) == (PASSES, 0)
    assert isinstance(folded, int), folded
    assert isinstance(folded_too, int), folded_too
    assert folded + folded_too > 0
    assert_true(dataset)
    while tallies_fold():
        pass
    assert_true(dataset)
    counted = tallies(dataset=dataset)
    assert (counted.of("face", "accepted"), counted.of("image", "complete")) == (FACES, IMAGES)
