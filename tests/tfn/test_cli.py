"""The command line: a stage on a release, going on from a model, evaluation, prediction, refusals."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torchvision.models import vgg16

from jfa_pipeline.aggregate.age import summarise_ages
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.formats.native import write_native
from jfa_pipeline.formats.records import ACCEPTED, ReleaseFace, ReleaseImage
from tfn import cli
from tfn.config import tfn
from tfn.data.pictures import ProceduralPictures
from tfn.data.procedural import ETHNICITIES, GENDERS
from tfn.model_file import load_model
from tfn.models.stem import WeightsMissing
from tfn.presets import tiny
from tfn.start import new_network


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Four drawn pictures as the platform releases them."""
    drawn = ProceduralPictures(4, 1)
    entries = []
    for number in range(len(drawn)):
        pixels, targets, _ = drawn.picture(number)
        file = tmp_path / "picture.png"
        cv2.imwrite(str(file), pixels[..., ::-1])
        faces = [
            ReleaseFace(
                10 * number + row,
                number,
                ACCEPTED,
                FaceLabels(
                    Box(*targets.boxes[row].tolist()),
                    targets.landmarks[row].numpy(),
                    gender=GENDERS[int(targets.gender[row])],
                    ethnicity=ETHNICITIES[int(targets.ethnicity[row])],
                ),
                age=summarise_ages([float(targets.age[row])]),
            )
            for row in range(len(targets))
        ]
        split = "train" if number < 3 else "test"
        image = ReleaseImage(number, f"{number}.png", pixels.shape[1], pixels.shape[0], "png", split=split)
        entries.append((image, file.read_bytes(), faces))
    folder = tmp_path / "release"
    write_native(folder, entries, policy=Policy(genders=GENDERS, ethnicities=ETHNICITIES))
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, object]:
    assert cli.main([str(argument) for argument in arguments]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_it_trains_stage_after_stage_and_evaluates(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = (
        "train",
        "--release",
        release,
        "--split",
        "train",
        "--preset",
        "tiny",
        "--steps",
        2,
        "--batch",
        2,
    )
    first, second = tmp_path / "1.pt", tmp_path / "2.pt"
    report = run(capsys, *train, "--stage", "S1", "--out", first, "--calibrate", "test")
    assert (report["stage"], report["steps"]) == ("S1", 2)
    run(capsys, *train, "--stage", "S4", "--model", first, "--out", second)
    assert load_model(second).stages == ("S1", "S4")
    figures = run(capsys, "evaluate", "--release", release, "--split", "test", "--model", second)
    assert figures["faces_n"] == ProceduralPictures(4, 1).picture(3).targets.boxes.shape[0]
    picture = next(release.rglob("*.png"))
    line = run(capsys, "predict", "--model", second, "--score", 0.0, picture)
    assert line["faces"]


def test_it_runs_the_jfa_experiment_on_a_release(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jfa = ("reproduce", "jfa", "--folder", release, "--start", "random", "--member", "tiny", "--steps", 1)
    found = run(capsys, *jfa, "--out", tmp_path / "out")
    ours = found["ours"]
    assert isinstance(ours, dict)
    assert set(ours) == {"after_S1", "after_S4"}
    assert load_model(tmp_path / "out" / "after-S4.pt").stages == ("S1", "S2", "S3", "S4")


def test_a_row_of_the_fusion_study_fuses_the_studied_task_only() -> None:
    config = cli._fusion("landmarks:345")
    assert (config.landmarks.stacks, config.detection.stacks) == ((3, 4, 5), (5,))
    with pytest.raises(ValueError, match="landmarks:678"):
        cli._fusion("landmarks:678")


def test_it_says_in_a_sentence_what_it_cannot_do(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = ["evaluate", "--release", str(tmp_path), "--model", str(tmp_path / "none.pt")]
    assert cli.main(absent) == 1
    assert "none.pt" in capsys.readouterr().err
    train = ["train", "--stage", "S1", "--release", str(release), "--out", str(tmp_path / "x.pt")]
    assert cli.main([*train, "--preset", "tiny", "--start", "centerface"]) == 1
    assert "backbone mobile" in capsys.readouterr().err


def test_imagenet_weights_reach_the_stem(tmp_path: Path) -> None:
    torch.manual_seed(1)
    with torch.device("meta"):
        shapes = {name: value.shape for name, value in vgg16().features.state_dict().items()}
    state = {f"features.{name}": torch.randn(shape) * 0.01 for name, shape in shapes.items()}
    state |= {"classifier.0.weight": torch.ones(8, 25088), "classifier.0.bias": torch.ones(8)}
    state |= {"classifier.3.weight": torch.ones(8, 8), "classifier.3.bias": torch.ones(8)}
    torch.save(state, tmp_path / "vgg.pth")
    network = new_network(replace(tfn(), fc_width=8), f"imagenet:{tmp_path / 'vgg.pth'}")
    first = network.stem.stacks[0][0]
    assert isinstance(first, torch.nn.Conv2d)
    assert torch.equal(first.weight, state["features.0.weight"])
    assert torch.equal(network.get_parameter("fc.landmarks.fc6.weight"), torch.ones(8, 25088))
    maps = network.stem(torch.zeros(1, 3, 32, 32))
    assert [tuple(maps[stack].shape[1:]) for stack in (3, 5)] == [(256, 8, 8), (512, 2, 2)]
    assert np.isfinite(maps[5].detach().numpy()).all()
    torch.save({"features.0.weight": torch.zeros(1)}, tmp_path / "other.pth")
    (tmp_path / "torn.pth").write_bytes((tmp_path / "other.pth").read_bytes()[:100])
    for name, words in (("other", "not those of"), ("torn", "torn.pth gave none")):
        with pytest.raises(WeightsMissing, match=words):
            new_network(replace(tfn(), fc_width=8), f"imagenet:{tmp_path / name}.pth")
    with pytest.raises(WeightsMissing, match=r"none\.pth"):
        new_network(replace(tfn(), fc_width=8), f"imagenet:{tmp_path / 'none.pth'}")
    with pytest.raises(WeightsMissing, match="width 1"):
        new_network(tiny(), f"imagenet:{tmp_path / 'vgg.pth'}")
