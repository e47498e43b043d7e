"""Hand-checkable numbers of spec Part 7: anchors, assignment, box and landmark coding."""

import math

import pytest
import torch
from torchvision.models.detection._utils import BoxCoder

from jfa_pipeline.core.ibug68 import FLIP
from tfn.anchors import cell_anchors, grid_anchors
from tfn.assign import BACKGROUND, FACE, IGNORED, assign_anchors
from tfn.box_coding import decode_boxes, decode_landmarks, encode_boxes, encode_landmarks
from tfn.config import RpnConfig

RPN = RpnConfig()
NONE = torch.zeros(0, 4)


def anchors_of(size: int) -> torch.Tensor:
    """All anchors of a square image: conv4_3 first, then conv5_3."""
    return torch.cat(
        [
            grid_anchors(size // stride, size // stride, stride, scales, RPN.ratios)
            for stride, scales in zip((8, 16), RPN.scales, strict=True)
        ]
    )


def positives(*boxes: tuple[float, float, float, float], config: RpnConfig = RPN) -> list[int]:
    labels, _ = assign_anchors(anchors_of(256), torch.tensor(boxes), NONE, config)
    return torch.nonzero(labels == FACE).flatten().tolist()


def test_p7_03_anchor_of_16_px_keeps_its_area_at_every_ratio() -> None:
    anchors = cell_anchors((16,), (0.5, 1.0, 2.0))
    sides = anchors[:, 2:] - anchors[:, :2]
    assert sides[0].tolist() == pytest.approx([22.6274, 11.3137], abs=1e-4)
    assert sides[2].tolist() == pytest.approx([11.3137, 22.6274], abs=1e-4)
    assert sides.prod(dim=1).tolist() == pytest.approx([256, 256, 256])


def test_p7_03_a_256_px_image_has_9216_and_2304_anchors() -> None:
    assert len(grid_anchors(32, 32, 8, RPN.scales[0], RPN.ratios)) == 9216
    assert len(grid_anchors(16, 16, 16, RPN.scales[1], RPN.ratios)) == 2304


def test_t03_a_600_by_1000_image_has_105021_anchors() -> None:
    first = grid_anchors(75, 125, 8, RPN.scales[0], RPN.ratios)
    second = grid_anchors(37, 62, 16, RPN.scales[1], RPN.ratios)
    assert len(first) + len(second) == 105_021


def test_p7_04_a_16_px_face_takes_its_three_shapes() -> None:
    assert positives((100, 100, 116, 116)) == [3861, 3862, 3863]
    assert positives((100, 100, 116, 116), config=RpnConfig(positives="threshold")) == [3862]


def test_p7_05_tied_neighbours_go_to_the_lowest_index_and_the_rest_is_ignored() -> None:
    box = (60.0, 60.0, 124.0, 124.0)
    assert positives(box) == [2986, 3265, 3274]
    assert positives(box, config=RpnConfig(positives="threshold")) == [2986, 3265, 3274, 3283, 3562]
    by_default, _ = assign_anchors(anchors_of(256), torch.tensor([box]), NONE, RPN)
    assert by_default[[3283, 3562]].tolist() == [IGNORED, IGNORED]
    literal, _ = assign_anchors(anchors_of(256), torch.tensor([box]), NONE, RpnConfig(negative_iou=None))
    assert literal[[3283, 3562]].tolist() == [BACKGROUND, BACKGROUND]


def test_p7_06_ties_up_to_float_noise_are_ties() -> None:
    assert positives((104, 104, 112, 112)) == [3861, 3862, 3863]
    assert positives((96, 96, 112, 112)) == [3564, 3566, 3573]


def test_p7_07_a_shared_anchor_goes_to_the_higher_iou_whatever_the_order() -> None:
    a, b = (60.0, 60.0, 124.0, 124.0), (62.0, 62.0, 126.0, 126.0)
    anchors = anchors_of(256)
    labels, owners = assign_anchors(anchors, torch.tensor([a, b]), NONE, RPN)
    swapped_labels, swapped_owners = assign_anchors(anchors, torch.tensor([b, a]), NONE, RPN)
    assert torch.equal(labels, swapped_labels)
    face = labels == FACE
    assert torch.equal(owners[face], 1 - swapped_owners[face])
    assert owners[3274].item() == 0
    assert 3 <= int(face.sum()) <= 6


def test_background_inside_an_ignore_region_teaches_nothing() -> None:
    anchors = anchors_of(256)
    region = torch.tensor([[160.0, 160.0, 240.0, 240.0]])
    labels, _ = assign_anchors(anchors, torch.tensor([[60.0, 60.0, 124.0, 124.0]]), region, RPN)
    centre = (anchors[:, :2] + anchors[:, 2:]) / 2
    small = (anchors[:, 2] - anchors[:, 0]) < 20
    inside = ((centre > 170) & (centre < 230)).all(dim=1) & small
    assert int(inside.sum()) > 0
    assert set(labels[inside].tolist()) == {IGNORED}


def test_p7_08_box_offsets_and_their_round_trip() -> None:
    anchor = torch.tensor([[0.0, 0, 32, 32]])
    assert encode_boxes(torch.tensor([[8.0, 4, 40, 68]]), anchor)[0].tolist() == pytest.approx(
        [0.25, 0.625, 0, math.log(2)]
    )
    generator = torch.Generator().manual_seed(0)
    boxes, anchors = (_random_boxes(1000, 200, generator) for _ in range(2))
    ours = encode_boxes(boxes, anchors)
    assert torch.allclose(ours, BoxCoder((1.0, 1.0, 1.0, 1.0)).encode_single(boxes, anchors), atol=1e-5)
    assert float((decode_boxes(ours, anchors) - boxes).abs().max()) < 1e-4


def test_p7_09_landmark_offsets_are_centre_minus_point() -> None:
    box = torch.tensor([[100.0, 50, 200, 250]])
    points = torch.tensor([[[175.0, 100], [100, 250]]])
    coded = encode_landmarks(points, box)
    assert coded[0].tolist() == [[-0.25, 0.25], [0.5, -0.5]]
    assert torch.equal(decode_landmarks(coded, box), points)


def test_p7_09_a_flip_negates_qx_and_permutes() -> None:
    generator = torch.Generator().manual_seed(1)
    points = torch.rand(1, 68, 2, generator=generator) * 100 + 50
    box = torch.tensor([[60.0, 40, 150, 160]])
    width = 300.0
    order = torch.from_numpy(FLIP)
    flipped_points = points[:, order].clone()
    flipped_points[..., 0] = width - flipped_points[..., 0]
    flipped_box = torch.tensor([[width - 150.0, 40, width - 60.0, 160]])
    expected = encode_landmarks(points, box)[:, order] * torch.tensor([-1.0, 1.0])
    assert torch.allclose(encode_landmarks(flipped_points, flipped_box), expected, atol=1e-6)


def _random_boxes(count: int, limit: float, generator: torch.Generator) -> torch.Tensor:
    corner = torch.rand(count, 2, generator=generator) * limit * 0.6
    side = torch.rand(count, 2, generator=generator) * limit * 0.3 + 4
    return torch.cat((corner, corner + side), dim=1)
