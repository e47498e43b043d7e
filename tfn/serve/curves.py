"""The paper's two kinds of figure, as SVG and PNG: precision over recall (T44), share of faces over error (T46)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from tfn.serve.evaluation import Evaluation

ERROR_MAX: Final = 0.3
DOTS_PER_INCH: Final = 200


@dataclass(frozen=True, slots=True)
class Line:
    """x, y: (N,) points in rising x. name: with its summary figure, for the legend."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def write_curves(results: Mapping[str, Evaluation], folder: Path) -> list[Path]:
    """precision-recall and, if any face has landmarks, error-curve, each .svg and .png; one line a result."""
    folder.mkdir(parents=True, exist_ok=True)
    recall = [precision_recall_line(name, result) for name, result in results.items()]
    errors = [
        error_line(name, result.landmark_errors) for name, result in results.items() if result.landmark_errors
    ]
    written = write_figure(figure(recall, "recall", "precision", 1.0), folder / "precision-recall")
    if errors:
        drawn = figure(errors, "mean point error / outer eye corners", "share of faces", ERROR_MAX)
        written += write_figure(drawn, folder / "error-curve")
    return written


def precision_recall_line(name: str, result: Evaluation) -> Line:
    """Precision over recall with the AP (all points) in the name."""
    precision, recall = result.detection.curve()
    value = result.detection.average_precision()
    label = f"{name} (AP {'-' if value is None else f'{value:.3f}'})"
    return Line(label, np.concatenate([[0.0], recall]), np.concatenate([[1.0], precision]))


def error_line(name: str, errors: ArrayLike) -> Line:
    """Share of faces with at most each error, up to 0.3, as steps; undetected faces never arrive."""
    values = np.sort(np.asarray(errors, dtype=np.float64))
    inside = values[values <= ERROR_MAX]
    share = np.arange(1, len(inside) + 1) / len(values)
    x = np.concatenate([[0.0], np.repeat(inside, 2), [ERROR_MAX]])
    y = np.concatenate([[0.0, 0.0], np.repeat(share, 2)]) if len(inside) else np.zeros(2)
    return Line(f"{name} (failures {1 - len(inside) / len(values):.3f})", x, y)


def figure(lines: Sequence[Line], x_title: str, y_title: str, x_max: float) -> Figure:
    """Axes from 0 to ``x_max`` and from 0 to 1, one line each, a legend."""
    drawn = Figure(figsize=(5, 3.75), layout="constrained")
    axes = drawn.subplots()
    for line in lines:
        axes.plot(line.x, line.y, label=line.name)
    axes.set(xlabel=x_title, ylabel=y_title, xlim=(0, x_max), ylim=(0, 1))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left" if x_max == 1.0 else "lower right", fontsize="small")
    return drawn


def write_figure(drawn: Figure, stem: Path) -> list[Path]:
    """``stem``.svg with its text as text, and ``stem``.png; the same figure gives the same bytes."""
    written = []
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "tfn"}):
        for kind, metadata in (("svg", {"Date": None}), ("png", {"Software": None})):
            path = stem.with_suffix(f".{kind}")
            drawn.savefig(path, dpi=DOTS_PER_INCH, metadata=metadata)
            written.append(path)
    return written
