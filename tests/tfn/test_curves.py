"""Figures: the lines go where the numbers say."""

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
from PIL import Image

from tfn.serve.curves import error_line, precision_recall_line, write_curves
from tfn.serve.evaluation import Evaluation

SVG = "{http://www.w3.org/2000/svg}"


def toy() -> Evaluation:
    """P7-25's toy as one picture, and P7-23's five errors."""
    result = Evaluation(("f", "m"), ("a",))
    truth = [(100.0 * i, 0, 100.0 * i + 10, 10) for i in range(4)]
    found = [truth[0], (0, 50, 9, 59), truth[1], truth[2], (0, 80, 9, 89)]
    result.detection.add(truth, found, [0.9, 0.8, 0.7, 0.6, 0.5])
    result.landmark_errors = [0.02, 0.04, 0.06, 0.08, 0.9]
    return result


def test_precision_over_recall() -> None:
    line = precision_recall_line("toy", toy())
    assert line.name == "toy (AP 0.625)"
    assert line.x.tolist() == [0, 0.25, 0.25, 0.5, 0.75, 0.75]
    np.testing.assert_allclose(line.y, [1, 1, 1 / 2, 2 / 3, 3 / 4, 3 / 5])


def test_the_error_curve_steps_up_at_each_error_and_misses_failures() -> None:
    line = error_line("toy", toy().landmark_errors)
    assert line.name == "toy (failures 0.200)"
    assert np.interp([0.01, 0.05, 0.3], line.x, line.y).round(6).tolist() == [0.0, 0.4, 0.8]


def test_both_figures_are_drawn_as_svg_and_png(tmp_path: Path) -> None:
    written = write_curves({"a <b>": toy(), "second": toy()}, tmp_path)
    names = ["precision-recall.svg", "precision-recall.png", "error-curve.svg", "error-curve.png"]
    assert [path.name for path in written] == names
    for vector, pixels in (written[:2], written[2:]):
        legend = [text.text or "" for text in ET.parse(vector).getroot().iter(f"{SVG}text")]
        assert sum(text.startswith(("a <b> (", "second (")) for text in legend) == 2
        with Image.open(pixels) as image:
            assert image.size == (1000, 750)
    blind = Evaluation((), ())
    blind.detection.add([(0, 0, 1, 1)], [], [])
    assert len(write_curves({"blind": blind}, tmp_path / "blind")) == 2


def test_the_same_figure_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write_curves({"toy": toy()}, tmp_path / name) for name in ("first", "second"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
