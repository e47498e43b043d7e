"""Hand-checkable numbers of spec Part 7: losses and soft labels (P7-13 to P7-17)."""

import math

import pytest
import torch

from tfn.config import LossConfig
from tfn.losses import (
    AgeTarget,
    age_class,
    age_distribution,
    attribute_losses,
    heatmap_loss,
    landmark_loss,
    smooth_l1,
    wing,
)
from tfn.models.task_nets import Attributes
from tfn.targets import MISSING_CLASS

MEAN = LossConfig()
NAN = float("nan")


def uniform(faces: int = 1) -> Attributes:
    return Attributes(*(torch.zeros(faces, n, requires_grad=True) for n in (101, 2, 3)))


def attributes(logits: Attributes, age: float, gender: int, ethnicity: int) -> dict[str, torch.Tensor]:
    target = AgeTarget(torch.tensor([age]), torch.tensor([NAN]))
    return attribute_losses(logits, target, torch.tensor([gender]), torch.tensor([ethnicity]), MEAN)


def test_p7_13_smooth_l1() -> None:
    assert smooth_l1(torch.tensor([0, 0.5, 1, 2])).tolist() == pytest.approx([0, 0.125, 0.5, 1.5])
    offsets = torch.full((3, 68, 2), 0.1)
    loss = landmark_loss(offsets, torch.zeros(3, 68, 2), torch.ones(3, 68, dtype=torch.bool), MEAN)
    assert float(loss) == pytest.approx(0.68, abs=1e-6)


def test_p7_14_uniform_logits() -> None:
    terms = attributes(uniform(), 30.0, 0, 1)
    assert {k: float(v) for k, v in terms.items()} == pytest.approx(
        {"age": 4.61512, "gender": 0.693147, "ethnicity": 1.098612}, abs=1e-5
    )
    assert float(sum(terms.values())) == pytest.approx(6.40688, abs=1e-5)
    assert float(sum(attributes(uniform(), NAN, 0, 1).values())) == pytest.approx(1.791759, abs=1e-5)


def test_p7_14_missing_labels_give_exactly_zero_gradient() -> None:
    logits = uniform()
    total = sum(attributes(logits, NAN, MISSING_CLASS, MISSING_CLASS).values())
    assert isinstance(total, torch.Tensor)
    assert float(total) == 0.0
    total.backward()
    for value in logits:
        assert value.grad is not None
        assert not value.grad.any()


def test_p7_14_points_without_a_label_give_exactly_zero_gradient() -> None:
    offsets = torch.full((2, 68, 2), 0.3, requires_grad=True)
    known = torch.ones(2, 68, dtype=torch.bool)
    known[1] = False
    known[0, 5] = False
    landmark_loss(offsets, torch.zeros(2, 68, 2), known, MEAN).backward()
    assert offsets.grad is not None
    assert not offsets.grad[1].any()
    assert not offsets.grad[0, 5].any()
    assert offsets.grad[0, 6].all()


def test_p7_15_age_classes_round_half_up() -> None:
    assert age_class(torch.tensor([31.0, 29.5, 100.7, 0.2])).tolist() == [31, 30, 100, 0]


def test_p7_16_soft_labels_and_wing() -> None:
    soft = age_distribution(torch.tensor([30.0]), torch.tensor([2.0]))[0]
    assert float(soft[30]) == pytest.approx(0.1995, abs=1e-4)
    assert float(soft[29]) == pytest.approx(0.1760, abs=1e-4)
    assert wing(torch.tensor([0.0, 1, 2, 10, 20])).tolist() == pytest.approx(
        [0, 4.0547, 6.9315, 17.9176, 27.9176], abs=1e-4
    )


@pytest.mark.parametrize(("reading", "maps", "expected"), [("spatial", 68, 9.4370), ("channels", 69, 4.2341)])
def test_p7_17_uniform_heatmaps(reading: str, maps: int, expected: float) -> None:
    config = LossConfig(heatmap="spatial" if reading == "spatial" else "channels")
    cells = torch.zeros(1, 68, 2, dtype=torch.long)
    loss = heatmap_loss(torch.zeros(1, maps, 112, 112), cells, torch.ones(1, 68, dtype=torch.bool), config)
    assert float(loss) == pytest.approx(expected, abs=1e-4)
    assert expected == pytest.approx(math.log(112 * 112 if reading == "spatial" else 69), abs=1e-4)
