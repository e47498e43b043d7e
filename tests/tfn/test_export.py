"""The exported inference graph answers as the network does."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tfn.config import TfnConfig
from tfn.models.network import Network
from tfn.presets import fast
from tfn.serve.export import ExportDiffers, Programs, _compare, export


def narrow(config: TfnConfig) -> TfnConfig:
    if config.landmark_head == "heatmap":
        config = replace(config, heatmap_encode=(8,), heatmap_decode=(8,) * len(config.heatmap_decode))
    return replace(config, width=1 / 16, fc_width=8)


@pytest.mark.parametrize("make", [None, fast])
def test_the_exported_programs_answer_as_the_network_does(make, micro: TfnConfig, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = Network(micro if make is None else narrow(make())).eval()
    export(network, 64, 96).save(tmp_path)
    loaded = Programs(
        torch.export.load(tmp_path / "proposals.pt2"), torch.export.load(tmp_path / "tasks.pt2")
    )
    images = torch.randn(1, 3, 64, 96)
    boxes = torch.tensor([[5.0, 5, 40, 50], [30, 10, 90, 60], [0, 0, 96, 64]])
    with torch.no_grad():
        logits, _, *maps = loaded.proposals.module()(images)
        answers = loaded.tasks.module()(boxes, tuple(maps))
        own = network.stem(images)
        torch.testing.assert_close(logits, network.propose(own).logits, atol=1e-4, rtol=0)
        torch.testing.assert_close(answers[0], network.detect(own, [boxes]).logits, atol=1e-4, rtol=0)
        torch.testing.assert_close(answers[2], network.landmarks(own, [boxes]), atol=1e-4, rtol=0)
        torch.testing.assert_close(answers[3], network.attributes(own, [boxes]).age, atol=1e-4, rtol=0)


def test_a_program_that_answers_otherwise_is_refused() -> None:
    with pytest.raises(ExportDiffers, match="output 1"):
        _compare("tasks", (torch.zeros(2), torch.ones(2)), (torch.zeros(2), torch.zeros(2)))
