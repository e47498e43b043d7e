"""Wrong labels for checks: large enough to be seen, allowed by the policy, and told from labels put right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from jfa_pipeline.aggregate.agreement import compare
from jfa_pipeline.core.boxes import Box, iou
from jfa_pipeline.core.ibug68 import REGIONS
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.planting import CannotPlant, faults_left, faults_possible, plant, region_off

POLICY = Policy()
EYES_TOLERANCE = 0.03


def points() -> NDArray[np.float32]:
    """(68, 2) inside the box of ``truth``."""
    return np.stack([np.linspace(210, 290, 68), np.linspace(220, 280, 68)], axis=1).astype(np.float32)


def truth(**changes: object) -> FaceLabels:
    """A face of 100 x 100 pixels in the middle of an image of 500 x 500."""
    labels = FaceLabels(Box(200, 200, 300, 300), points(), None, 30.0, "female", "white")
    return replace(labels, **changes)  # type: ignore[arg-type]  # fields by name


def planted(*faults: str, seed: int = 1) -> FaceLabels:
    return plant(truth(), faults, POLICY, width=500, height=500, random=np.random.default_rng(seed))


def test_it_shifts_a_box_until_it_overlaps_too_little() -> None:
    """IoU 0.7 x 0.7 = 0.49: shifted by (1 - 0.49) / (1 + 0.49) = 0.342 of its side."""
    box = planted("box").box
    assert iou(box, truth().box) == pytest.approx(0.49)
    moved = sorted(abs(a - b) for a, b in zip(box, truth().box, strict=True))
    assert moved == pytest.approx([0, 0, 34.2, 34.2], abs=0.05)
    assert "box" in compare(planted("box"), truth(), POLICY).differing


def test_it_shrinks_a_box_that_has_no_room() -> None:
    full = FaceLabels(Box(0, 0, 100, 100))
    shrunk = plant(full, ["box"], POLICY, width=100, height=100, random=np.random.default_rng(0)).box
    assert (shrunk.width, shrunk.centre) == (pytest.approx(70.0), (50.0, 50.0))


@pytest.mark.parametrize("region", REGIONS)
def test_it_moves_one_region_and_nothing_else(region: str) -> None:
    for seed in range(4):
        wrong = planted(region, seed=seed)
        off = {name: region_off(wrong, truth(), name) for name in REGIONS}
        assert off.pop(region) > 2.9 * EYES_TOLERANCE
        assert set(off.values()) == {0.0}
        assert (wrong.box, wrong.gender, wrong.ethnicity) == (truth().box, "female", "white")


def test_it_moves_the_eyes_by_nine_hundredths_of_the_box_side() -> None:
    assert region_off(planted("eyes"), truth(), "eyes") == pytest.approx(3 * EYES_TOLERANCE, rel=0.02)


def test_it_keeps_moved_points_inside_the_image() -> None:
    near = truth(box=Box(0, 0, 100, 100), landmarks=points() - np.float32(205))
    for seed in range(20):
        wrong = plant(near, ["jaw"], POLICY, width=500, height=500, random=np.random.default_rng(seed))
        assert wrong.landmarks is not None
        assert wrong.landmarks.min() >= 0


def test_it_says_another_word_and_never_tells_an_age() -> None:
    wrong = planted("gender", "ethnicity")
    assert (wrong.gender, wrong.age) == ("male", None)
    assert wrong.ethnicity in ("asian", "black")


def test_it_flags_a_clear_face_and_takes_away_what_the_flag_removes() -> None:
    wrong = planted("flags")
    assert len(wrong.flags) == 1
    assert not wrong.flags & {"not_a_face"}
    assert all(violation.code == "age_missing" for violation in POLICY.violations(wrong))


@pytest.mark.parametrize("faults", [[], ["nose", "beard"], ["flags", "box"]])
def test_it_refuses_faults_that_make_no_sense_together(faults: list[str]) -> None:
    with pytest.raises(CannotPlant):
        planted(*faults)


def test_it_knows_what_a_face_without_points_and_words_allows() -> None:
    bare = FaceLabels(Box(0, 0, 100, 100), flags=frozenset({"occluded"}))
    assert "box" in faults_possible(bare, POLICY)
    assert not set(faults_possible(bare, POLICY)) & {*REGIONS, "gender", "ethnicity"}
    with pytest.raises(CannotPlant, match="jaw"):
        plant(bare, ["jaw"], POLICY, width=500, height=500, random=np.random.default_rng(0))


@pytest.mark.parametrize("fault", faults_possible(truth(), POLICY))
def test_it_tells_who_waves_a_fault_through_from_who_puts_it_right(fault: str) -> None:
    wrong = planted(fault)

    def left(given: FaceLabels) -> tuple[str, ...]:
        return faults_left(given, planted=wrong, truth=truth(), faults=[fault], policy=POLICY)

    assert left(replace(wrong, age=40.0)) == (fault,)
    assert left(truth()) == ()


def test_it_does_not_ask_for_more_than_a_careful_hand_gives() -> None:
    """Points within a tolerance of the truth are put right; the wrong box nearly where it was is not."""
    wrong = planted("eyes", "box")
    shaky = truth(landmarks=points() + np.float32(2.5), box=Box(204, 197, 303, 302))
    assert faults_left(shaky, planted=wrong, truth=truth(), faults=["eyes", "box"], policy=POLICY) == ()
    nearly = replace(wrong, box=Box(*(np.array(wrong.box) + 1)))
    left = faults_left(nearly, planted=wrong, truth=truth(), faults=["eyes", "box"], policy=POLICY)
    assert left == ("eyes", "box")


def test_it_plants_nothing_that_the_checker_does_not_see() -> None:
    blind = Policy(blind_in_checks=("landmarks", "gender"))
    assert faults_possible(truth(), blind) == ("box", "ethnicity", "flags")
    with pytest.raises(CannotPlant, match="gender"):
        plant(truth(), ["gender"], blind, width=500, height=500, random=np.random.default_rng(0))
