"""One face's labels from several people's: robust, with ties and strangers named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jfa_pipeline.aggregate.combining import Trust, combine
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import REGIONS
from jfa_pipeline.core.labels import HIDDEN, MISSING, FaceLabels
from jfa_pipeline.core.policy import Policy

POLICY = Policy()
PLACES = np.random.default_rng(3).uniform(0, 100, (68, 2)).astype(np.float32)
FACE = FaceLabels(box=Box(0, 0, 100, 100), landmarks=PLACES, age=30, gender="male", ethnicity="white")
WILD = FaceLabels(
    box=Box(60, 60, 200, 200), landmarks=PLACES[::-1] + 90, age=90, gender="female", ethnicity="asian"
)


def jiggled(seed: int, size: float = 1.0) -> FaceLabels:
    random = np.random.default_rng(seed)
    return replace(FACE, landmarks=PLACES + random.normal(0, size, (68, 2)), age=float(28 + seed % 5))


def distance(labels: FaceLabels) -> float:
    assert labels.landmarks is not None
    return float(np.linalg.norm(labels.landmarks - PLACES, axis=1).mean())


def test_one_persons_labels_stay_as_they_are() -> None:
    found = combine({"ann": FACE}, POLICY)
    assert found.labels.same_but_age(FACE)
    assert (found.age.mean, found.age.sd, found.age.n, found.people_n) == (30, None, 1, 1)
    assert (found.undecided, found.apart, found.doubtful) == ((), (), ())


def test_two_people_meet_in_the_middle() -> None:
    other = replace(FACE, box=Box(2, 0, 102, 100), landmarks=np.add(PLACES, (2, 0)), age=34)
    found = combine({"ann": FACE, "bob": other}, POLICY)
    assert found.labels.box == Box(1, 0, 101, 100)
    assert found.labels.landmarks is not None
    assert found.labels.landmarks == pytest.approx(np.add(PLACES, (1, 0)), abs=1e-4)
    assert (found.age.mean, found.doubtful) == (32, ())


def test_two_people_far_apart_are_both_in_doubt() -> None:
    other = replace(FACE, box=Box(30, 0, 130, 100), landmarks=np.add(PLACES, (0, 8)))
    found = combine({"ann": FACE, "bob": other}, POLICY)
    assert found.doubtful == ("box", "jaw", "brows", "nose", "eyes", "lips")
    assert found.apart == (), "nothing says which of two is right"


def test_of_three_the_wild_one_is_named_and_moves_nothing_far() -> None:
    found = combine({"ann": jiggled(1), "bob": jiggled(2), "dice": WILD}, POLICY)
    assert {each.person for each in found.apart} == {"dice"}
    assert [each.part for each in found.apart] == ["box", *REGIONS]
    assert all(each.distance > each.limit for each in found.apart)
    assert distance(found.labels) < 3
    assert found.labels.box == FACE.box
    assert (found.labels.gender, found.labels.ethnicity) == ("male", "white")
    assert found.votes["gender"].counts == {"male": 2, "female": 1}


def test_nobody_stands_apart_among_people_who_differ_a_little() -> None:
    people = {f"p{n}": jiggled(n) for n in range(5)}
    found = combine(people, POLICY)
    assert found.apart == ()
    assert distance(found.labels) < np.mean([distance(labels) for labels in people.values()])


def test_ties_go_to_a_person() -> None:
    other = replace(FACE, gender="female", flags=frozenset({"blurred"}), age=None)
    found = combine({"ann": FACE, "bob": other}, replace(POLICY, flags={"not_a_face": (), "blurred": ()}))
    assert found.undecided == ("flag:blurred", "gender")
    assert (found.labels.gender, found.labels.flags) == (None, frozenset())
    assert found.age.n == 1


def test_a_flag_that_most_people_set_removes_what_the_policy_says() -> None:
    bare = FaceLabels(box=FACE.box, flags=frozenset({"occluded"}))
    found = combine({"ann": FACE, "bob": bare, "cy": bare}, POLICY)
    assert found.labels.flags == {"occluded"}
    assert (found.labels.landmarks, found.labels.gender, found.labels.age) == (None, None, None)
    assert (found.age.n, found.undecided) == (0, ())
    assert not POLICY.violations(found.labels)


def test_landmarks_that_half_of_the_people_gave_are_kept_and_asked_about() -> None:
    bare = replace(FACE, landmarks=None, visibility=None)
    found = combine({"ann": FACE, "bob": bare}, POLICY)
    assert found.undecided == ("landmarks",)
    assert found.labels.landmarks is not None
    assert combine({"ann": FACE, "bob": bare, "cy": bare}, POLICY).labels.landmarks is None


def test_points_are_removed_and_hidden_by_majority() -> None:
    removed, hidden = np.zeros(68, np.uint8), np.zeros(68, np.uint8)
    removed[:17], hidden[:20] = MISSING, HIDDEN
    found = combine(
        {
            "ann": replace(FACE, visibility=removed),
            "bob": replace(FACE, visibility=removed),
            "cy": replace(FACE, visibility=hidden),
        },
        POLICY,
    ).labels
    assert found.landmarks is not None
    assert found.visibility is not None
    assert (found.visibility[:17] == MISSING).all()
    assert np.isnan(found.landmarks[:17]).all()
    assert (found.visibility[17:] == 0).all()


def test_a_paused_person_is_left_out_unless_nobody_else_is_there() -> None:
    people = {"ann": FACE, "dice": WILD}
    found = combine(people, POLICY, trust={"dice": Trust(weight=0.0)})
    assert found.labels.same_but_age(FACE)
    assert (found.age.mean, found.people_n) == (30, 1)
    assert combine({"dice": WILD}, POLICY, trust={"dice": Trust(weight=0.0)}).labels.same_but_age(WILD)


def test_a_known_habit_is_taken_off_along_the_faces_own_axes() -> None:
    """The face lies on its side (eyes one below the other), so that its right is the image's down."""
    points = PLACES.copy()
    points[36:42], points[42:48] = (50, 20), (50, 60)
    shifted = points.copy()
    shifted[:17] += (-3, 5)  # 5 to the face's right (down in the image), 3 to its down (left in the image)
    offsets = np.zeros((5, 2))
    offsets[0] = 0.05, 0.03
    found = combine(
        {"jaw": replace(FACE, landmarks=shifted)}, POLICY, trust={"jaw": Trust(offset_box=offsets)}
    )
    assert found.labels.landmarks == pytest.approx(points, abs=1e-4)


@settings(deadline=None)  # machines that run tests are busy
@given(st.permutations(range(4)))
def test_the_order_of_people_changes_nothing(order: list[int]) -> None:
    people = {n: WILD if n == 2 else jiggled(n) for n in range(4)}
    first, second = combine(people, POLICY), combine({n: people[n] for n in order}, POLICY)
    assert first.labels.to_json() == second.labels.to_json()
    assert (first.apart, first.undecided, first.age) == (second.apart, second.undecided, second.age)


def test_it_needs_somebody() -> None:
    with pytest.raises(ValueError, match="no labels"):
        combine({}, POLICY)
