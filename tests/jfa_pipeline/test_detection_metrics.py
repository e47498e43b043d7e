"""Detection figures by hand (P7-25, P7-26, P7-27), against pycocotools, and their properties (P7-32)."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from jfa_pipeline.metrics.detection import DetectionScore, Interpolation, Outcome, average_precision, match

TOY = ([True, False, True, True, False], [0.9, 0.8, 0.7, 0.6, 0.5], 4)


@pytest.mark.parametrize(
    ("interpolation", "expected"), [("all_point", 0.625), ("eleven_point", 0.613636), ("coco_101", 0.628713)]
)
def test_it_gives_the_three_average_precisions_of_the_toy(
    interpolation: Interpolation, expected: float
) -> None:
    assert average_precision(*TOY, interpolation=interpolation) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("matching", "expected"), [("voc", 0.5), ("coco", 1.0)])
def test_it_differs_between_the_two_ways_of_matching(matching: Any, expected: float) -> None:
    score = DetectionScore(matching=matching)
    score.add([(0, 0, 100, 100), (30, 0, 130, 100)], [(2, 0, 102, 100), (12, 0, 112, 100)], [0.9, 0.8])
    assert score.average_precision() == pytest.approx(expected)


def test_it_matches_only_above_one_half() -> None:
    assert match([(0, 0, 10, 10)], [(0, 0, 10, 5)], [1]).outcome.tolist() == [Outcome.FALSE_POSITIVE]
    assert match([(0, 0, 10, 10)], [(0, 0, 10, 5.1)], [1]).outcome.tolist() == [Outcome.TRUE_POSITIVE]


def test_it_counts_the_second_detection_of_a_face_as_false() -> None:
    found = match([(0, 0, 10, 10)], [(0, 0, 10, 9), (0, 0, 10, 10)], [0.5, 0.9])
    assert found.outcome.tolist() == [Outcome.FALSE_POSITIVE, Outcome.TRUE_POSITIVE]
    assert found.truth.tolist() == [-1, 0]


@pytest.mark.parametrize("matching", ["voc", "coco"])
def test_it_lets_an_ignore_region_count_neither_way(matching: Any) -> None:
    score = DetectionScore(matching=matching)
    found = score.add(
        [(0, 0, 10, 10), (50, 0, 60, 10)],
        [(0, 0, 10, 10), (50, 0, 60, 10), (50, 0, 60, 9)],
        [0.9, 0.8, 0.7],
        ignore=[False, True],
    )
    assert found.outcome.tolist() == [Outcome.TRUE_POSITIVE, Outcome.IGNORED, Outcome.IGNORED]
    assert (score.truth_n, score.detections_n, score.recall, score.precision) == (1, 1, 1, 1)


def test_it_has_answers_for_the_empty_cases() -> None:
    nothing = DetectionScore()
    nothing.add([], [], [])
    assert (nothing.recall, nothing.precision, nothing.average_precision()) == (None, None, None)
    no_detection = DetectionScore()
    no_detection.add([(0, 0, 1, 1)], [], [])
    assert (no_detection.recall, no_detection.precision, no_detection.average_precision()) == (0, None, 0)
    only_flagged = DetectionScore()
    only_flagged.add([(0, 0, 9, 9)], [(0, 0, 9, 9)], [1], ignore=[True])
    assert (only_flagged.recall, only_flagged.precision, only_flagged.average_precision()) == (
        None,
        None,
        None,
    )


def coco_ap(truth: list[Any], ignore: list[Any], found: list[Any], scores: list[Any]) -> float:
    """AP at IoU 0.5 by pycocotools over several images."""

    def xywh(box: Any) -> list[float]:
        x1, y1, x2, y2 = (float(v) for v in box)
        return [x1, y1, x2 - x1, y2 - y1]

    annotations = [
        {
            "id": 1 + sum(len(t) for t in truth[:i]) + j, "image_id": i, "category_id": 1, "bbox": xywh(box),
            "area": xywh(box)[2] * xywh(box)[3], "iscrowd": int(ignore[i][j]),
        }
        for i in range(len(truth))
        for j, box in enumerate(truth[i])
    ]  # fmt: skip
    results = [
        {"image_id": i, "category_id": 1, "bbox": xywh(box), "score": float(score)}
        for i in range(len(found))
        for box, score in zip(found[i], scores[i], strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "images": [{"id": i, "width": 500, "height": 500} for i in range(len(truth))],
            "annotations": annotations, "categories": [{"id": 1, "name": "face"}],
        }  # fmt: skip
        coco.createIndex()
        judge = COCOeval(coco, coco.loadRes(results), "bbox")
        judge.params.iouThrs = np.array([0.5])
        judge.params.areaRng, judge.params.areaRngLbl = [[0, 1e10]], ["all"]
        judge.params.maxDets = [1000]
        judge.evaluate()
        judge.accumulate()
    return float(judge.eval["precision"][0, :, 0, 0, 0].mean())


@pytest.mark.parametrize("seed", range(8))
def test_it_agrees_with_pycocotools_on_random_crowds(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth, ignore, found, scores = [], [], [], []
    score = DetectionScore(matching="coco")
    for _ in range(6):
        corners = random.uniform(0, 300, (8, 2))
        boxes = np.concatenate([corners, corners + random.uniform(30, 90, (8, 2))], axis=1)
        guesses = np.concatenate(
            [boxes + random.normal(0, 7, boxes.shape), boxes[:3] + random.normal(0, 25, (3, 4))]
        )
        guesses = guesses[(guesses[:, 2:] - guesses[:, :2] > 5).all(axis=1)]
        truth.append(boxes)
        ignore.append(random.uniform(size=8) < 0.25)
        found.append(guesses)
        scores.append(random.uniform(size=len(guesses)))
        score.add(boxes, guesses, scores[-1], ignore=ignore[-1])
    assert score.average_precision("coco_101") == pytest.approx(
        coco_ap(truth, ignore, found, scores), abs=1e-9
    )


flags = st.lists(st.booleans(), min_size=1, max_size=30)


@given(flags, st.integers(0, 10))
def test_it_stays_between_0_and_1_and_rises_when_a_hit_moves_up(hits: list[bool], missed: int) -> None:
    truth_n = sum(hits) + missed
    scores = list(range(len(hits), 0, -1))
    for interpolation in ("all_point", "eleven_point", "coco_101"):
        value = average_precision(hits, scores, truth_n, interpolation=interpolation)
        if truth_n == 0:
            assert value is None
            continue
        assert value is not None
        assert 0 <= value <= 1 + 1e-12
        for i in range(1, len(hits)):
            if hits[i] and not hits[i - 1]:
                better = [*hits[: i - 1], True, False, *hits[i + 1 :]]
                after = average_precision(better, scores, truth_n, interpolation=interpolation)
                assert after is not None
                assert after >= value - 1e-12
                break


@given(st.permutations(range(5)), st.floats(0.1, 10), st.floats(-50, 50))
def test_it_does_not_depend_on_image_order_place_or_scale(
    order: list[int], scale: float, shift: float
) -> None:
    random = np.random.default_rng(5)
    images = [(random.uniform(0, 40, (3, 2)), random.uniform(size=3)) for _ in range(5)]
    images = [(np.concatenate([c, c + 20], axis=1), s) for c, s in images]
    plain, moved = DetectionScore(), DetectionScore()
    for boxes, scores in images:
        plain.add(boxes, boxes + 3, scores)
    for i in order:
        boxes, scores = images[i]
        moved.add(boxes * scale + shift, (boxes + 3) * scale + shift, scores)
    assert plain.average_precision() == pytest.approx(moved.average_precision())
