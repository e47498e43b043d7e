"""What moves in which stage (P7-19) and how large the family's members are (P7-22)."""

from dataclasses import replace

import pytest
import torch

from tfn.config import baseline, tfn
from tfn.models.network import Network
from tfn.presets import tiny
from tfn.sampling import seeded
from tfn.targets import Targets
from tfn.train.criterion import Criterion
from tfn.train.stages import STAGES, StageName, StageNotForFramework, enter_stage, part_of

SIZE = 128


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    return Network(tiny())


@pytest.fixture
def batch() -> tuple[torch.Tensor, list[tuple[int, int]], list[Targets]]:
    """One picture with every label on both faces."""
    generator = torch.Generator().manual_seed(3)
    boxes = torch.tensor([[20.0, 20, 60, 64], [70, 60, 110, 110]])
    targets = Targets.of_boxes(boxes)
    corner, side = boxes[:, None, :2], (boxes[:, 2:] - boxes[:, :2])[:, None]
    targets = replace(
        targets,
        landmarks=corner + side * torch.rand(2, 68, 2, generator=generator),
        has_point=torch.ones(2, 68, dtype=torch.bool),
        age=torch.tensor([30.0, 51.0]),
        gender=torch.tensor([0, 1]),
        ethnicity=torch.tensor([2, 0]),
    )
    return torch.randn(1, 3, SIZE, SIZE, generator=generator), [(SIZE, SIZE)], [targets]


def step(
    network: Network, stage: StageName, batch: tuple[torch.Tensor, list[tuple[int, int]], list[Targets]]
) -> None:
    """One optimiser step of a stage, S3 and S4 on true boxes pooled from the frozen stem."""
    images, sizes, targets = batch
    moving = enter_stage(network, STAGES[stage])
    optimiser = torch.optim.SGD(moving, lr=0.1, momentum=0.9, weight_decay=5e-4)
    criterion = Criterion(network.config, STAGES[stage])
    if STAGES[stage].is_frozen_detector:
        with torch.no_grad():
            maps = network.stem(images)
            samples = criterion.face_samples([torch.zeros(0, 4)], targets)
            task = STAGES[stage].losses[0]
            pooled = network.pool(task, maps, samples.boxes)
        terms = criterion.landmark_terms if task == "landmarks" else criterion.attribute_terms
        losses = terms(network, pooled, samples, targets)
    else:
        losses = criterion(network, images, sizes, targets, seeded("test"))
        assert criterion.counts["face_anchors"] > 0
        assert criterion.counts["face_rois"] > 0
    total = torch.stack(list(losses.values())).sum()
    total.backward()
    optimiser.step()


@pytest.mark.parametrize("stage", ["S1", "S2", "S3", "S4"])
def test_p7_19_exactly_the_parts_of_the_freeze_table_move(network: Network, batch, stage: StageName) -> None:
    before = {name: value.clone() for name, value in network.state_dict().items()}
    step(network, stage, batch)
    changed = {
        part_of(name) for name, value in network.state_dict().items() if not torch.equal(value, before[name])
    }
    assert changed == set(STAGES[stage].trains)


def test_p7_19_after_s2_the_other_nets_keep_their_weights_but_answer_differently(
    network: Network, batch
) -> None:
    images = batch[0]
    boxes = [batch[2][0].boxes]
    network.eval()
    with torch.no_grad():
        before = network.landmarks(network.stem(images), boxes)
    step(network, "S2", batch)
    network.eval()
    with torch.no_grad():
        after = network.landmarks(network.stem(images), boxes)
    assert not torch.equal(before, after)


def test_p7_19_after_s3_detection_and_attributes_are_bit_identical(network: Network, batch) -> None:
    images, _, targets = batch
    boxes = [targets[0].boxes]

    def answers() -> tuple[torch.Tensor, ...]:
        network.eval()
        with torch.no_grad():
            maps = network.stem(images)
            return (
                *network.detect(maps, boxes),
                *network.attributes(maps, boxes),
                network.landmarks(maps, boxes),
            )

    *kept_before, landmarks_before = answers()
    step(network, "S3", batch)
    *kept_after, landmarks_after = answers()
    assert all(torch.equal(a, b) for a, b in zip(kept_before, kept_after, strict=True))
    assert not torch.equal(landmarks_before, landmarks_after)


def test_srmm_with_five_branches_keeps_attributes_apart() -> None:
    three = replace(baseline("srmm"), width=1 / 16, fc_width=8)
    network, plain = Network(replace(three, srmm_branches=5)), Network(three)
    own = sum(p.numel() for p in network.fc["attributes"].parameters())
    assert own == 3 * sum(p.numel() for p in plain.fc["attributes"].parameters())
    answers = network.attributes_from(torch.rand(2, 32, 7, 7))
    answers.gender.sum().backward()
    moved = {
        name.split(".")[1] for name, p in network.fc["attributes"].named_parameters() if p.grad is not None
    }
    touched = {
        n for n, p in network.fc["attributes"].named_parameters() if p.grad is not None and p.grad.any()
    }
    assert moved == {"0", "1", "2"}
    assert {name.split(".")[1] for name in touched} == {"1"}
    with pytest.raises(ValueError, match="belong to srmm"):
        replace(tfn(), srmm_branches=5)


def test_it_refuses_a_single_task_stage_where_tasks_share_layers() -> None:
    network = Network(replace(baseline("trmm"), width=1 / 16, fc_width=8))
    with pytest.raises(StageNotForFramework, match="S1 only"):
        enter_stage(network, STAGES["S3"])


@pytest.mark.parametrize(("fc_width", "parameters"), [(4096, 378_596_004), (1024, 99_418_788)])
def test_p7_22_parameter_counts(fc_width: int, parameters: int) -> None:
    with torch.device("meta"):
        network = Network(replace(tfn(), fc_width=fc_width))
    assert sum(p.numel() for p in network.stem.parameters()) == 14_714_688
    assert sum(p.numel() for p in network.parameters()) == parameters
    scales = sum(p.numel() for name, p in network.named_parameters() if name.endswith(".scale"))
    assert scales == 3_584
