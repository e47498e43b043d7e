"""Hand-checkable numbers of spec Part 7: overlaps, pooling, suppression, normalisation, schedules, properties."""

import math

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torchvision.ops import nms, roi_align, roi_pool

from tfn.assign import BACKGROUND, FACE, assign_rois, iou, match_faces
from tfn.box_coding import decode_boxes, encode_boxes
from tfn.config import FusionConfig, SampleConfig
from tfn.models.fused_block import FusedBlock, L2Normalise
from tfn.sampling import jittered, seeded
from tfn.train.schedule import PAPER_DETECTION, PAPER_JOINT, PAPER_TASK, Schedule

FACE_BOX = torch.tensor([[0.0, 0, 10, 10]])
NONE = torch.zeros(0, 4)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((5, 0, 15, 10), 1 / 3),
        ((0, 0, 10, 5), 0.5),
        ((2, 2, 8, 8), 0.36),
        ((0, 0, 10, 7), 0.7),
        ((0, 0, 10, 7.1), 0.71),
        ((20, 20, 30, 30), 0),
    ],
)
def test_p7_01_intersection_over_union(box: tuple[float, ...], expected: float) -> None:
    assert float(iou(FACE_BOX, torch.tensor([box]))) == pytest.approx(expected, abs=1e-7)


def test_p7_01_thresholds_are_strict() -> None:
    at_half = torch.tensor([[0.0, 0, 10, 5], [0, 0, 10, 5.1]])
    assert assign_rois(at_half, FACE_BOX, NONE, 0.5)[0].tolist() == [BACKGROUND, FACE]
    at_070 = torch.tensor([[0.0, 0, 10, 7], [0, 0, 10, 7.1]])
    assert match_faces(at_070, FACE_BOX, 0.7)[0].tolist() == [1]


def test_p7_02_shifts_around_the_threshold() -> None:
    face = torch.tensor([[0.0, 0, 100, 100]])

    def shifted(dx: float, dy: float) -> float:
        return float(iou(face, face + torch.tensor([dx, dy, dx, dy])))

    assert shifted(17, 0) == pytest.approx(83 / 117)
    assert shifted(18, 0) == pytest.approx(82 / 118)
    assert shifted(10, 10) == pytest.approx(0.81 / 1.19)
    assert shifted(10, 0) == pytest.approx(0.9 / 1.1)


def test_p7_02_a_jitter_never_falls_below_the_threshold() -> None:
    face = torch.tensor([50.0, 60, 150, 180])
    config = SampleConfig(jitters=200)
    drawn = jittered(face, face, config, seeded("jitter"))
    overlaps = iou(drawn, face[None])
    assert 150 < len(drawn) <= 200
    assert float(overlaps.min()) > 0.7
    shift = ((drawn[:, :2] + drawn[:, 2:]) / 2 - torch.tensor([100.0, 120])) / torch.tensor([100.0, 120])
    assert float(shift.abs().max()) <= 0.1 + 1e-6


def test_p7_10_pooling_by_hand() -> None:
    grid = torch.arange(64.0).view(1, 1, 8, 8)

    def pooled(box: tuple[float, ...], scale: float) -> list[float]:
        return roi_pool(grid, [torch.tensor([box]).float()], (2, 2), scale).flatten().tolist()

    assert pooled((0, 0, 3, 3), 1.0) == [9, 11, 25, 27]
    assert pooled((0, 0, 56, 56), 1 / 8) == [27, 31, 59, 63]
    aligned = roi_align(grid, [torch.tensor([[0.0, 0, 4, 4]])], (2, 2), 1.0, 2, aligned=True)
    assert aligned.flatten().tolist() == pytest.approx([4.5, 6.5, 20.5, 22.5])


@pytest.mark.parametrize("threshold", [0.7, 0.79])
def test_p7_11_suppression(threshold: float) -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 8], [20, 20, 30, 30]])
    scores = torch.tensor([0.9, 0.8, 0.7])
    assert nms(boxes, scores, threshold).tolist() == [0, 2]
    assert nms(boxes, scores, 0.81).tolist() == [0, 1, 2]


def test_p7_12_l2_normalisation() -> None:
    layer = L2Normalise(2, 20.0, learnable=True)
    vector = torch.tensor([3.0, 4.0]).view(1, 2, 1, 1)
    assert layer(vector).flatten().tolist() == pytest.approx([12, 16])
    zero = torch.zeros(1, 2, 1, 1, requires_grad=True)
    out = layer(zero)
    out.sum().backward()
    assert out.abs().sum() == 0
    assert zero.grad is not None
    assert torch.isfinite(zero.grad).all()


def test_p7_12_a_stack_a_thousand_times_as_loud_changes_nothing() -> None:
    torch.manual_seed(0)
    channels, strides = {3: 8, 4: 16, 5: 16}, {3: 4, 4: 8, 5: 16}
    block = FusedBlock(FusionConfig(channels=12), channels, strides, "pool")
    maps = {
        stack: torch.randn(1, channels[stack], 64 // strides[stack], 64 // strides[stack])
        for stack in channels
    }
    boxes = [torch.tensor([[5.0, 5, 50, 60]])]
    quiet = block(maps, boxes)
    loud = block({**maps, 3: maps[3] * 1000}, boxes)
    assert quiet.shape == (1, 12, 7, 7)
    torch.testing.assert_close(loud, quiet, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("schedule", "step", "rate"),
    [
        (PAPER_DETECTION, 0, 1e-3),
        (PAPER_DETECTION, 49_999, 1e-3),
        (PAPER_DETECTION, 50_000, 1e-4),
        (PAPER_DETECTION, 100_000, 1e-5),
        (PAPER_TASK, 0, 1e-2),
        (PAPER_JOINT, 0, 1e-4),
        (PAPER_JOINT, 100_000, 1e-5),
        (PAPER_JOINT, 200_000, 1e-6),
    ],
)
def test_p7_21_rates_of_the_paper(schedule: Schedule, step: int, rate: float) -> None:
    assert schedule.rate_at(step) == pytest.approx(rate, rel=1e-9)


def test_p7_21_lengths_of_the_paper() -> None:
    assert (PAPER_DETECTION.steps, PAPER_TASK.steps, PAPER_JOINT.steps) == (150_000, 150_000, 300_000)


def test_p7_21_a_cosine_warms_up_and_ends_at_zero() -> None:
    schedule = Schedule(rate=1.0, steps=100, warm_up=10)
    assert schedule.rate_at(0) == pytest.approx(0.1)
    assert schedule.rate_at(50) == pytest.approx(0.5)
    assert schedule.rate_at(99) == pytest.approx(0.5 * (1 + math.cos(math.pi * 0.99)))


side = st.floats(1, 200)
box = st.builds(
    lambda x, y, w, h: (x, y, x + w, y + h), st.floats(-200, 200), st.floats(-200, 200), side, side
)


@given(box, box)
def test_p7_32_overlap_is_symmetric_and_a_share(a: tuple[float, ...], b: tuple[float, ...]) -> None:
    one, other = torch.tensor([a], dtype=torch.float64), torch.tensor([b], dtype=torch.float64)
    assert float(iou(one, other)) == float(iou(other, one))
    assert 0 <= float(iou(one, other)) <= 1 + 1e-12


@given(box, box)
def test_p7_32_decoding_undoes_encoding(a: tuple[float, ...], b: tuple[float, ...]) -> None:
    boxes, anchors = torch.tensor([a], dtype=torch.float64), torch.tensor([b], dtype=torch.float64)
    growth = (boxes[0, 2:] - boxes[0, :2]) / (anchors[0, 2:] - anchors[0, :2])
    assume(float(growth.max()) < 1000 / 16)
    decoded = decode_boxes(encode_boxes(boxes, anchors), anchors)
    assert decoded.flatten().tolist() == pytest.approx(boxes.flatten().tolist(), abs=1e-6)
