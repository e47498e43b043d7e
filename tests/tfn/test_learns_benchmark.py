"""The benchmark that the network learns: its keys, its check of the freeze table, going on after a stop."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from benchmarks import tfn_learns
from tfn.models.network import Network
from tfn.presets import tiny
from tfn.train.loop import Trainer
from tfn.train.schedule import TINY


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    for stage, schedule in TINY.items():
        monkeypatch.setitem(tfn_learns.TINY, stage, replace(schedule, steps=3, batch=4))
    for name in ("JOINT_PICTURES", "FACE_PICTURES", "CALIBRATION_PICTURES", "HELD_OUT_PICTURES"):
        monkeypatch.setattr(tfn_learns, name, 4)


def test_it_prints_the_figures_as_one_json_object_and_goes_on_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["--folder", str(tmp_path), "--threads", "1"]
    assert tfn_learns.main(arguments) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[-1])
    keys = {"ap50", "nme_interocular", "gender_acc", "ethnicity_acc", "age_mae", "seconds"}
    assert keys <= set(first)

    def refuse(self: Trainer) -> None:
        raise AssertionError("a finished stage was run again")

    monkeypatch.setattr(Trainer, "run", refuse)
    assert tfn_learns.main(arguments) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {key: again[key] for key in keys - {"seconds"}} == {key: first[key] for key in keys - {"seconds"}}


def test_a_stage_that_moves_something_else_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    network = Network(tiny())
    honest = Trainer.run

    def nudging(self: Trainer) -> None:
        honest(self)
        with torch.no_grad():
            self.network.rpn.levels[0].conv.bias.add_(1)

    monkeypatch.setattr(Trainer, "run", nudging)
    with pytest.raises(tfn_learns.FreezeTableBroken, match=r"S4: rpn\.levels\.0\.conv\.bias moved"):
        tfn_learns.run_stage(network, "S4", tmp_path)
