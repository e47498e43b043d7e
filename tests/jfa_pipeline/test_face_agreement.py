"""Agreement in the terms of faces: overall, by pair of people, by group."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import POINTS, REGIONS
from jfa_pipeline.core.labels import MISSING, FaceLabels
from jfa_pipeline.metrics.agreement import Agreements, Labelling, Tolerances, region_tolerances

PLACES = np.random.default_rng(3).uniform(0, 100, (68, 2)).astype(np.float32)
FACE = FaceLabels(box=Box(0, 0, 100, 100), landmarks=PLACES, age=30, gender="male", ethnicity="white")


def moved(region: str, by: tuple[float, float]) -> FaceLabels:
    points = PLACES.copy()
    points[list(REGIONS[region])] += by
    return replace(FACE, landmarks=points)


def two(first: FaceLabels, second: FaceLabels) -> Agreements:
    return Agreements([Labelling(1, "ann", first), Labelling(1, "bob", second)], flags=("blurred",))


def test_it_measures_each_region_in_box_sides() -> None:
    found = two(FACE, moved("lips", (3, 4))).overall()
    assert found.nme_box["lips"].value == pytest.approx(0.05, abs=1e-6)
    assert found.nme_box["jaw"].value == 0
    assert found.nme_box["all"].value == pytest.approx(0.05 * 20 / 68, abs=1e-6)


@pytest.mark.parametrize(
    ("region", "is_within"), [("jaw", 1), ("brows", 1), ("nose", 0), ("eyes", 0), ("lips", 0)]
)
def test_it_has_a_tolerance_of_its_own_for_each_region(region: str, is_within: float) -> None:
    found = two(FACE, moved(region, (3, 4))).overall()
    assert found.region_within[region].value == is_within


def test_the_tolerances_of_the_regions_come_to_the_policys() -> None:
    limits = region_tolerances(0.08)
    assert sum(limits[name] * len(points) for name, points in REGIONS.items()) / POINTS == pytest.approx(0.08)
    assert limits["eyes"] < limits["jaw"]


def test_it_reports_boxes_and_ages() -> None:
    found = two(FACE, replace(FACE, box=Box(17, 0, 117, 100), age=36)).by_pair()["ann", "bob"]
    assert found.box_iou.value == pytest.approx(83 / 117)
    assert found.box_within.value == 1
    assert found.age_shift_years is not None
    assert (found.age_difference_years.value, found.age_shift_years.value) == (6, 6)
    assert found.age_sd_years == pytest.approx(18**0.5)
    assert found.age_within.value == 1


def test_it_leaves_removed_points_out_and_counts_them() -> None:
    states = np.zeros(68, np.uint8)
    states[:17] = MISSING
    found = two(FACE, replace(FACE, visibility=states)).overall()
    assert found.nme_box["jaw"].value is None
    assert found.placed_alike.value == pytest.approx(51 / 68)
    bare = two(FACE, replace(FACE, landmarks=None, visibility=None)).overall()
    assert (bare.nme_box["all"].n, bare.placed_alike.n, bare.region_within["jaw"].n) == (0, 0, 0)


def crowd(faces: int = 40, wrong: float = 0.0) -> list[Labelling]:
    random = np.random.default_rng(1)
    found = []
    for face in range(faces):
        true = str(random.choice(["female", "male"]))
        for person in ("ann", "bob", "cy"):
            word = (
                str(random.choice(["female", "male"])) if person == "cy" and random.random() < wrong else true
            )
            labels = replace(
                FACE, gender=word, age=30.0 + face, flags=frozenset({"blurred"} if face % 5 == 0 else ())
            )
            found.append(Labelling(face, person, labels))
    return found


def test_it_is_perfect_where_everybody_says_the_same() -> None:
    found = Agreements(crowd(), flags=("blurred",)).overall()
    assert (found.faces_n, found.pairs_n) == (40, 120)
    assert found.box_iou.value == 1
    assert {name: each.value for name, each in found.alpha.items()} == {
        "age": 1,
        "gender": 1,
        "ethnicity": None,
        "flag:blurred": 1,
    }


def test_it_tells_the_pair_that_agrees_from_those_that_do_not() -> None:
    found = Agreements(crowd(wrong=1.0)).by_pair()
    assert list(found) == [("ann", "bob"), ("ann", "cy"), ("bob", "cy")]
    assert found["ann", "bob"].kappa["gender"].value == 1
    assert abs(found["ann", "cy"].kappa["gender"].value or 0) < 0.5
    assert found["ann", "cy"].faces_n == 40


def test_it_reports_groups_apart() -> None:
    labellings = crowd()
    labellings += [
        Labelling(100 + n, who, moved("jaw", (0, 5 if who == "bob" else 0)))
        for n in range(3)
        for who in ("ann", "bob")
    ]
    groups = dict.fromkeys(range(20), "young") | {100 + n: "old" for n in range(3)}
    found = Agreements(labellings).by_group(groups)
    assert list(found) == ["old", "young"]
    assert (found["young"].faces_n, found["old"].faces_n) == (20, 3)
    assert found["young"].nme_box["jaw"].value == 0
    assert found["old"].nme_box["jaw"].value == pytest.approx(0.05, abs=1e-6)


def test_it_takes_a_persons_last_word_and_ignores_lonely_faces() -> None:
    found = Agreements(
        [
            Labelling(1, "ann", replace(FACE, gender="female")),
            Labelling(1, "bob", FACE),
            Labelling(1, "ann", FACE),
            Labelling(2, "ann", FACE),
        ],
        tolerances=Tolerances(box_iou_min=0.9),
    ).overall()
    assert (found.faces_n, found.pairs_n) == (1, 1)
    assert found.region_within["eyes"].value == 1


def test_it_reports_nothing_of_nothing() -> None:
    found = Agreements([Labelling(1, "ann", FACE)]).overall()
    assert (found.faces_n, found.pairs_n, found.box_iou.n, found.age_sd_years) == (0, 0, 0, None)
    assert Agreements([]).by_pair() == {}
    assert Agreements([]).by_group({}) == {}


@settings(deadline=None)  # machines that run tests are busy
@given(st.floats(0.2, 5), st.floats(-200, 200), st.permutations(range(6)))
def test_it_does_not_depend_on_scale_place_or_order(scale: float, shift: float, order: list[int]) -> None:
    def there(labels: FaceLabels) -> FaceLabels:
        assert labels.landmarks is not None
        return replace(
            labels,
            box=Box(*(edge * scale + shift for edge in labels.box)),
            landmarks=labels.landmarks.astype(np.float64) * scale + shift,
        )

    labels = [FACE, moved("lips", (3, 1)), moved("jaw", (-2, 5))] * 2
    plain = [Labelling(n // 3, n % 3, each) for n, each in enumerate(labels)]
    other = [replace(plain[n], labels=there(plain[n].labels)) for n in order]
    first, second = Agreements(plain).overall(), Agreements(other).overall()
    for name, found in first.nme_box.items():
        assert second.nme_box[name].value == pytest.approx(found.value, abs=1e-4)
    assert second.box_iou.value == pytest.approx(1)
