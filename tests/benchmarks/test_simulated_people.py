"""The people of ``benchmarks.loop``: what they leave, what they correct, and what it counts as."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.http_person import HttpPerson
from benchmarks.loop_measure import edits_of, prelabel_quality
from benchmarks.loop_people import MANNERS, Edits, Labelled, SimulatedPerson, Work, corrected, matched
from benchmarks.loop_pictures import Picture, PictureSet, procedural_set, set_references
from benchmarks.loop_platform import Prelabel
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels

POINTS = np.full((68, 2), 50.0)
POINTS[36], POINTS[45] = (0.0, 50.0), (100.0, 50.0)
"""The outer eye corners are 100 pixels apart: the tolerance of a point is 8 pixels."""

TRUTH = FaceLabels(Box(0, 0, 100, 200), POINTS.astype(np.float32), age=30, gender="male", ethnicity="asian")


def test_it_leaves_what_is_within_the_tolerance_and_corrects_the_rest() -> None:
    points = POINTS.copy()
    points[0] += (7.9, 0)
    points[1] += (8.1, 0)
    shown = replace(
        TRUTH, box=Box(7, 0, 109, 215), landmarks=points.astype(np.float32), visibility=None, gender="female"
    )

    labels, edits = corrected(shown, TRUTH, with_geometry=True)

    assert edits == Edits(points=1, sides=1, attributes=1)
    assert labels.box == Box(7, 0, 100, 215)
    assert labels.landmarks is not None
    assert labels.landmarks[0].tolist() == [np.float32(57.9), 50.0]
    assert labels.landmarks[1].tolist() == [50.0, 50.0]
    assert labels.gender == "male"


def test_it_places_every_point_and_gives_every_attribute_where_nothing_is_shown() -> None:
    _, edits = corrected(FaceLabels(TRUTH.box), TRUTH, with_geometry=True)

    assert edits == Edits(points=68, sides=0, attributes=2)


def test_it_judges_attributes_only_where_nobody_knows_the_geometry() -> None:
    shown = replace(TRUTH, box=Box(0, 0, 50, 50), ethnicity="white")

    labels, edits = corrected(shown, TRUTH, with_geometry=False)

    assert edits == Edits(attributes=1)
    assert labels.box == TRUTH.box


def test_it_gives_each_face_to_the_box_that_overlaps_it_most() -> None:
    truth = [Box(0, 0, 10, 10), Box(50, 0, 60, 10)]
    shown = [Box(1, 0, 11, 10), Box(0, 0, 10, 10), Box(80, 0, 90, 10), Box(50, 0, 60, 11)]

    assert matched(truth, shown) == [-1, 0, -1, 1]


def test_it_sees_a_face_the_same_way_again_and_each_person_in_their_own() -> None:
    pictures = procedural_set(seed=3, batches=1, size=1)
    name = pictures.batches[0][0].name
    careful, hasty = (_person(pictures, manner) for manner in (0, 3))

    first, again = careful.seen(name, 0), careful.seen(name, 0)
    other = hasty.seen(name, 0)

    assert first.landmarks is not None
    assert again.landmarks is not None
    assert np.array_equal(first.landmarks, again.landmarks)
    assert other.landmarks is not None
    assert not np.array_equal(first.landmarks, other.landmarks)


def test_it_counts_a_missed_face_as_every_label_of_it() -> None:
    picture = Picture("a.png", b"", [TRUTH])
    work = Work(
        faces={7: Labelled("a.png", 0, Edits(points=68, attributes=2), 30.0)},
        sweeps={"a.png": Edits(sides=4)},
    )

    found = edits_of(work, [], [picture], with_geometry=True)

    assert (found.points, found.sides, found.attributes, found.total) == (68, 4, 3, 75)


def test_it_counts_an_age_only_if_the_pre_label_was_further_off_than_five_years() -> None:
    picture = Picture("a.png", b"", [TRUTH, TRUTH])
    work = Work(faces={1: Labelled("a.png", 0, Edits(), 30.0), 2: Labelled("a.png", 1, Edits(), 30.0)})
    shown = [Prelabel("a.png", face, 0.9, replace(TRUTH, age=age)) for face, age in ((1, 35.0), (2, 35.5))]

    assert edits_of(work, shown, [picture], with_geometry=True).total == 1


def test_it_measures_pre_labels_against_the_truth() -> None:
    picture = Picture("a.png", b"", [TRUTH, replace(TRUTH, box=Box(300, 0, 400, 200))])
    points = (POINTS + np.array((10.0, 0.0))).astype(np.float32)
    shown = [Prelabel("a.png", 1, 0.9, replace(TRUTH, landmarks=points, age=26, gender="female"))]

    quality = prelabel_quality([picture], shown)

    assert quality["faces"] == 2
    assert quality["recall"] == 0.5
    assert round(quality["nme"], 6) == 0.1
    assert (quality["age_mae"], quality["gender_error"], quality["ethnicity_error"]) == (4.0, 1.0, 0.0)


def test_it_gives_chips_without_a_coarse_face_the_middle_box() -> None:
    chips = [Picture(f"{n}.jpg", b"", [FaceLabels(Box(0, 0, 1, 1), age=20)]) for n in range(3)]
    coarse = {"0.jpg": [FaceLabels(Box(0, 0, 10, 10))], "1.jpg": [FaceLabels(Box(2, 2, 20, 20))]}

    assert set_references(chips, coarse) == 1
    assert chips[1].faces[0].box == Box(2, 2, 20, 20)
    assert chips[2].faces[0].box == Box(1, 1, 15, 15)


def _person(pictures: PictureSet, manner: int) -> SimulatedPerson:
    person = HttpPerson("http://127.0.0.1:1/", "nobody", "")
    return SimulatedPerson(person, 1, MANNERS[manner], pictures, lambda _: "", seed=manner)
