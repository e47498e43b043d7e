"""The paper's two kinds of figure as SVG: precision over recall (T44), share of faces over error (T46)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfn.serve.evaluation import Evaluation

WIDTH, HEIGHT = 480, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 28, 44
COLOURS: Final = ("#1b6ca8", "#c8553d", "#3a7d44", "#7b4b94", "#b8860b", "#444444")
TICKS: Final = 5
ERROR_MAX: Final = 0.3


@dataclass(frozen=True, slots=True)
class Line:
    """x, y: (N,) points in rising x. name: with its summary figure, for the legend."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def write_curves(results: Mapping[str, Evaluation], folder: Path) -> list[Path]:
    """precision-recall.svg and, if any face has landmarks, error-curve.svg; one line a result."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "precision-recall.svg"]
    written[0].write_text(
        chart(
            [precision_recall_line(name, result) for name, result in results.items()],
            "recall",
            "precision",
            1.0,
        ),
        encoding="utf-8",
    )
    lines = [
        error_line(name, result.landmark_errors) for name, result in results.items() if result.landmark_errors
    ]
    if lines:
        written.append(folder / "error-curve.svg")
        title = "mean point error / outer eye corners"
        written[1].write_text(chart(lines, title, "share of faces", ERROR_MAX), encoding="utf-8")
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


def chart(lines: Sequence[Line], x_title: str, y_title: str, x_max: float) -> str:
    """A standalone SVG with axes from 0 to ``x_max`` and from 0 to 1."""
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for step in range(TICKS + 1):
        x, y = LEFT + inner_width * step / TICKS, TOP + inner_height * (1 - step / TICKS)
        parts += [
            f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>',
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{x_max * step / TICKS:.2f}</text>',
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{step / TICKS:.1f}</text>',
        ]
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(
            f"{LEFT + inner_width * x / x_max:.1f},{TOP + inner_height * (1 - y):.1f}"
            for x, y in zip(line.x.tolist(), line.y.tolist(), strict=True)
        )
        height = TOP + inner_height - 10 - 14 * (len(lines) - 1 - number)
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"/>',
            f'<text x="{LEFT + 10}" y="{height}" fill="{colour}">{escape(line.name)}</text>',
        ]
    parts += [
        f'<text x="{LEFT + inner_width / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x_title)}</text>',
        f'<text x="12" y="{TOP - 10}">{escape(y_title)}</text>',
        "</svg>\n",
    ]
    return "\n".join(parts)
