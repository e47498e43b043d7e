"""``fast`` on real photographs, beside the coarse provider on the same ones.

    python -m benchmarks.tfn_real [--data FOLDER] [--folder FOLDER] [--start random] [--limit N]

Trains on four fifths of DATA's chips, portraits and scenes (default: ../shared/data beside the project) and is
judged on the fifth that it never saw, split by subject where the subject is known. Ages, genders and ethnicities
are the chips' own; boxes and landmarks to learn from are the coarse provider's, and what nobody knows stays
missing. With --folder the provider's labels, checkpoints and the network are kept there and a stopped run goes on.
``--start random`` leaves out the face-trained weights, to see what they are worth.

What is measured on what: ages, genders and ethnicities on the largest face found (score > 0.5) of each held-out
chip, coverage beside it; ``ap50_human`` and ``nme_human`` on ``labelled/``, whose labels are people's and which
nobody trained on (few: look at n); ``ap50_coarse`` and ``nme_coarse`` on the held-out photographs against the
provider's own boxes and landmarks, so the provider has no such figure. One JSON object on the last line:
fractions, years, each with ``_n`` and ``_ci`` (95 %).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import socket
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

import cv2
import torch
from torch import multiprocessing

from benchmarks.coarse import DEFAULT_DATA, Figure, add_to, as_json, labelled_folder, read_stored
from benchmarks.real_photographs import (
    ETHNICITIES,
    GENDERS,
    Coarse,
    Photograph,
    RealPictures,
    coarse_labels,
    photographs,
)
from jfa_pipeline.coarse.packaged import PackagedProvider
from jfa_pipeline.coarse.protocol import CoarseFace
from jfa_pipeline.core.boxes import iou_matrix
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.formats.truth_jsonl import TruthFace, read_truth
from jfa_pipeline.metrics.attributes import age_errors
from jfa_pipeline.metrics.detection import DetectionScore
from jfa_pipeline.metrics.intervals import bootstrap_interval
from jfa_pipeline.metrics.landmarks import nme
from tfn.config import TfnConfig
from tfn.data.batches import Augmentation
from tfn.data.varied import VariedPictures
from tfn.model_file import Model, load_model, save_model
from tfn.models.network import Network
from tfn.presets import fast
from tfn.serve.evaluation import Evaluation, evaluate
from tfn.serve.predictor import SERVING_SCORE, Predictor
from tfn.start import new_network
from tfn.train.events import JsonLines
from tfn.train.loop import Options, Trainer
from tfn.train.parallel import joined_processes
from tfn.train.schedule import Schedule
from tfn.train.stages import StageName

SHORT_SIDE: Final = 112
"""Pixels: chips and portraits are this small when they are learnt from and judged."""
PHOTOGRAPH_SHORT_SIDE: Final = 320
"""Pixels: the human-labelled photographs, whose faces are a tenth as wide."""
LANDMARK_IOU_MIN: Final = 0.3
VARIATIONS: Final[dict[StageName, int]] = {"S1": 24}
"""Varied versions of each picture that a stage draws from."""
SEED: Final = 7

SCHEDULES: Final[dict[StageName, Schedule]] = {
    "S1": Schedule(
        rate=5e-4,
        steps=4000,
        warm_up=150,
        optimiser="adamw",
        weight_decay=1e-2,
        clip=5.0,
        batch=16,
        average=0.998,
    ),
}

Start = Literal["centerface", "random"]


@dataclass(slots=True)
class Judged:
    """What one labeller, network or provider, gave. Pairs are (found, true); found is None without a face."""

    ages: list[tuple[float | None, float]] = field(default_factory=list)
    genders: list[tuple[str | None, str]] = field(default_factory=list)
    ethnicities: list[tuple[str | None, str]] = field(default_factory=list)
    human_boxes: DetectionScore = field(default_factory=DetectionScore)
    human_errors: list[float] = field(default_factory=list)

    def add_chip(self, photo: Photograph, labels: FaceLabels | None) -> None:
        """The labels of the largest face found on a chip."""
        if photo.age is not None:
            self.ages.append((labels.age if labels else None, photo.age))
        if photo.gender is not None:
            self.genders.append((labels.gender if labels else None, photo.gender))
        if photo.ethnicity is not None:
            self.ethnicities.append((labels.ethnicity if labels else None, photo.ethnicity))

    def add_human(self, truth: Sequence[TruthFace], faces: Sequence[CoarseFace]) -> None:
        """One photograph with human labels: boxes where every face has one, landmarks where there are 68."""
        if all(face.scheme is None for face in truth):
            add_to(self.human_boxes, [face.box for face in truth if face.box is not None], faces)
        for face in truth:
            points, extent = face.landmarks68(), face.extent()
            if points is None or extent is None:
                continue
            error = math.inf
            if faces:
                overlaps = iou_matrix([extent], [found.labels.box for found in faces])[0]
                best = faces[int(overlaps.argmax())].labels.landmarks
                if overlaps.max() > LANDMARK_IOU_MIN and best is not None:
                    error = nme(best, points)
            self.human_errors.append(error)

    def figures(self, suffix: str) -> list[Figure]:
        """Figures under the issue's names, with ``suffix`` behind each."""
        genders = [(a, b) for a, b in self.genders if a is not None]
        found = [
            Figure.mean(f"age_mae{suffix}", "years, held-out chips", age_errors(self.ages)),
            Figure.share(
                f"gender_acc{suffix}", "held-out chips", sum(a == b for a, b in genders), len(genders)
            ),
            Figure.share(
                f"gender_acc_adults{suffix}",
                "the same, 18 and older",
                *_adult_hits(self.genders, self.ages),
            ),
            Figure.share(f"coverage{suffix}", "held-out chips with a face", len(genders), len(self.genders)),
            Figure(
                f"ap50_human{suffix}",
                "photographs in which people boxed every face",
                self.human_boxes.average_precision(),
                self.human_boxes.truth_n,
                None,
            ),
            Figure.mean(f"nme_human{suffix}", "68 human points / outer eye corners", self.human_errors),
        ]
        known = [(a, b) for a, b in self.ethnicities if a is not None]
        if known:
            right = sum(a == b for a, b in known)
            found.append(
                Figure.share(f"ethnicity_acc{suffix}", "five classes, held-out chips", right, len(known))
            )
            for name in ETHNICITIES:
                own = [a == b for a, b in known if b == name]
                found.append(
                    Figure.share(f"ethnicity_recall_{name}{suffix}", "of this class", sum(own), len(own))
                )
        return found


def _adult_hits(
    genders: Sequence[tuple[str | None, str]], ages: Sequence[tuple[float | None, float]]
) -> tuple[int, int]:
    adults = [a == b for (a, b), (_, age) in zip(genders, ages, strict=True) if a is not None and age >= 18]
    return sum(adults), len(adults)


def configuration() -> TfnConfig:
    """``fast`` for small photographs and the chips' classes."""
    config = fast()
    return replace(
        config,
        genders=GENDERS,
        ethnicities=ETHNICITIES,
        short_side=SHORT_SIDE,
        long_side=2 * SHORT_SIDE,
        rpn=replace(config.rpn, train_before_nms=400, train_after_nms=64),
        samples=replace(config.samples, rois_per_image=16, faces_per_image=2),
    )


def trained(pictures: RealPictures, folder: Path, start: Start, steps: int, processes: int) -> Model:
    """The network after its stages; a stage whose result lies in the folder is not run again.

    steps: cut every stage to so many iterations, 0 for the schedules' own. processes: of one thread each, which
    average their gradients: threads of one process spin while they wait for each other, so that any other
    program on the machine would slow them down several times.
    """
    done: tuple[StageName, ...] = ()
    path = None
    for stage, schedule in SCHEDULES.items():
        before, path = path, folder / f"{start}-after-{stage}.pt"
        done = (*done, stage)
        if path.is_file():
            continue
        if steps:
            schedule = replace(schedule, steps=steps, warm_up=steps // 10)
        share = replace(schedule, batch=max(1, schedule.batch // processes))
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        arguments = (processes, port, pictures, folder, start, done, share, before, path)
        multiprocessing.spawn(run_stage, arguments, nprocs=processes)  # type: ignore[attr-defined, no-untyped-call]  # torch ships it untyped
    if path is None:
        raise ValueError("there is at least one stage")
    return load_model(path)


def run_stage(
    rank: int,
    world: int,
    port: int,
    pictures: RealPictures,
    folder: Path,
    start: Start,
    stages: tuple[StageName, ...],
    schedule: Schedule,
    before: Path | None,
    after: Path,
) -> None:
    """One of ``world`` processes that train the last of ``stages`` together; rank 0 saves the network to ``after``."""
    os.environ |= {
        "RANK": str(rank),
        "WORLD_SIZE": str(world),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    network = load_model(before).network if before else new_network(configuration(), start, seed=SEED)
    stage = stages[-1]
    options = Options(folder / start, every=500, seed=SEED, augmentation=Augmentation(ratios=(1.0,)))
    varied = VariedPictures(pictures, VARIATIONS[stage], SEED)
    with joined_processes() as place, (folder / f"{start}-{stage}.jsonl").open("a", encoding="utf-8") as log:
        events = JsonLines(log, every=20)
        Trainer(network, stage, schedule, varied, options, events=events, place=place).run()
    if rank == 0:
        save_model(Model(network, stages), after)


def judge_network(model: Model, held: Sequence[Photograph], coarse: Coarse, data: Path) -> list[Figure]:
    """The network on held-out chips, on human-labelled photographs, and against the provider's boxes and points."""
    predictor = Predictor(model, score=model.network.config.test.score)
    judged = Judged()
    for photo in held:
        if photo.kind == "chip":
            sure = [
                face.coarse.labels
                for face in predictor.predict([read_stored(photo.path)])[0]
                if face.coarse.score > SERVING_SCORE
            ]
            judged.add_chip(photo, _largest(sure))
    against = evaluate(predictor, RealPictures.of(held, coarse))
    larger = replace(
        model.network.config, short_side=PHOTOGRAPH_SHORT_SIDE, long_side=2 * PHOTOGRAPH_SHORT_SIDE
    )
    network = Network(larger)
    network.load_state_dict(model.network.state_dict())
    on_photographs = Predictor(Model(network.eval(), model.stages), score=larger.test.score)
    for image, truth in _human(data):
        judged.add_human(truth, on_photographs.label(read_stored(image)))
    return [*judged.figures(""), *_against_coarse(against)]


def _against_coarse(found: Evaluation) -> list[Figure]:
    errors = [error for error in found.landmark_errors if math.isfinite(error)]
    return [
        Figure(
            "ap50_coarse",
            "held-out photographs, the provider's boxes",
            found.detection.average_precision(),
            found.detection.truth_n,
            None,
        ),
        Figure(
            "nme_coarse",
            "the same, its 68 points / outer eye corners",
            sum(errors) / len(errors) if errors else None,
            len(errors),
            bootstrap_interval(errors, seed=SEED),
        ),
    ]


def judge_provider(held: Sequence[Photograph], coarse: Coarse, data: Path) -> list[Figure]:
    """The provider's own answers on the same photographs."""
    judged = Judged()
    for photo in held:
        if photo.kind == "chip":
            judged.add_chip(photo, _largest([face.labels for face in coarse[photo.key]]))
    provider = PackagedProvider()
    for image, truth in _human(data):
        judged.add_human(truth, provider.label(read_stored(image)))
    return judged.figures("_provider")


def _human(data: Path) -> list[tuple[Path, list[TruthFace]]]:
    folder = labelled_folder(data)
    by_file: dict[str, list[TruthFace]] = defaultdict(list)
    for face in read_truth(folder / "truth.jsonl"):
        by_file[face.file].append(face)
    return [(folder / file, faces) for file, faces in by_file.items()]


def _largest(faces: Sequence[FaceLabels]) -> FaceLabels | None:
    return max(faces, key=lambda labels: labels.box.width * labels.box.height, default=None)


def measure(
    data: Path, folder: Path, start: Start, limit: int, steps: int, threads: int
) -> tuple[list[Figure], dict[str, Any]]:
    """Everything, in order: the provider's labels, training, both judged; and how long each took."""
    seconds: dict[str, float] = {}
    clock = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        seconds[f"seconds_{name}"] = round(now - clock, 1)
        clock = now

    photos = photographs(data, limit)
    held = [photo for photo in photos if photo.is_held_out]
    learnt = [photo for photo in photos if not photo.is_held_out]
    # One detector for what is learnt: its boxes have one style. Both for what the provider is judged by.
    coarse = coarse_labels(
        photos, second_detector=False, processes=threads, kept=folder / "coarse-one-detector.json"
    )
    judged = coarse_labels(
        [photo for photo in held if photo.kind == "chip"],
        second_detector=True,
        processes=threads,
        kept=folder / "coarse-both-detectors.json",
    )
    lap("coarse")
    model = trained(RealPictures.of(learnt, coarse), folder, start, steps, threads)
    lap("training")
    save_model(model, folder / f"fast-{start}.pt")
    found = [*judge_network(model, held, coarse, data), *judge_provider(held, judged, data)]
    lap("judging")
    counts = {"photographs": len(photos), "held_out": len(held), "stages": "+".join(model.stages)}
    return found, {**counts, **seconds}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tfn_real", description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder laid out like shared/data")
    parser.add_argument("--folder", type=Path, help="keep coarse labels, checkpoints and the network here")
    parser.add_argument(
        "--start", choices=("centerface", "random"), default="centerface", help="weights of the stem"
    )
    parser.add_argument("--limit", type=int, default=0, help="about so many chips only, for a trial")
    parser.add_argument("--steps", type=int, default=0, help="iterations of every stage, for a trial")
    parser.add_argument("--threads", type=int, default=2, help="cores to use")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder if options.folder is not None else Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        found, facts = measure(
            options.data, folder, options.start, options.limit, options.steps, options.threads
        )
    facts |= {"start": options.start, "seconds": round(time.perf_counter() - started, 1)}
    print(json.dumps({**as_json(found), **facts}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
