"""The moves that Python and the browser must answer alike; ``python -m tests.jfa_pipeline.shape_golden`` writes them.

The file holds inputs and the Python side's answers, image pixels rounded to a millionth. test_shape_golden.py and
frontend/src/model/shapeMoves.test.ts both compare with it.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.statistics.head_shapes import head_shapes
from jfa_pipeline.statistics.shape_model import STARTS, default_shape_model
from jfa_pipeline.statistics.shape_moves import fit_three, mirror_side, refit_part, settle, slide_jaw

GOLDEN: Final = Path(__file__).parents[2] / "frontend" / "src" / "model" / "fixtures" / "shapeMoves.json"


def golden() -> dict[str, Any]:
    """Everything in the file, made anew."""
    model = default_shape_model()
    random = np.random.default_rng(11)
    heads = head_shapes(4, 11) * 1.7 + (412.5, 300.25)
    base = [np.round(head, 3) for head in heads]
    gone = base[1].copy()
    gone[[3, 40, 66]] = np.nan
    settled = []
    for start in STARTS:
        for face, pinned in (
            (base[0], (30,)),
            (base[0], (8, 36, 45, 51)),
            (gone, (0, 3, 27, 57)),
            (base[2], range(68)),
        ):
            where = {index: _pin(face, index, random) for index in pinned}
            settled.append(
                {
                    "start": start,
                    "base": _plain(face),
                    "pins": [[index, *place] for index, place in where.items()],
                    "points": _plain(settle(model, face, where, start=start)),
                }
            )
    clicks = [((100.0, 120.0), (180.0, 110.0), (150.0, 210.0)), ((50.5, 60.0), (50.5, 90.0), (20.0, 75.0))]
    slides = [(5, 7.5, ()), (8, -12.0, (3, 10)), (0, 9.0, (2,)), (12, 500.0, ())]
    boxes = [("left_eye", 0.0), ("lips", 0.2), ("nose", -0.35)]
    return {
        "settle": settled,
        "three": [{"clicks": three, "points": _plain(fit_three(model, *three))} for three in clicks],
        "mirror": [
            {
                "points": _plain(face),
                "source": side,
                "keep": [42],
                "found": _plain(mirror_side(face, side, keep={42})),
            }
            for face, side in ((base[3], "left"), (gone, "right"))
        ],
        "slide": [
            {
                "points": _plain(base[3]),
                "index": index,
                "along": along,
                "keep": list(keep),
                "found": _plain(slide_jaw(base[3], index, along, keep=keep)),
            }
            for index, along, keep in slides
        ],
        "refit": [
            {
                "points": _plain(gone),
                "part": part,
                "box": [300.0, 200.0, 390.0, 245.0],
                "roll": roll,
                "found": _plain(refit_part(gone, part, (300, 200, 390, 245), roll=roll)),
            }
            for part, roll in boxes
        ],
    }


def text() -> str:
    """The file's text: one case a line."""
    parts = []
    for name, cases in golden().items():
        lines = ",\n".join("    " + json.dumps(case, separators=(",", ":")) for case in cases)
        parts.append(f'  "{name}": [\n{lines}\n  ]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _pin(face: NDArray[np.float64], index: int, random: np.random.Generator) -> tuple[float, float]:
    from_ = face[index] if np.isfinite(face[index]).all() else np.nanmean(face, axis=0)
    x, y = np.round(from_ + random.normal(0, 9, 2), 3)
    return float(x), float(y)


def _plain(points: NDArray[np.float64]) -> list[list[float] | None]:
    return [None if math.isnan(x) else [round(float(x), 6), round(float(y), 6)] for x, y in points]


if __name__ == "__main__":
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(text())
    print(f"{GOLDEN.name}: {GOLDEN.stat().st_size:,} bytes")
