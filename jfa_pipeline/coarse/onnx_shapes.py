"""Free the fixed input and output shapes of an ONNX file, so that one session takes images of any size.

CenterFace was exported for batches of ten 32 x 32 images, but is fully convolutional. OpenCV's DNN module
accepts other sizes, but when the size changes between calls it folds the batch norms into the weights again
and the answers turn to garbage (seen with OpenCV 4.14); onnxruntime checks the declared shape and refuses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

# Field numbers of the ONNX protobuf schema.
_GRAPH: Final = 7
_GRAPH_INITIALIZER: Final = 5
_GRAPH_INPUT: Final = 11
_GRAPH_OUTPUT: Final = 12
_VALUE_NAME: Final = 1
_VALUE_TYPE: Final = 2
_TENSOR_NAME: Final = 8
_TENSOR_TYPE: Final = 1
_TENSOR_SHAPE: Final = 2
_SHAPE_DIMENSION: Final = 1
_DIMENSION_VALUE_TAG: Final = 0x08
_DIMENSION_NAME_TAG: Final = 0x12
_LENGTH_DELIMITED: Final = 2


def with_free_shapes(model: bytes, *, channel_axis: int = 1) -> bytes:
    """The same ONNX model with every axis of its inputs and outputs unknown, but the channel axis.

    A dimension that is a one-byte number takes two bytes, and so does an empty dimension name, which means
    "unknown": the file keeps its length and nothing else changes. Weights that old exporters list among the
    inputs keep their shapes. Raises ValueError if the bytes are no ONNX model with such dimensions.
    """
    patched = bytearray(model)
    freed = 0
    for graph in fields(model, 0, len(model), _GRAPH):
        weights = {
            model[slice(*name)]
            for tensor in fields(model, *graph, _GRAPH_INITIALIZER)
            for name in fields(model, *tensor, _TENSOR_NAME)
        }
        for field in (_GRAPH_INPUT, _GRAPH_OUTPUT):
            for value in fields(model, *graph, field):
                if weights.intersection(model[slice(*name)] for name in fields(model, *value, _VALUE_NAME)):
                    continue
                for axis, (start, end) in enumerate(_dimensions(model, value)):
                    if axis != channel_axis and end - start == 2 and model[start] == _DIMENSION_VALUE_TAG:
                        patched[start:end] = bytes((_DIMENSION_NAME_TAG, 0))
                        freed += 1
    if not freed:
        raise ValueError("This is not an ONNX model with fixed input shapes.")
    return bytes(patched)


def _dimensions(model: bytes, value: tuple[int, int]) -> list[tuple[int, int]]:
    """(start, end) of each dimension in the declared shape of one graph input or output."""
    spans = [value]
    for field in (_VALUE_TYPE, _TENSOR_TYPE, _TENSOR_SHAPE, _SHAPE_DIMENSION):
        spans = [inner for span in spans for inner in fields(model, *span, field)]
    return spans


def fields(data: bytes, start: int, end: int, wanted: int) -> Iterator[tuple[int, int]]:
    """(start, end) of each length-delimited protobuf field ``wanted`` between start and end."""
    position = start
    while position < end:
        tag, position = varint(data, position)
        kind = tag & 7
        if kind == 0:
            _, position = varint(data, position)
        elif kind == 1:
            position += 8
        elif kind == 5:
            position += 4
        elif kind == _LENGTH_DELIMITED:
            length, position = varint(data, position)
            if tag >> 3 == wanted:
                yield position, position + length
            position += length
        else:
            raise ValueError("This is not an ONNX model.")


def varint(data: bytes, position: int) -> tuple[int, int]:
    """(value, position behind it) of a variable-length number. Raises ValueError at the end of the data."""
    value = shift = 0
    while True:
        if position >= len(data):
            raise ValueError("This ONNX model is cut short.")
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position += 1
        shift += 7
        if byte < 0x80:
            return value, position
