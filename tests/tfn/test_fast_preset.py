"""The fast preset: it is a member of the family, every part of it learns, and it predicts."""

from dataclasses import replace

import pytest
import torch

from tfn.config import FusionConfig, TfnConfig
from tfn.data.batches import collate, prepare
from tfn.data.pictures import ProceduralPictures
from tfn.data.procedural import Scene
from tfn.model_file import config_from_json, config_to_json
from tfn.models.network import Network
from tfn.presets import fast
from tfn.sampling import seeded
from tfn.train.criterion import Criterion
from tfn.train.stages import STAGES, enter_stage, part_of

SMALL = Scene(side=192, face=(30, 50), faces=(1, 2))
LARGE = Scene(side=256, face=(150, 170), faces=(1, 1))
"""Together they have faces for the anchors of both levels."""


@pytest.fixture
def small() -> TfnConfig:
    return replace(fast(), short_side=192, long_side=192)


def test_every_parameter_of_every_part_gets_a_gradient_in_the_joint_stage(small: TfnConfig) -> None:
    torch.manual_seed(0)
    network = Network(small)
    enter_stage(network, STAGES["S1"])
    pictures = [ProceduralPictures(1, 1, scene).picture(0) for scene in (SMALL, LARGE)]
    batch = collate([prepare(picture, small) for picture in pictures])
    criterion = Criterion(small, STAGES["S1"])
    losses = criterion(network, batch.images, batch.sizes, batch.targets, seeded(0))
    assert set(losses) == {
        "rpn_class",
        "rpn_box",
        "detection_class",
        "detection_box",
        "landmarks",
        "age",
        "gender",
        "ethnicity",
    }
    torch.stack([value.float() for value in losses.values()]).sum().backward()
    silent = [
        name
        for name, parameter in network.named_parameters()
        if parameter.requires_grad and (parameter.grad is None or not bool(parameter.grad.abs().sum() > 0))
    ]
    assert silent == []
    assert {part_of(name) for name, _ in network.named_parameters()} == {
        "stem",
        "rpn",
        "detection",
        "landmarks",
        "attributes",
    }


def test_it_predicts_points_and_classes_for_every_final_box(small: TfnConfig) -> None:
    torch.manual_seed(0)
    network = Network(small).eval()
    with torch.inference_mode():
        faces = network(torch.randn(1, 3, 96, 96), [(96, 96)])[0]
    count = len(faces.boxes)
    assert count > 0
    assert faces.landmarks.shape == (count, 68, 56, 56)
    assert [logits.shape[1] for logits in faces.attributes] == [101, 2, 3]


def test_its_configuration_survives_the_model_file() -> None:
    assert config_from_json(config_to_json(fast())) == fast()


def test_stack_1_is_refused_because_the_small_stem_has_no_such_map() -> None:
    with pytest.raises(ValueError, match="no map at stride 1"):
        replace(fast(), attributes=FusionConfig(stacks=(1, 5)))
