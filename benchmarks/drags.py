"""How many drags a face's 68 points cost, with the shape model and with plain dragging.

    python -m benchmarks.drags [--faces N] [--data FOLDER]

A simulated annotator always takes the point that lies furthest off and drags it to where it belongs, with an unsteady
hand, until the mean error of the 68 points is at most 3 % and then 2 % of the distance between the outer eye corners
(NME). Plain: the point moves alone. Shape: the points not yet dragged follow
(jfa_pipeline.statistics.shape_moves.settle, of which the browser runs a port). Both have the same starts and hands.

Procedural faces start from the template, laid upright into the box around the true points. Half of them are invented
heads of another seed than those the model was estimated on; the other half are the faces that tfn.data.procedural
draws, of which the model knows nothing. Real faces (FOLDER/labelled, default ../shared/data beside the project) start
from the points of the packaged coarse provider; they are few, and its predictor has seen some of them in training, so
they start better than new photographs would. The same faces from the template (real_template_...) say what the model,
which has seen no photograph, knows about real faces. Ends with one JSON object; without a suffix a figure is for 2 %.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.coarse import DEFAULT_DATA, LANDMARK_IOU_MIN, read_stored
from jfa_pipeline.core.boxes import iou_matrix
from jfa_pipeline.core.ibug68 import interocular
from jfa_pipeline.formats.truth_jsonl import TruthFace, read_truth
from jfa_pipeline.statistics.head_shapes import head_shapes
from jfa_pipeline.statistics.shape_model import ShapeModel, Start, default_shape_model
from jfa_pipeline.statistics.shape_moves import Frame, Point, fit_three, settle

Floats = NDArray[np.float64]

LEVELS: Final = (0.03, 0.02)
HAND_SD: Final = 0.005
"""Of the distance between the outer eye corners, along each axis: 1.5 screen pixels where that is 300."""

MOST_DRAGS: Final = 400
TEST_SEED: Final = 20_261
"""Not the seed that the model was estimated on (shape_estimation.DEFAULT_SEED); a test compares them."""
ROLL_SD_DEGREES: Final = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One face: where its points start and where they belong, (68, 2) image pixels."""

    name: str
    begin: Floats
    truth: Floats
    start: Start


def drags_needed(case: Case, *, model: ShapeModel | None, seed: int) -> list[int]:
    """Drags until the NME is at most each of LEVELS; without a model plain dragging.

    Raises RuntimeError after MOST_DRAGS: the hand is then too unsteady for the level.
    """
    random = np.random.default_rng(seed)
    size = interocular(case.truth)
    pins: dict[int, Point] = {}
    points, needed = case.begin, list[int]()
    for drag in range(MOST_DRAGS + 1):
        errors = np.linalg.norm(points - case.truth, axis=1) / size
        while len(needed) < len(LEVELS) and errors.mean() <= LEVELS[len(needed)]:
            needed.append(drag)
        if len(needed) == len(LEVELS):
            return needed
        worst = int(errors.argmax())
        x, y = case.truth[worst] + random.normal(0, HAND_SD * size, 2)
        pins[worst] = (float(x), float(y))
        if model is None:
            points = points.copy()
            points[worst] = x, y
        else:
            points = settle(model, case.begin, pins, start=case.start)
    raise RuntimeError(f"{case.name}: still not within {LEVELS[-1]:.0%} after {MOST_DRAGS} drags.")


def in_box(model: ShapeModel, truth: Floats) -> Floats:
    """The model's mean, upright, with the centre and area of the box around the true points."""
    low, high = truth.min(axis=0), truth.max(axis=0)
    own_low, own_high = model.mean.min(axis=0), model.mean.max(axis=0)
    size = math.sqrt(float(np.prod(high - low) / np.prod(own_high - own_low)))
    middle = (low + high) / 2 - size * (own_low + own_high) / 2
    return Frame(complex(size), complex(*middle)).to_image(model.mean)


def invented_heads(model: ShapeModel, count: int) -> list[Case]:
    """Heads of a seed of their own, rolled, at sizes of photographs."""
    random = np.random.default_rng(TEST_SEED)
    cases = []
    for number, head in enumerate(head_shapes(count, TEST_SEED)):
        roll = math.radians(float(random.normal(0, ROLL_SD_DEGREES)))
        turn = complex(math.cos(roll), math.sin(roll)) * float(random.uniform(0.7, 3.5))
        truth = Frame(turn, complex(*random.uniform(200, 2000, 2))).to_image(head)
        cases.append(Case(f"head {number}", in_box(model, truth), truth, "template"))
    return cases


def drawn_faces(model: ShapeModel, count: int) -> list[Case]:
    """The faces that the network's tests are drawn with, rolled by up to 25 degrees."""
    from tfn.data.procedural import Scene, procedural_picture

    scene = Scene(side=256, face=(120.0, 160.0), faces=(1, 1), occluded_share=0.0)
    cases = []
    for number in range(count):
        truth = procedural_picture(scene, TEST_SEED + number)[1].landmarks[0].numpy().astype(np.float64)
        cases.append(Case(f"drawn {number}", in_box(model, truth), truth, "template"))
    return cases


def real_faces(data: Path) -> list[Case]:
    """Photographs with 68 human points, from the coarse provider's points. Empty, with the reason, without FOLDER."""
    folder = data / "labelled"
    if not (folder / "truth.jsonl").is_file():
        print(
            f"Real faces are left out: there is no labelled/truth.jsonl in {data}. Name another folder with --data."
        )
        return []
    from jfa_pipeline.coarse.packaged import PackagedProvider

    provider = PackagedProvider()
    by_file: dict[str, list[TruthFace]] = defaultdict(list)
    for face in read_truth(folder / "truth.jsonl"):
        if face.landmarks68() is not None:
            by_file[face.file].append(face)
    cases = []
    for file, faces in by_file.items():
        found = provider.label(read_stored(folder / file))
        for face in faces:
            truth, extent = face.landmarks68(), face.extent()
            if truth is None or extent is None or not np.isfinite(truth).all() or not found:
                print(f"  {Path(file).name} is left out: the provider or the person gave no whole face.")
                continue
            overlaps = iou_matrix([extent], [one.labels.box for one in found])[0]
            begin = found[int(overlaps.argmax())].labels.landmarks
            if begin is None or overlaps.max() <= LANDMARK_IOU_MIN:
                print(f"  {Path(file).name} is left out: the provider did not find the face.")
                continue
            cases.append(Case(Path(file).name, np.asarray(begin, np.float64), truth, "prelabel"))
    return cases


def measured(cases: Sequence[Case], model: ShapeModel | None) -> Floats:
    """(N, levels) drags."""
    drags = [drags_needed(case, model=model, seed=number) for number, case in enumerate(cases)]
    return np.array(drags, dtype=np.float64).reshape(-1, len(LEVELS))


def ratios(shape: Floats, plain: Floats, prefix: str = "") -> dict[str, Any]:
    """Sums, their quotient and medians, by level; null where nothing had to be dragged."""
    found: dict[str, Any] = {f"{prefix}n": len(plain)}
    for column, level in enumerate(LEVELS):
        percent = f"_{level * 100:.0f}pct"
        sums = [int(each[:, column].sum()) if len(each) else 0 for each in (shape, plain)]
        quotient = round(sums[0] / sums[1], 4) if sums[1] else None
        found[f"{prefix}drags_shape{percent}"], found[f"{prefix}drags_plain{percent}"] = sums
        found[f"{prefix}shape_over_plain{percent}"] = quotient
        for name, each in (("shape", shape), ("plain", plain)):
            median = float(np.median(each[:, column])) if len(each) else None
            found[f"{prefix}median_{name}{percent}"] = median
    return found


def three_clicks(cases: Sequence[Case], model: ShapeModel) -> Floats:
    """(N, levels) clicks and drags if the template is first fitted by clicks on the eyes and the mouth."""
    result = []
    for number, case in enumerate(cases):
        random = np.random.default_rng([TEST_SEED, number])
        hand = 4 * HAND_SD * interocular(case.truth)
        clicks = [case.truth[part].mean(axis=0) + random.normal(0, hand, 2) for part in _CLICKED]
        fitted = fit_three(model, *((float(x), float(y)) for x, y in clicks))
        begun = Case(case.name, fitted, case.truth, case.start)
        result.append([3 + drags for drags in drags_needed(begun, model=model, seed=number)])
    return np.array(result)


_CLICKED: Final = (slice(36, 42), slice(42, 48), slice(48, 60))


def measure(faces: int, data: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Every figure of the benchmark."""
    model = default_shape_model()
    kinds = {"heads": invented_heads(model, faces), "drawn": drawn_faces(model, faces)}
    found: dict[str, Any] = {"model_source": model.source, "hand_sd": HAND_SD}
    both: list[tuple[Floats, Floats]] = []
    for kind, cases in kinds.items():
        both.append((measured(cases, model), measured(cases, None)))
        found |= ratios(*both[-1], f"{kind}_")
        say(f"{kind}: {len(cases)} faces, {found[f'{kind}_shape_over_plain_2pct']} of plain dragging at 2 %")
    shape, plain = (np.concatenate(each) for each in zip(*both, strict=True))
    found |= ratios(shape, plain)
    found["total_shape_over_plain"] = found["shape_over_plain_2pct"]
    clicked = three_clicks([case for cases in kinds.values() for case in cases], model)
    found["median_three_clicks_2pct"] = float(np.median(clicked[:, LEVELS.index(0.02)]))
    real = real_faces(data)
    with_model, alone = measured(real, model), measured(real, None)
    for case, a, b in zip(real, with_model, alone, strict=True):
        say(
            f"  {case.name:<52.52} drags to 3 %, 2 %: shape {a[0]:.0f}, {a[1]:.0f}; plain {b[0]:.0f}, {b[1]:.0f}"
        )
    found |= ratios(with_model, alone, "real_")
    found["real_shape_over_plain"] = found["real_shape_over_plain_2pct"]
    bare = [Case(case.name, in_box(model, case.truth), case.truth, "template") for case in real]
    found |= ratios(measured(bare, model), measured(bare, None), "real_template_")
    found["real_within_2pct_at_start"] = int((alone[:, 1] == 0).sum()) if real else 0
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drags", description=__doc__.split("\n")[0])
    parser.add_argument("--faces", type=int, default=200, help="procedural faces of each of the two kinds")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder laid out like shared/data")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    found = measure(options.faces, options.data, lambda line: print(line, flush=True))
    print(json.dumps(found | {"seconds": round(time.monotonic() - started, 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
