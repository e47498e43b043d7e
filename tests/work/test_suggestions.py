"""Suggestions of a detector in a sweep: shown, taken, dismissed, and what is kept of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotator.accounts.models import User
from annotator.datasets.models import Dataset
from annotator.faces.models import Face, FaceState, Suggestion
from annotator.faces.services import suggestions_replace
from annotator.images.models import Image
from annotator.work.models import Pass, PassKind
from jfa_pipeline.coarse import protocol
from jfa_pipeline.core.boxes import Box
from tests.cast import FaceFactory, ImageFactory
from tests.work.conftest import Desk, Desks

pytestmark = pytest.mark.django_db

HERE = (10.0, 10.0, 90.0, 110.0)
THERE = (400.0, 100.0, 460.0, 180.0)


@pytest.fixture
def image(dataset: Dataset, image_factory: ImageFactory) -> Image:
    """An image of 640 x 480 pixels with an open sweep."""
    return image_factory(dataset, sweep=True)


def suggest(image: Image, *boxes: tuple[float, ...]) -> list[Suggestion]:
    """The likeliest first."""
    doubts = [
        protocol.Suggestion(Box(*box), 0.4 - 0.01 * place, "centerface") for place, box in enumerate(boxes)
    ]
    return suggestions_replace(seen=[(image, doubts)])


def shown(desk: Desk) -> list[dict[str, Any]]:
    """What a sweep shows, given back afterwards."""
    item = desk.next(kinds=["sweep"])
    desk.post(f"/work/{item['id']}/release", {"token": item["lease"]["token"]})
    suggestions: list[dict[str, Any]] = item["sweep"]["suggestions"]
    return suggestions


def test_it_shows_suggestions_without_saying_how_likely_they_are(
    image: Image, desk: Desks, ann1: User
) -> None:
    here, there = suggest(image, HERE, THERE)
    assert shown(desk(ann1)) == [{"id": here.pk, "box": list(HERE)}, {"id": there.pk, "box": list(THERE)}]


def test_it_does_not_suggest_what_is_a_face_or_was_rejected_as_one(
    image: Image, face_factory: FaceFactory, desk: Desks, ann1: User
) -> None:
    suggest(image, HERE, THERE, (200, 200, 300, 300))
    face_factory(image, HERE)
    face_factory(image, THERE, state=FaceState.REJECTED)
    assert [one["box"] for one in shown(desk(ann1))] == [[200, 200, 300, 300]]


def test_it_makes_a_face_of_a_suggestion_that_is_taken_and_keeps_what_was_suggested(
    image: Image, desk: Desks, ann1: User
) -> None:
    here, there = suggest(image, HERE, THERE)
    item = desk(ann1).next(kinds=["sweep"])
    moved = [12, 10, 92, 110]
    status, _ = desk(ann1).sweep(
        item,
        added=[{"box": [200, 10, 280, 110]}, {"box": moved, "suggestion": here.pk}],
        dismissed=[there.pk],
    )
    assert status == 200
    drawn, taken = Face.objects.order_by("pk")
    assert drawn.current is not None
    assert taken.current is not None
    assert (taken.current.author, taken.current.labels.box) == (ann1, Box(*moved))
    assert (taken.detector, taken.current.kind) == ("person", "sweep")
    assert (drawn.current.comment, taken.current.comment) == (
        "",
        "Taken from a suggestion of centerface (0.40).",
    )
    kept = Pass.objects.get(kind=PassKind.SWEEP).answer
    assert kept["added"] == [drawn.pk, taken.pk]
    assert kept["suggestions"] == {
        "taken": [
            {"id": here.pk, "box": list(HERE), "score": 0.4, "detector": "centerface", "face": taken.pk}
        ],
        "dismissed": [{"id": there.pk, "box": list(THERE), "score": 0.39, "detector": "centerface"}],
    }


def test_it_tells_nobody_what_is_kept(image: Image, desk: Desks, ann1: User) -> None:
    (here,) = suggest(image, HERE)
    _, answer = desk(ann1).sweep(desk(ann1).next(kinds=["sweep"]), dismissed=[here.pk])
    assert "suggestions" not in answer


def test_it_takes_a_sweep_whose_suggestion_was_replaced_meanwhile(
    image: Image, desk: Desks, ann1: User
) -> None:
    (here,) = suggest(image, HERE)
    item = desk(ann1).next(kinds=["sweep"])
    suggest(image, THERE)
    status, _ = desk(ann1).sweep(
        item, added=[{"box": list(HERE), "suggestion": here.pk}], dismissed=[here.pk]
    )
    assert status == 200
    assert Face.objects.count() == 1
    assert "suggestions" not in Pass.objects.get().answer


def test_it_does_not_take_another_images_suggestion_for_this_ones(
    image: Image, image_factory: ImageFactory, desk: Desks, ann1: User
) -> None:
    (other,) = suggest(image_factory(image.dataset), HERE)
    desk(ann1).sweep(desk(ann1).next(kinds=["sweep"]), added=[{"box": list(HERE), "suggestion": other.pk}])
    assert "suggestions" not in Pass.objects.get().answer


def test_it_shows_a_second_sweep_what_the_first_one_dismissed(
    image: Image, desk: Desks, ann1: User, ann2: User
) -> None:
    here, there = suggest(image, HERE, THERE)
    assert image.dataset.policy is not None
    image.dataset.policy.data["resweep_share"] = 1.0
    image.dataset.policy.save(update_fields=["data"])
    item = desk(ann1).next(kinds=["sweep"])
    desk(ann1).sweep(item, added=[{"box": list(HERE), "suggestion": here.pk}], dismissed=[there.pk])
    second = desk(ann2).next(kinds=["sweep"])
    assert [one["id"] for one in second["sweep"]["suggestions"]] == [there.pk]


def test_it_forgets_the_suggestions_of_an_image_that_is_turned(image: Image, desk: Desks, ann1: User) -> None:
    suggest(image, HERE)
    assert desk(ann1).sweep(desk(ann1).next(kinds=["sweep"]), verdict="rotate90")[0] == 200
    assert not Suggestion.objects.exists()


def test_it_erases_suggestions_with_their_image(image: Image) -> None:
    suggest(image, HERE)
    image.delete()
    assert not Suggestion.objects.exists()


def test_it_cuts_suggestions_to_the_image_and_replaces_earlier_ones(image: Image) -> None:
    suggest(image, HERE)
    suggest(image, (600, 400, 700, 500), (700, 10, 800, 90))
    assert [one.box for one in Suggestion.objects.all()] == [Box(600, 400, 640, 480)]


def test_it_asks_for_suggestions_in_one_query_of_a_claim_of_many_sweeps(
    dataset: Dataset,
    image_factory: ImageFactory,
    desk: Desks,
    ann1: User,
) -> None:
    for _ in range(3):
        suggest(image_factory(dataset, sweep=True), HERE, THERE)
    mine = desk(ann1)
    with CaptureQueriesContext(connection) as few:
        assert len(mine.claim(2, kinds=["sweep"])) == 2
    asked = [query["sql"] for query in few.captured_queries if "faces_suggestion" in query["sql"]]
    assert len(asked) == 1
