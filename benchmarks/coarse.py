"""How good the packaged coarse labels are on photographs that people labelled.

    python -m benchmarks.coarse [--data FOLDER] [--chips N]

FOLDER (default: ../shared/data beside the project) holds ``labelled/truth.jsonl`` with its photographs and
``utkface/`` with face chips named by age and gender. Prints a table, then one JSON object on the last line.

What counts as what: a face is found at IoU > 0.5 (VOC matching), on faces that carry a human box. Precision is
over photographs in which every face is boxed (scheme null). The landmark error is over faces with 68 human
points (or WFLW's 98, which contain them), judged on the detection that overlaps most, from IoU 0.3 on; the
others are counted as undetected. Ages and genders are the provider's own answers, uncalibrated.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from jfa_pipeline.coarse.packaged import PackagedProvider
from jfa_pipeline.coarse.protocol import CoarseFace, RgbImage
from jfa_pipeline.core.boxes import Box, iou_matrix
from jfa_pipeline.formats.truth_jsonl import TruthFace, read_truth
from jfa_pipeline.metrics.attributes import age_errors
from jfa_pipeline.metrics.detection import DetectionScore
from jfa_pipeline.metrics.intervals import Interval, bootstrap_interval, wilson_interval
from jfa_pipeline.metrics.landmarks import mean_of_detected, nme, nme_by_region

DEFAULT_DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data"
LANDMARK_IOU_MIN: Final = 0.3
CHIP_GENDERS: Final = {"0": "male", "1": "female"}
SEED: Final = 20_240


@dataclass(frozen=True, slots=True)
class Figure:
    """One result: value (None if nothing was measured), what it was measured on, its 95 % interval."""

    key: str
    meaning: str
    value: float | None
    n: int
    interval: Interval | None

    @classmethod
    def share(cls, key: str, meaning: str, hits: int, n: int) -> Figure:
        return cls(key, meaning, hits / n if n else None, n, wilson_interval(hits, n))

    @classmethod
    def mean(cls, key: str, meaning: str, values: Sequence[float]) -> Figure:
        known = [value for value in values if math.isfinite(value)]
        return cls(key, meaning, mean_of_detected(known), len(known), bootstrap_interval(known, seed=SEED))


@dataclass(slots=True)
class Photographs:
    """What the labelled photographs gave."""

    one: DetectionScore = field(default_factory=DetectionScore)
    merged: DetectionScore = field(default_factory=DetectionScore)
    one_boxed: DetectionScore = field(default_factory=DetectionScore)
    merged_boxed: DetectionScore = field(default_factory=DetectionScore)
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    errors_by_region: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    lines: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Chips:
    """What the face chips gave: (found, true) pairs; found is None where no face was detected."""

    ages: list[tuple[float | None, float]] = field(default_factory=list)
    genders: list[tuple[str | None, str]] = field(default_factory=list)


def read_stored(path: Path) -> RgbImage:
    """(H, W, 3) RGB pixels as stored: the human labels are in that frame."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.uint8)


def labelled_folder(data: Path) -> Path:
    """The folder with truth.jsonl. Raises SystemExit with a sentence if there is none."""
    for folder in (data / "labelled", data):
        if (folder / "truth.jsonl").is_file():
            return folder
    raise SystemExit(
        f"No labelled/truth.jsonl in {data}. Give a folder laid out like shared/data with --data."
    )


def measure_photographs(
    folder: Path, one: PackagedProvider, merged: PackagedProvider, say: Callable[[str], None]
) -> Photographs:
    """Label each photograph with one detector and with both, and compare with its human labels."""
    found = Photographs()
    by_file: dict[str, list[TruthFace]] = defaultdict(list)
    for face in read_truth(folder / "truth.jsonl"):
        by_file[face.file].append(face)
    for file, truth in by_file.items():
        image = read_stored(folder / file)
        with_one = one.label(image)
        started, cpu_started = time.perf_counter(), time.process_time()
        with_both = merged.label(image)
        found.seconds.append(time.perf_counter() - started)
        found.cpu_seconds.append(time.process_time() - cpu_started)
        boxes = [face.box for face in truth if face.box is not None]
        hits = add_to(found.merged, boxes, with_both)
        add_to(found.one, boxes, with_one)
        if all(face.scheme is None for face in truth):
            add_to(found.merged_boxed, boxes, with_both)
            add_to(found.one_boxed, boxes, with_one)
        errors = [add_landmarks(found, face, with_both) for face in truth if face.landmarks68() is not None]
        shown = ", ".join("undetected" if math.isinf(e) else f"{e:.4f}" for e in errors)
        say(
            f"  {Path(file).name:<52.52} {found.seconds[-1]:5.2f} s  boxes {hits}/{len(boxes)}  "
            f"detected {len(with_both):>3}  nme {shown or '-'}"
        )
    return found


def add_to(score: DetectionScore, boxes: Sequence[Box], faces: Sequence[CoarseFace]) -> int:
    """Judge one photograph's detections; how many human boxes were found."""
    before = score.hits_n
    score.add(boxes, [face.labels.box for face in faces], [face.score for face in faces])
    return score.hits_n - before


def add_landmarks(found: Photographs, truth: TruthFace, faces: Sequence[CoarseFace]) -> float:
    """The face's interocular error, infinite if undetected; adds it and its regions to the figures."""
    points, extent = truth.landmarks68(), truth.extent()
    error = math.inf
    if points is not None and extent is not None and faces:
        overlaps = iou_matrix([extent], [face.labels.box for face in faces])[0]
        best = faces[int(overlaps.argmax())].labels.landmarks
        if overlaps.max() > LANDMARK_IOU_MIN and best is not None:
            error = nme(best, points)
            for region, value in nme_by_region(best, points).items():
                found.errors_by_region[region].append(value)
    found.errors.append(error)
    return error


def measure_chips(folder: Path, provider: PackagedProvider, count: int) -> Chips:
    """Ages and genders of ``count`` seeded random chips (0: all); the largest face of a chip is meant."""
    found = Chips()
    paths = sorted(path for path in folder.glob("*.jpg") if len(path.name.split("_")) >= 3)
    if 0 < count < len(paths):
        paths = sorted(random.Random(SEED).sample(paths, count))
    for path in paths:
        age, gender = path.name.split("_")[:2]
        if gender not in CHIP_GENDERS or not age.isdigit():
            continue
        faces = provider.label(read_stored(path))
        labels = max((face.labels for face in faces), key=lambda a: a.box.width * a.box.height, default=None)
        found.ages.append((labels.age if labels else None, float(age)))
        found.genders.append((labels.gender if labels else None, CHIP_GENDERS[gender]))
    return found


def figures(photographs: Photographs, chips: Chips) -> list[Figure]:
    """Every figure of the benchmark."""
    at_half = "at IoU > 0.5"
    found = [
        Figure.share(f"recall_{name}", f"human boxes found {at_half}, {words}", score.hits_n, score.truth_n)
        for name, words, score in (
            ("one", "one detector", photographs.one),
            ("merged", "second detector merged", photographs.merged),
        )
    ]
    found += [
        Figure.share(
            f"precision_{name}", f"detections that are faces, {words}", score.hits_n, score.detections_n
        )
        for name, words, score in (
            ("one", "one detector", photographs.one_boxed),
            ("merged", "second detector merged", photographs.merged_boxed),
        )
    ]
    detected = sum(math.isfinite(error) for error in photographs.errors)
    found.append(
        Figure.mean("nme_interocular", "68 points, mean error / outer eye corners", photographs.errors)
    )
    found.append(
        Figure.share("nme_detected", "faces with 68 human points detected", detected, len(photographs.errors))
    )
    found += [
        Figure.mean(f"nme_interocular_{region}", f"the same, {region} only", values)
        for region, values in photographs.errors_by_region.items()
    ]
    answered = [(a, b) for a, b in chips.genders if a is not None]
    right = sum(a == b for a, b in answered)
    adults = [(a, b) for (a, b), (_, age) in zip(chips.genders, chips.ages, strict=True) if a and age >= 18]
    found += [
        Figure.mean("age_mae", "years, on chips with a detected face", age_errors(chips.ages)),
        Figure.share("gender_acc", "on chips with a detected face", right, len(answered)),
        Figure.share(
            "gender_acc_adults", "the same, 18 and older", sum(a == b for a, b in adults), len(adults)
        ),
        Figure.share("chips_detected", "chips with a detected face", len(answered), len(chips.genders)),
        Figure.mean("seconds_per_image", "photographs, both detectors, one thread", photographs.seconds),
        Figure.mean("cpu_seconds_per_image", "the same without waiting for others", photographs.cpu_seconds),
    ]
    return found


def as_json(found: Sequence[Figure]) -> dict[str, Any]:
    """{key, key_n, key_ci} of each figure; fractions, years and seconds, not rounded away."""
    result: dict[str, Any] = {}
    for figure in found:
        result[figure.key] = None if figure.value is None else round(figure.value, 5)
        result[f"{figure.key}_n"] = figure.n
        result[f"{figure.key}_ci"] = (
            None if figure.interval is None else [round(v, 5) for v in figure.interval]
        )
    return result


def table(found: Sequence[Figure]) -> str:
    lines = [f"{'figure':<24} {'value':>8} {'n':>6}  95 % interval     meaning"]
    for figure in found:
        value = "-" if figure.value is None else f"{figure.value:.4f}"
        interval = "-" if figure.interval is None else "{:.4f}-{:.4f}".format(*figure.interval)
        lines.append(f"{figure.key:<24} {value:>8} {figure.n:>6}  {interval:<17} {figure.meaning}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coarse", description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder laid out like shared/data")
    parser.add_argument(
        "--chips", type=int, default=500, help="how many face chips, drawn with a fixed seed; 0: all"
    )
    options = parser.parse_args(arguments)
    folder = labelled_folder(options.data)
    one, merged = PackagedProvider(second_detector=False), PackagedProvider()
    merged.label(np.full((480, 640, 3), 127, np.uint8))
    print(f"provider {merged.name} {merged.version}")
    print(f"photographs of {folder.name}/truth.jsonl:")
    photographs = measure_photographs(folder, one, merged, print)
    chips = measure_chips(options.data / "utkface", merged, options.chips)
    found = figures(photographs, chips)
    print()
    print(table(found))
    print(
        "The 68-point predictor was trained on 300-W, LFPW among it: its error on such photographs flatters it.\n"
        "Precision counts only photographs in which people boxed every clear face.\n"
    )
    print(json.dumps(as_json(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
