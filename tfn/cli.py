"""``python -m tfn.cli train | evaluate | predict | reproduce``: the networks from the command line.

python -m tfn.cli train --stage S1 --release FOLDER --preset fast --out model.pt
torchrun --nproc-per-node 4 -m tfn.cli train --stage S2 --release FOLDER --model model.pt --out next.pt
python -m tfn.cli evaluate --release FOLDER --split test --model model.pt
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import torch

from jfa_pipeline.coarse.protocol import ProviderError
from jfa_pipeline.core.pixels import PixelsRefused, decode
from jfa_pipeline.formats.native import NativeFormatError
from tfn.config import TfnConfig, baseline, fusion_study, tafn_heatmap, tfn, tfn_heatmap
from tfn.data.batches import Augmentation
from tfn.data.pictures import Pictures, PictureUnreadable, ProceduralPictures
from tfn.data.records import RecordPictures, release_pictures
from tfn.model_file import Model, ModelFileInvalid, load_model, save_model
from tfn.models.network import Network
from tfn.models.stem import WeightsMissing
from tfn.presets import PRESETS
from tfn.reproduce import EXPERIMENTS, Run, reproduce
from tfn.serve.calibration import fit_temperatures
from tfn.serve.curves import write_curves
from tfn.serve.evaluation import evaluate
from tfn.serve.predictor import NotServable, PredictedFace, Predictor
from tfn.start import new_network
from tfn.train.events import Events, WithTensorBoard, default_events
from tfn.train.loop import CheckpointMismatch, LossNotFinite, Options, Trainer
from tfn.train.parallel import joined_processes
from tfn.train.schedule import PAPER_FUSION, SCHEDULES, Schedule
from tfn.train.stages import STAGES, StageNotForFramework

MEMBERS: Final[dict[str, Callable[[], TfnConfig]]] = {
    "tfn": tfn,
    "tfn-heatmap": tfn_heatmap,
    "tafn-heatmap": tafn_heatmap,
    "ormm": partial(baseline, "ormm"),
    "trmm": partial(baseline, "trmm"),
    "srmm": partial(baseline, "srmm"),
    "tiny": PRESETS["tiny"],
}
FUSED: Final[dict[str, Literal["detection", "landmarks", "attributes"]]] = {
    "detection": "detection",
    "landmarks": "landmarks",
    "attributes": "attributes",
}
BASELINES: Final = ("ormm", "trmm", "srmm")

REFUSALS: Final = (
    NativeFormatError,
    ModelFileInvalid,
    WeightsMissing,
    StageNotForFramework,
    CheckpointMismatch,
    LossNotFinite,
    NotServable,
    PictureUnreadable,
    ProviderError,
    FileNotFoundError,
    ImportError,
    ValueError,
)
"""What ends in one sentence instead of a traceback."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0; 1 after a refusal, whose sentence is on standard error."""
    options = parser().parse_args(arguments)
    try:
        found = options.run(options)
    except REFUSALS as error:
        print(f"tfn {options.command}: {error}", file=sys.stderr)
        return 1
    if found is not None:
        print(json.dumps(found))
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m tfn.cli", description=(__doc__ or "").split("\n")[0])
    commands = top.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="run one stage on a release")
    train.set_defaults(run=run_train)
    train.add_argument("--stage", choices=sorted(STAGES), required=True)
    _data(train)
    train.add_argument(
        "--preset", choices=sorted(PRESETS), default="fast", help="of a new network, and the schedule"
    )
    train.add_argument("--model", type=Path, help="go on from this network instead of a new one")
    train.add_argument(
        "--start", default="random", help="of a new one: random, imagenet[:FILE], centerface[:FILE]"
    )
    train.add_argument("--out", type=Path, required=True, help="where the trained network goes")
    train.add_argument(
        "--work", type=Path, help="folder of checkpoints and cached features; default OUT.work"
    )
    train.add_argument("--calibrate", help="split to fit temperatures on after the stage, such as val")
    for name in ("steps", "batch"):
        train.add_argument(f"--{name}", type=int, help="instead of the schedule's")
    train.add_argument("--rate", type=float, help="learning rate instead of the schedule's")
    train.add_argument("--every", type=int, default=500, help="iterations between checkpoints")
    train.add_argument("--workers", type=int, default=0, help="processes that decode pictures")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--device", help="cpu, cuda, cuda:1 ...; default: a GPU if there is one")
    train.add_argument("--tensorboard", type=Path, help="write TensorBoard events to this folder as well")
    judge = commands.add_parser("evaluate", help="T44-T47 on a release; one JSON object")
    judge.set_defaults(run=run_evaluate)
    _data(judge)
    judge.add_argument("--model", type=Path, required=True)
    judge.add_argument(
        "--ignore-flagged", action="store_true", help="unrecognisable faces count neither way (A17)"
    )
    judge.add_argument("--device", default="cpu")
    judge.add_argument("--curves", type=Path, help="folder for the precision-recall and error curves, SVG")
    predict = commands.add_parser("predict", help="label pictures; one JSON object a picture")
    predict.set_defaults(run=run_predict)
    predict.add_argument("--model", type=Path, required=True)
    predict.add_argument("--device", default="cpu")
    predict.add_argument("--score", type=float, default=0.5)
    predict.add_argument("pictures", type=Path, nargs="+")
    again = commands.add_parser("reproduce", help="an experiment of the paper beside its table")
    again.set_defaults(run=run_reproduce)
    again.add_argument("experiment", choices=EXPERIMENTS)
    again.add_argument("--folder", type=Path, required=True, help="the dataset in its own layout")
    again.add_argument("--out", type=Path, required=True, help="folder for networks and checkpoints")
    again.add_argument("--model", type=Path, help="network of the experiment before")
    again.add_argument("--start", default="imagenet", help="of a new one: imagenet[:FILE], random")
    again.add_argument("--member", choices=sorted(MEMBERS), default="tfn", help="member of the family")
    again.add_argument(
        "--fusion",
        metavar="TASK:STACKS",
        help="one row of the fusion study (T29) on jfa, such as landmarks:45",
    )
    again.add_argument("--steps", type=int, help="instead of the paper's, to try things out")
    return top


def run_reproduce(options: argparse.Namespace) -> dict[str, Any]:
    """One experiment with the paper's settings."""
    run = Run(
        options.folder,
        options.out,
        MEMBERS[options.member](),
        start=options.start,
        model=options.model,
        steps=options.steps,
        stages=("S1",) if options.member in BASELINES else ("S1", "S2", "S3", "S4"),
    )
    if options.fusion is not None:
        run = replace(run, config=_fusion(options.fusion), stages=("S1",), joint=PAPER_FUSION)
    return reproduce(options.experiment, run, default_events())


def run_train(options: argparse.Namespace) -> dict[str, Any] | None:
    """One stage; writes the network and returns what happened (process 0 only)."""
    pictures = _pictures(options)
    schedule = _schedule(options)
    with joined_processes() as place:
        if options.device is None:
            device = torch.device("cuda", place.rank) if torch.cuda.is_available() else torch.device("cpu")
        else:
            device = torch.device(options.device)
        before = _network(options, pictures)
        network = before.network.to(device)
        work = options.work if options.work is not None else options.out.with_suffix(".work")
        settings = Options(
            work,
            every=options.every,
            workers=options.workers,
            seed=options.seed,
            augmentation=Augmentation() if options.preset == "paper" else Augmentation(ratios=(1.0,)),
        )
        report = Trainer(
            network, options.stage, schedule, pictures, settings, events=_events(options), place=place
        ).run()
        if place.rank != 0:
            return None
        model = Model(
            network.to("cpu"), (*before.stages, options.stage), facts={"schedule": asdict(schedule)}
        )
        if options.calibrate is not None:
            held_out = release_pictures(options.release, options.calibrate)
            model.calibration = fit_temperatures(Predictor(model, score=0.05), held_out)._asdict()
        save_model(model, options.out)
    return asdict(report) | {"out": str(options.out), "calibration": model.calibration}


def run_evaluate(options: argparse.Namespace) -> dict[str, Any]:
    """Figures of a network on a release."""
    model = load_model(options.model)
    predictor = Predictor(model, score=model.network.config.test.score, device=options.device)
    pictures = _pictures(options)
    _check_classes(model.network, pictures)
    found = evaluate(predictor, pictures)
    if options.curves is not None:
        write_curves({options.model.stem: found}, options.curves)
    return found.figures()


def run_predict(options: argparse.Namespace) -> None:
    """Print one line a picture; a picture that cannot be read gets a line that says why."""
    predictor = Predictor.load(options.model, score=options.score, device=options.device)
    for path in options.pictures:
        line: dict[str, Any] = {"file": path.name, "version": predictor.version}
        try:
            faces = predictor.predict([decode(path.read_bytes())])[0]
            line["faces"] = [face_json(face) for face in faces]
        except (OSError, PixelsRefused) as error:
            line["error"] = str(error)
        print(json.dumps(line))


def face_json(face: PredictedFace) -> dict[str, Any]:
    """Plain JSON types, coordinates in pixels of the upright picture."""
    return {
        **face.coarse.labels.to_json(),
        "score": face.coarse.score,
        "age_sd": face.age_sd,
        "gender_share": face.gender,
        "ethnicity_share": face.ethnicity,
        "uncertainty": face.uncertainty,
    }


def _data(command: argparse.ArgumentParser) -> None:
    source = command.add_mutually_exclusive_group(required=True)
    source.add_argument("--release", type=Path, help="a release folder of the platform")
    source.add_argument("--procedural", type=int, metavar="N", help="N drawn pictures instead")
    command.add_argument("--split", help="train, val or test; default: every picture")


def _pictures(options: argparse.Namespace) -> Pictures:
    if options.release is None:
        return ProceduralPictures(
            options.procedural, seed={None: 1, "train": 1, "val": 2, "test": 3}[options.split]
        )
    skip = bool(getattr(options, "ignore_flagged", False))
    return release_pictures(options.release, options.split, ignore_flagged=skip)


def _schedule(options: argparse.Namespace) -> Schedule:
    changes = {
        name: getattr(options, name)
        for name in ("steps", "batch", "rate")
        if getattr(options, name) is not None
    }
    return replace(SCHEDULES[options.preset][options.stage], **changes)


def _network(options: argparse.Namespace, pictures: Pictures) -> Model:
    if options.model is not None:
        model = load_model(options.model)
        _check_classes(model.network, pictures)
        return model
    config = PRESETS[options.preset]()
    if isinstance(pictures, RecordPictures):
        config = replace(config, genders=pictures.genders, ethnicities=pictures.ethnicities)
    return Model(new_network(config, options.start, seed=options.seed))


def _check_classes(network: Network, pictures: Pictures) -> None:
    if not isinstance(pictures, RecordPictures):
        return
    for name in ("genders", "ethnicities"):
        own, theirs = getattr(network.config, name), getattr(pictures, name)
        if own != theirs:
            raise ValueError(
                f"The network knows the {name} {own}, the release has {theirs}: train a new network."
            )


def _fusion(text: str) -> TfnConfig:
    task, _, stacks = text.partition(":")
    if task not in FUSED or not stacks or not set(stacks) <= set("12345"):
        raise ValueError(
            f"--fusion {text}: give detection, landmarks or attributes, a colon, and stacks like 345."
        )
    return fusion_study(FUSED[task], tuple(int(stack) for stack in stacks))


def _events(options: argparse.Namespace) -> Events:
    events = default_events()
    return events if options.tensorboard is None else WithTensorBoard(events, options.tensorboard)


if __name__ == "__main__":
    sys.exit(main())
