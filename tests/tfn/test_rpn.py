"""One logit an anchor instead of two (T03)."""

from dataclasses import replace
from pathlib import Path

import torch
from torch.nn import functional

from tfn.config import TfnConfig
from tfn.data.pictures import ProceduralPictures
from tfn.models.network import Network
from tfn.models.rpn import LevelRpn
from tfn.train.loop import Options, Trainer
from tfn.train.schedule import Schedule


def test_t03_one_logit_gives_the_sigmoid_and_its_cross_entropy() -> None:
    torch.manual_seed(0)
    level = LevelRpn(4, 6, anchors=9, logits=1)
    features = torch.randn(2, 4, 3, 5)
    logits, deltas = level(features)
    assert logits.shape == (2, 3 * 5 * 9, 2)
    assert deltas.shape == (2, 3 * 5 * 9, 4)
    single = level.logits(torch.relu(level.conv(features))).permute(0, 2, 3, 1).flatten(1)
    torch.testing.assert_close(logits.softmax(dim=2)[..., 1], single.sigmoid())
    face = torch.randint(2, single.shape)
    torch.testing.assert_close(
        functional.cross_entropy(logits.flatten(0, 1), face.flatten()),
        functional.binary_cross_entropy_with_logits(single, face.float()),
    )


def test_a_network_of_single_logits_has_nine_weights_a_channel_less_and_trains(
    micro: TfnConfig, pictures: ProceduralPictures, tmp_path: Path
) -> None:
    single = replace(micro, rpn=replace(micro.rpn, objectness="sigmoid"))
    two, one = (sum(p.numel() for p in Network(config).rpn.parameters()) for config in (micro, single))
    assert two - one == 2 * 9 * (micro.rpn.channels + 1)
    trainer = Trainer(
        Network(single), "S1", Schedule(rate=1e-3, steps=2, batch=2), pictures, Options(tmp_path, seed=1)
    )
    trainer.run()
    assert trainer.done == 2
    assert all(torch.isfinite(torch.tensor(value)) for value in trainer.last.values())
