"""Which boxes that a detector doubts are offered to the person who sweeps an image."""

from __future__ import annotations

import numpy as np

from jfa_pipeline.coarse.packaged import PackagedProvider
from jfa_pipeline.coarse.protocol import Suggesting, Suggestion
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.steps.suggest import MOST_SUGGESTED, suggestions_beside
from tests.jfa_pipeline.pictures import astronaut

FACE = Box(100, 100, 200, 200)


def maybe(*edges: float, score: float = 0.4) -> Suggestion:
    return Suggestion(Box(*edges), score, "centerface")


def test_it_suggests_what_lies_beside_the_faces_the_likeliest_first() -> None:
    weak, better = maybe(300, 100, 340, 140, score=0.25), maybe(500, 100, 540, 140, score=0.45)
    assert suggestions_beside([FACE], [weak, better]) == [better, weak]


def test_it_does_not_suggest_a_face_that_is_found() -> None:
    # 100 wide, shifted by 33: overlap 67 of 133, IoU 0.504; by 34: 66 of 134, IoU 0.493
    assert suggestions_beside([FACE], [maybe(133, 100, 233, 200)]) == []
    assert len(suggestions_beside([FACE], [maybe(134, 100, 234, 200)])) == 1


def test_it_suggests_a_place_once() -> None:
    # 100 wide, shifted by 50: overlap 50 of 150, IoU 0.33; by 60: 40 of 160, IoU 0.25
    best = maybe(300, 100, 400, 200, score=0.5)
    near, beside = maybe(350, 100, 450, 200), maybe(360, 100, 460, 200)
    assert suggestions_beside([], [near, best]) == [best]
    assert suggestions_beside([], [beside, best]) == [best, beside]


def test_it_stops_where_drawing_is_quicker() -> None:
    many = [maybe(50 * i, 0, 50 * i + 40, 40) for i in range(MOST_SUGGESTED + 5)]
    assert len(suggestions_beside([], many)) == MOST_SUGGESTED


def test_the_packaged_provider_sees_the_same_faces_with_and_without_doubts() -> None:
    provider = PackagedProvider()
    assert isinstance(provider, Suggesting)
    # a second head, blurred until the detector is not sure of it any more
    image = astronaut()
    sight = provider.look([image])[0]
    labelled = provider.label(image)
    assert [face.score for face in sight.faces] == [face.score for face in labelled]
    np.testing.assert_array_equal(
        [list(face.labels.box) for face in sight.faces], [list(face.labels.box) for face in labelled]
    )
    for one in sight.suggestions:
        assert 0 <= one.score <= 0.5
        assert one.box.is_proper()
