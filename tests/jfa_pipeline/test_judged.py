"""What became of each labelled face: found or missed, errors, groups, ignore regions, capped values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jfa_pipeline.aggregate.age import AgeSummary, summarise_ages
from jfa_pipeline.coarse.protocol import CoarseFace
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import Landmarks
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.formats.records import ACCEPTED, IGNORE, ReleaseFace, ReleaseImage
from jfa_pipeline.metrics.judged import AGE_CAP_YEARS, NME_CAP, Judged, groups_of, image_outcome

IMAGE = ReleaseImage(image_id=7, file_name="a.jpg", width=400, height=300, extension="jpg", swept=True)
POLICY = Policy()


def points(x: float = 0.0) -> Landmarks:
    """68 points in a row; the outer eye corners (36 and 45) lie 100 px apart."""
    found = np.zeros((68, 2), np.float32)
    found[:, 0] = np.linspace(0, 100, 68)
    found[36], found[45] = (0, 0), (100, 0)
    return found + np.float32(x)


def true_face(face_id: int, box: tuple[float, ...], **changes: Any) -> ReleaseFace:
    labels = FaceLabels(box=Box(*box), landmarks=points(), gender="female", ethnicity="black")
    return replace(
        ReleaseFace(face_id, 7, ACCEPTED, labels, age=summarise_ages([30.0, 34.0])),
        **changes,
    )


def said(box: tuple[float, ...], score: float = 0.9, **labels: Any) -> CoarseFace:
    return CoarseFace(labels=FaceLabels(box=Box(*box), **labels), score=score, detector="test")


def test_it_measures_a_face_that_was_found() -> None:
    answer = said((0, 0, 100, 90), landmarks=points(3.0), age=40.0, gender="female", ethnicity="white")
    row = image_outcome(IMAGE, [true_face(1, (0, 0, 100, 100))], [answer], POLICY).faces[0]
    assert (row["found"], row["iou"]) == (True, pytest.approx(0.9))
    assert row["nme"] == pytest.approx(np.hypot(3, 3) / 100)
    assert (row["age_error"], row["gender_ok"], row["ethnicity_ok"]) == (8.0, True, False)
    assert row["has"] == ["landmarks", "age", "gender", "ethnicity"]


def test_it_counts_a_missed_face_as_wrong_in_every_task() -> None:
    outcome = image_outcome(IMAGE, [true_face(1, (0, 0, 100, 100))], [said((200, 0, 300, 100))], POLICY)
    row = outcome.faces[0]
    assert (row["found"], row["nme"], row["age_error"], row["gender_ok"]) == (False, None, None, None)
    judged = Judged.of_rows([{"image": 7, "subject": ""}], outcome.faces, outcome.detections)
    assert {task: float(values[0]) for task, values in judged.values.items()} == {
        "detection": 0.0,
        "landmarks": NME_CAP,
        "age": AGE_CAP_YEARS,
        "gender": 0.0,
        "ethnicity": 0.0,
    }
    assert judged.hits.tolist() == [False]


def test_it_needs_more_than_half_an_overlap() -> None:
    face = [true_face(1, (0, 0, 100, 100))]
    assert not image_outcome(IMAGE, face, [said((0, 0, 100, 50))], POLICY).faces[0]["found"]
    assert image_outcome(IMAGE, face, [said((0, 0, 100, 51))], POLICY).faces[0]["found"]


def test_it_lets_detections_on_ignore_regions_count_neither_way() -> None:
    region = ReleaseFace(2, 7, IGNORE, FaceLabels(box=Box(200, 100, 300, 200)))
    found = [said((200, 100, 300, 200)), said((0, 0, 100, 100))]
    outcome = image_outcome(IMAGE, [region, true_face(1, (0, 0, 100, 100))], found, POLICY)
    assert [row["face_id"] for row in outcome.faces] == [1]
    assert outcome.detections == [{"image": 7, "score": 0.9, "hit": True}]


def test_it_calls_no_detection_false_where_nobody_has_looked_for_all_faces() -> None:
    found = [said((200, 0, 300, 100))]
    assert image_outcome(IMAGE, [], found, POLICY).detections == [{"image": 7, "score": 0.9, "hit": False}]
    assert image_outcome(replace(IMAGE, swept=False), [], found, POLICY).detections == []


def test_it_judges_only_what_is_labelled() -> None:
    bare = true_face(1, (0, 0, 100, 100), age=AgeSummary(mean=None, sd=None, n=0))
    bare = replace(bare, labels=FaceLabels(box=bare.labels.box, gender="unsure"))
    answer = said((0, 0, 100, 100), landmarks=points(), age=40.0, gender="female")
    outcome = image_outcome(IMAGE, [bare], [answer], POLICY)
    assert outcome.faces[0]["has"] == []
    judged = Judged.of_rows([{"image": 7, "subject": ""}], outcome.faces, outcome.detections)
    assert [task for task, values in judged.values.items() if np.isfinite(values[0])] == ["detection"]


def test_it_puts_a_face_into_the_groups_of_its_true_labels() -> None:
    face = true_face(1, (0, 0, 80, 49.9), age=summarise_ages([12.9]))
    assert groups_of(face, POLICY) == {
        "age_band": "0-12",
        "gender": "female",
        "ethnicity": "black",
        "face_size": "small",
    }
    old = true_face(1, (0, 0, 150, 150), age=summarise_ages([65.0]))
    assert (groups_of(old, POLICY)["age_band"], groups_of(old, POLICY)["face_size"]) == ("65+", "large")


def test_it_takes_the_photographs_of_one_subject_for_one_cluster() -> None:
    rows = image_outcome(IMAGE, [true_face(1, (0, 0, 100, 100))], [], POLICY).faces
    images = [
        {"image": 5, "subject": "anna"},
        {"image": 6, "subject": ""},
        {"image": 7, "subject": "anna"},
    ]
    judged = Judged.of_rows(images, rows, [])
    assert (judged.clusters, judged.face_clusters.tolist()) == (2, [0])
