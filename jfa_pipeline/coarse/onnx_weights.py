"""Read the weights of an ONNX file without the onnx package, which would bring two more into every environment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.coarse.onnx_shapes import fields, varint

# Field numbers of the ONNX protobuf schema.
_GRAPH: Final = 7
_GRAPH_NODE: Final = 1
_GRAPH_INITIALIZER: Final = 5
_NODE_INPUT: Final = 1
_NODE_KIND: Final = 4
_TENSOR_DIMENSION_TAG: Final = 0x08
_TENSOR_KIND_TAG: Final = 0x10
_TENSOR_NAME: Final = 8
_TENSOR_FLOATS: Final = 4
_TENSOR_RAW: Final = 9
_FLOAT: Final = 1


@dataclass(frozen=True, slots=True)
class Layer:
    """One node of the graph, in the order in which the file runs them. inputs: names, weights among them."""

    kind: str
    inputs: tuple[str, ...]


def layers(model: bytes) -> list[Layer]:
    """Every node of the graph. Raises ValueError if the bytes are no ONNX model."""
    return [
        Layer(_texts(model, node, _NODE_KIND)[0], tuple(_texts(model, node, _NODE_INPUT)))
        for graph in fields(model, 0, len(model), _GRAPH)
        for node in fields(model, *graph, _GRAPH_NODE)
    ]


def float_weights(model: bytes) -> dict[str, NDArray[np.float32]]:
    """Every stored float32 array by name; arrays of other types are left out.

    Raises ValueError if the bytes are no ONNX model, or an array is not stored inside the file as packed numbers.
    """
    found: dict[str, NDArray[np.float32]] = {}
    for graph in fields(model, 0, len(model), _GRAPH):
        for tensor in fields(model, *graph, _GRAPH_INITIALIZER):
            name = _texts(model, tensor, _TENSOR_NAME)[0]
            shape, kind = _header(model, tensor)
            if kind != _FLOAT:
                continue
            # Both fields hold the same bytes: four for each number, the lowest first.
            spans = [*fields(model, *tensor, _TENSOR_RAW), *fields(model, *tensor, _TENSOR_FLOATS)]
            raw = b"".join(model[slice(*span)] for span in spans)
            if len(raw) != 4 * math.prod(shape):
                raise ValueError(f"the array {name} is not stored as {shape} packed numbers")
            found[name] = np.frombuffer(raw, dtype="<f4").reshape(shape).astype(np.float32)
    return found


def _texts(model: bytes, span: tuple[int, int], field: int) -> list[str]:
    return [model[slice(*inner)].decode() for inner in fields(model, *span, field)]


def _header(model: bytes, tensor: tuple[int, int]) -> tuple[tuple[int, ...], int]:
    """Shape and element type: the numbers at the start of a tensor, before its name and its bytes."""
    position, end = tensor
    shape: list[int] = []
    kind = 0
    while position < end and model[position] in (_TENSOR_DIMENSION_TAG, _TENSOR_KIND_TAG):
        is_dimension = model[position] == _TENSOR_DIMENSION_TAG
        value, position = varint(model, position + 1)
        if is_dimension:
            shape.append(value)
        else:
            kind = value
    return tuple(shape), kind
