"""J04: Face++'s 83 points become iBUG-68 (P7-30)."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from jfa_pipeline.core.ibug68 import flip_landmarks
from jfa_pipeline.steps.landmarks83 import LandmarksIncomplete, ibug68_from_83, required_names, resampled
from tests.jfa_pipeline.facepp_answers import DATA_FOLDER, mirrored_83, synthetic_83


def test_it_spreads_the_jaw_evenly_along_a_circle_of_contour_points() -> None:
    points = synthetic_83()
    for side, sign in (("left", 1), ("right", -1)):
        for i in range(1, 10):
            angle = math.pi / 2 + sign * (10 - i) * math.pi / 20
            points[f"contour_{side}{i}"] = (100 + 80 * math.cos(angle), 100 + 80 * math.sin(angle))
    points["contour_chin"] = (100, 180)
    jaw = ibug68_from_83(points)[:17].astype(np.float64)
    assert jaw[8] == pytest.approx((100, 180))
    assert jaw[0] == pytest.approx(points["contour_left1"], abs=1e-4)
    assert jaw[16] == pytest.approx(points["contour_right1"], abs=1e-4)


def test_it_resamples_at_equal_arc_length() -> None:
    angles = np.linspace(0, math.pi / 2, 10) ** 1.5
    polyline = [np.array([math.cos(a), math.sin(a)]) for a in angles]
    found = resampled(polyline, 9)
    corners = np.stack(polyline)
    along = np.concatenate([[0], np.linalg.norm(np.diff(corners, axis=0), axis=1).cumsum()])

    def arc(point: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        for start, end, before in zip(corners[:-1], corners[1:], along[:-1], strict=True):
            share = float((point - start) @ (end - start) / ((end - start) @ (end - start)))
            if -1e-9 <= share <= 1 + 1e-9 and np.allclose(start + share * (end - start), point, atol=1e-9):
                return float(before + share * np.linalg.norm(end - start))
        raise AssertionError("the point is not on the polyline")

    steps = np.diff([arc(point) for point in found])
    assert steps == pytest.approx(np.full(8, along[-1] / 8), abs=1e-6)


def test_it_takes_eyes_brows_and_lips_over_by_name() -> None:
    points = synthetic_83()
    found = ibug68_from_83(points)
    for index, name in {
        17: "left_eyebrow_left_corner",
        19: "left_eyebrow_upper_middle",
        26: "right_eyebrow_right_corner",
        30: "nose_tip",
        33: "nose_contour_lower_middle",
        36: "left_eye_left_corner",
        41: "left_eye_lower_left_quarter",
        45: "right_eye_right_corner",
        48: "mouth_left_corner",
        51: "mouth_upper_lip_top",
        55: "mouth_lower_lip_right_contour2",
        62: "mouth_upper_lip_bottom",
        66: "mouth_lower_lip_top",
    }.items():
        assert found[index] == pytest.approx(points[name]), name


def test_it_interpolates_the_nose_and_the_inner_mouth_corners() -> None:
    points = synthetic_83()
    points.update(
        nose_contour_left1=(90, 60), nose_contour_right1=(110, 60), nose_tip=(100, 120),
        nose_left=(80, 110), nose_contour_left3=(90, 130),
        mouth_left_corner=(70, 150), mouth_upper_lip_left_contour3=(85, 148), mouth_lower_lip_left_contour1=(85, 152),
    )  # fmt: skip
    found = ibug68_from_83(points)
    assert found[27:30].tolist() == [[100, 60], [100, 80], [100, 100]]
    assert found[31].tolist() == [80, 120]
    assert found[60] == pytest.approx((74.5, 150))


def test_it_turns_a_mirrored_face_into_mirrored_landmarks() -> None:
    points = synthetic_83()
    flipped = ibug68_from_83(mirrored_83(points, width=200))
    assert flipped == pytest.approx(flip_landmarks(ibug68_from_83(points), 200), abs=1e-4)


def test_it_names_the_points_that_an_answer_lacks() -> None:
    points = synthetic_83()
    del points["nose_tip"]
    with pytest.raises(LandmarksIncomplete, match="nose_tip"):
        ibug68_from_83(points)


def test_it_reads_a_real_answer_of_the_service() -> None:
    path = DATA_FOLDER / "facepp" / "detect_83.json"
    if not path.is_file():
        pytest.skip(f"needs the research data folder: {path.parent} is absent")
    face = json.loads(path.read_text())["faces"][0]
    points = {name: (at["x"], at["y"]) for name, at in face["landmark"].items()}
    assert len(points) == 83
    assert required_names() <= set(points)
    found = ibug68_from_83(points)
    rectangle = face["face_rectangle"]
    eyes, mouth = found[36:48].mean(axis=0), found[48:68].mean(axis=0)
    assert rectangle["left"] < eyes[0] < rectangle["left"] + rectangle["width"]
    assert eyes[1] < found[30, 1] < mouth[1] < found[8, 1]
    assert (found[36, 0] < found[39, 0] < found[42, 0] < found[45, 0]).item()
