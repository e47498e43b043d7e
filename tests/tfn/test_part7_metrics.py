"""Hand-checkable numbers of spec Part 7: metrics, splits, the 83-to-68 step, consensus."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jfa_pipeline.aggregate.age_bias import fit_age_biases
from jfa_pipeline.aggregate.dawid_skene import dawid_skene
from jfa_pipeline.core.ibug68 import FLIP, flip_landmarks
from jfa_pipeline.metrics.attributes import age_mae
from jfa_pipeline.metrics.detection import DetectionScore, average_precision
from jfa_pipeline.metrics.landmarks import ced_auc, failure_rate, mean_of_detected, nme
from jfa_pipeline.steps.landmarks83 import ibug68_from_83, resampled
from jfa_pipeline.steps.splits import JFA_SHARES, SplitItem, split_items
from tests.jfa_pipeline.facepp_answers import mirrored_83, synthetic_83

ERRORS = (0.02, 0.04, 0.06, 0.08, 0.30)


@pytest.mark.parametrize(("limit", "auc", "failed"), [(0.1, 0.4, 0.2), (0.2, 0.6, 0.2), (0.3, 0.666667, 0.0)])
def test_p7_23_area_and_failures_of_five_errors(limit: float, auc: float, failed: float) -> None:
    assert ced_auc(ERRORS, limit) == pytest.approx(auc, abs=1e-6)
    assert failure_rate(ERRORS, limit) == pytest.approx(failed)
    grid = np.linspace(0, limit, round(limit * 1e4) + 1)
    curve = [(np.array(ERRORS) <= at).mean() for at in grid]
    assert np.trapezoid(curve, grid) / limit == pytest.approx(auc, abs=1e-3)


def face_100_px() -> np.ndarray:
    points = np.random.default_rng(0).uniform(0, 100, (68, 2))
    points[36], points[45] = (0, 50), (100, 50)
    return points


def test_p7_24_mean_and_root_mean_square() -> None:
    points = face_100_px()
    assert nme(points + np.array((3, 4)), points) == pytest.approx(0.05)
    half = points.copy()
    half[:34] += (10, 0)
    assert nme(half, points) == pytest.approx(0.05)
    assert nme(half, points, rms=True) == pytest.approx(0.0707, abs=1e-4)


def test_p7_25_three_average_precisions() -> None:
    hits, scores = [True, False, True, True, False], [0.9, 0.8, 0.7, 0.6, 0.5]
    found = [
        average_precision(hits, scores, 4, interpolation=way)
        for way in ("all_point", "eleven_point", "coco_101")
    ]
    assert found == pytest.approx([0.625, 0.613636, 0.628713], abs=1e-6)


@pytest.mark.parametrize(("matching", "expected"), [("voc", 0.5), ("coco", 1.0)])
def test_p7_26_two_ways_of_matching(matching: str, expected: float) -> None:
    score = DetectionScore(matching=matching)  # type: ignore[arg-type]  # a literal from the table
    score.add([(0, 0, 100, 100), (30, 0, 130, 100)], [(2, 0, 102, 100), (12, 0, 112, 100)], [0.9, 0.8])
    assert score.average_precision() == pytest.approx(expected)


def test_p7_27_empty_cases() -> None:
    nothing, blind, flagged = DetectionScore(), DetectionScore(), DetectionScore()
    nothing.add([], [], [])
    blind.add([(0, 0, 10, 10)], [], [])
    flagged.add([(0, 0, 10, 10)], [(0, 0, 10, 10)], [0.9], ignore=[True])
    assert (nothing.average_precision(), blind.average_precision()) == (None, 0.0)
    assert (flagged.average_precision(), flagged.detections_n) == (None, 0)
    assert failure_rate([0.01, float("inf")], 0.1) == 0.5
    assert mean_of_detected([0.01, float("inf")]) == 0.01
    ages = age_mae([(30, 28), (None, 45)])
    assert (ages.value, ages.n, ages.coverage) == (2.0, 1, 0.5)


def test_p7_28_ages_and_the_sums_of_the_paper() -> None:
    assert age_mae([(30, 28), (41, 45), (22, 22)]).value == pytest.approx(2.0)
    assert pytest.approx(3.045) == (3.15 + 2.94) / 2
    assert failure_rate([1.0] * 41 + [0.0] * 559, 0.1) == pytest.approx(0.0683, abs=1e-4)
    images, faces = (239_640, 9_904, 9_904), (635_992, 25_360, 25_873)
    assert (sum(images), sum(faces)) == (259_448, 687_225)
    landmarks = np.dot(faces, (0.6262, 0.6100, 0.6065)) / sum(faces)
    attributes = np.dot(faces, (0.6537, 0.6679, 0.6609)) / sum(faces)
    assert (landmarks, attributes) == pytest.approx((0.6249, 0.6545), abs=1e-4)


def synthetic_items(count: int = 10_000, *, people: int = 0) -> list[SplitItem]:
    """Images with one to six faces, 62 % of them with landmarks and 65 % with attributes."""
    random = np.random.default_rng(1)
    items = []
    for number in range(count):
        faces = int(random.integers(1, 7))
        labels = tuple(int(random.binomial(faces, rate)) for rate in (0.62, 0.65))
        group = f"person {random.integers(people)}" if people else ""
        items.append(SplitItem(f"image {number}", (faces, *labels), group))
    return items


@pytest.mark.parametrize(("people", "tolerance"), [(0, 0.005), (700, 0.02)])
def test_p7_29_every_split_has_the_label_rates_of_the_whole(people: int, tolerance: float) -> None:
    items = synthetic_items(people=people)
    found = split_items(items, JFA_SHARES, seed=5)
    assert len(found) == len(items)
    whole = np.sum([item.counts for item in items], axis=0)
    for split, share in JFA_SHARES.items():
        own = np.sum([item.counts for item in items if found[item.key] == split], axis=0)
        assert own[1:] / own[0] == pytest.approx(whole[1:] / whole[0], abs=tolerance)
        assert sum(value == split for value in found.values()) / len(items) == pytest.approx(
            share, abs=tolerance
        )


def test_p7_29_a_person_is_in_one_split_and_the_seed_decides() -> None:
    items = synthetic_items(2_000, people=150)
    found = split_items(items, JFA_SHARES, seed=5)
    splits_of: dict[str, set[str]] = {}
    for item in items:
        splits_of.setdefault(item.group, set()).add(found[item.key])
    assert max(len(splits) for splits in splits_of.values()) == 1
    assert split_items(items[::-1], JFA_SHARES, seed=5) == found
    assert split_items(items, JFA_SHARES, seed=6) != found


def test_p7_30_the_83_points_of_a_circle() -> None:
    angles = np.linspace(0, np.pi, 19)
    contour = [np.array([-np.cos(a), np.sin(a)]) for a in angles]
    steps = np.linalg.norm(np.diff(resampled(contour, 19), axis=0), axis=1)
    assert steps == pytest.approx(np.full(18, steps[0]), abs=1e-6)
    points = synthetic_83()
    mirrored = ibug68_from_83(mirrored_83(points, width=200))
    assert mirrored == pytest.approx(flip_landmarks(ibug68_from_83(points), 200), abs=1e-4)


def test_p7_30_the_flip_is_an_involution_with_these_fixed_points() -> None:
    assert (FLIP[FLIP] == np.arange(68)).all()
    assert np.flatnonzero(np.arange(68) == FLIP).tolist() == [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]


def test_p7_31_a_person_who_always_says_the_opposite() -> None:
    truth = "010101"
    votes = [(str(i), person, said) for i, said in enumerate(truth) for person in "AB"]
    votes += [(str(i), "C", "10"[int(said)]) for i, said in enumerate(truth)]
    found = dawid_skene(votes, "01")
    assert [found.classes("01")[str(i)] for i in range(6)] == list(truth)
    assert found.errors[found.people.index("C")] == pytest.approx(np.array([[0, 1], [1, 0]]), abs=1e-6)
    assert found.errors[found.people.index("A")] == pytest.approx(np.eye(2), abs=1e-6)
    with pytest.raises(ValueError, match="Unknown classes: x"):
        dawid_skene([("1", "A", "x")], "01")


def test_p7_31_planted_age_biases_are_recovered() -> None:
    planted = {"young": -3.0, "fair": 0.0, "old": 3.0}
    recovered = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        votes = [
            (str(item), person, float(age + bias + random.normal(0, 3)))
            for item, age in enumerate(random.uniform(5, 80, 200))
            for person, bias in planted.items()
        ]
        found = fit_age_biases(votes)
        recovered += all(abs(found.bias[person] - bias) < 0.5 for person, bias in planted.items())
        assert sum(found.bias.values()) == pytest.approx(0, abs=1e-9)
    assert recovered >= 95


@given(st.lists(st.booleans(), min_size=1, max_size=20), st.integers(0, 5))
def test_p7_32_average_precision_is_a_share_and_rises_with_a_hit(hits: list[bool], missed: int) -> None:
    scores = list(range(len(hits), 0, -1))
    truth = sum(hits) + missed
    before = average_precision(hits, scores, truth)
    if truth == 0 or before is None:
        assert before is None
        return
    assert 0 <= before <= 1
    for place in range(1, len(hits)):
        if hits[place] and not hits[place - 1]:
            moved = [*hits]
            moved[place - 1], moved[place] = True, False
            after = average_precision(moved, scores, truth)
            assert after is not None
            assert after >= before - 1e-12


@given(st.lists(st.floats(0, 2), min_size=1), st.floats(0.01, 1), st.floats(0.01, 1))
def test_p7_32_the_area_never_falls_when_the_limit_rises(errors: list[float], a: float, b: float) -> None:
    low, high = sorted((a, b))
    first, second = ced_auc(errors, low), ced_auc(errors, high)
    assert first is not None
    assert second is not None
    assert second >= first - 1e-12


@given(st.floats(0.1, 10), st.floats(-100, 100))
def test_p7_32_the_error_does_not_depend_on_place_and_scale(scale: float, shift: float) -> None:
    points = face_100_px()
    moved = points + np.random.default_rng(2).normal(0, 3, points.shape)
    assert nme(moved * scale + shift, points * scale + shift) == pytest.approx(nme(moved, points), rel=1e-6)
