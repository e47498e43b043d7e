"""Suggestions on a gold sweep: they neither betray the missed face nor are they absent."""

from __future__ import annotations

import pytest

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Suggestion
from annotator.faces.services import suggestions_replace
from annotator.images.models import Image
from annotator.quality.selectors.gold_answers import answers_to_gold
from annotator.work.models import Pass, PassKind
from jfa_pipeline.coarse import protocol
from jfa_pipeline.core.boxes import Box
from tests.cast import FaceFactory, ImageFactory
from tests.quality.gold_cast import BOX, accepted_face, both, make_gold, policy_set
from tests.work.conftest import Desks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("every_draw_is_gold")]

ELSEWHERE = (400.0, 100.0, 460.0, 180.0)


@pytest.fixture
def gold_image(
    dataset: Dataset, image_factory: ImageFactory, face_factory: FaceFactory, admin: User
) -> Image:
    """The image of a gold sweep, beside an ordinary one to sweep."""
    image_factory(dataset, sweep=True)
    missed = accepted_face(dataset, image_factory, face_factory)
    make_gold(missed, PassKind.SWEEP, admin)
    image: Image = missed.image
    return image


def suggest(image: Image, *boxes: tuple[float, ...]) -> list[Suggestion]:
    doubts = [protocol.Suggestion(Box(*box), 0.4, "centerface") for box in boxes]
    return suggestions_replace(seen=[(image, doubts)])


@pytest.mark.parametrize(
    "box",
    [
        BOX,
        (200, 100, 400, 340),  # shifted by half its width: IoU 1/3
        (230, 100, 300, 160),  # inside it, IoU 0.09, its own centre in the face
        (20, 30, 500, 480),  # around it
    ],
)
def test_it_leaves_out_what_would_betray_the_missed_face(
    dataset: Dataset, gold_image: Image, desk: Desks, ann1: User, box: tuple[float, ...]
) -> None:
    elsewhere, _ = suggest(gold_image, ELSEWHERE, box)
    _, gold = both(desk(ann1), dataset, "sweep")
    assert gold["sweep"]["suggestions"] == [{"id": elsewhere.pk, "box": list(ELSEWHERE)}]


def test_it_shows_what_people_dismissed_before_as_a_first_sweep_would(
    dataset: Dataset, gold_image: Image, desk: Desks, ann1: User, ann2: User
) -> None:
    (elsewhere,) = suggest(gold_image, ELSEWHERE)
    for person in (ann2, ann1):
        policy_set(dataset, gold_share=0.0)
        _, gold = both(desk(person), dataset, "sweep")
        assert gold["sweep"]["suggestions"] == [{"id": elsewhere.pk, "box": list(ELSEWHERE)}]
        assert desk(person).sweep(gold, dismissed=[elsewhere.pk])[0] == 200


def test_it_judges_by_what_was_drawn_and_keeps_what_was_dismissed(
    dataset: Dataset, gold_image: Image, desk: Desks, ann1: User
) -> None:
    (elsewhere,) = suggest(gold_image, ELSEWHERE)
    _, item = both(desk(ann1), dataset, "sweep")
    status, answer = desk(ann1).sweep(
        item, added=[{"box": list(BOX), "suggestion": None}], dismissed=[elsewhere.pk]
    )
    assert (status, answer["message"]) == (200, "Saved: 1 added, 0 rejected.")
    assert dataset.policy is not None
    (made,) = answers_to_gold(dataset=dataset, policy=dataset.policy.policy)
    assert made.found is True
    kept = Pass.objects.get(is_gold=True).answer
    assert [one["id"] for one in kept["suggestions"]["dismissed"]] == [elsewhere.pk]
    assert Suggestion.objects.filter(pk=elsewhere.pk).exists()
