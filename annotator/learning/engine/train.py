"""The training process: ``python -m annotator.learning.engine.process annotator.learning.engine.train ORDER.json``.

It runs the stages of one order, tells about it in JSON lines on standard output, and leaves ``model.pt`` and
``result.json`` in the order's folder. An order whose folder has finished stages or a checkpoint is gone on with
from there. With several processes it starts itself under torchrun. It ends with the process that started it
(annotator.learning.engine.process).

Events: ``plan`` (stages with their iterations), ``step``, ``metric``, ``resumed``, ``stage_ended``,
``picture_skipped``, ``faces_found``, ``done``, ``refused`` (a sentence says why), ``interrupted`` (a process of
several was killed).
"""

from __future__ import annotations

import errno
import json
import os
import sys
import time
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import torch

from annotator.learning.engine import process
from annotator.learning.engine.orders import MODEL_FILE, RESULT_FILE, STAGE_FILE, TrainOrder
from annotator.learning.engine.room import bytes_needed, check_room
from annotator.learning.engine.validation import PICTURES, Reports, faces_of, figures_of, free_gpu, some_of
from jfa_pipeline.formats.native import NativeFormatError
from tfn.data.batches import Augmentation
from tfn.data.pictures import PictureUnreadable
from tfn.data.records import RecordPictures, release_pictures
from tfn.model_file import Model, ModelFileInvalid, config_to_json, load_model, save_model
from tfn.models.stem import WeightsMissing
from tfn.presets import PRESETS
from tfn.serve.calibration import fit_temperatures
from tfn.serve.predictor import Predictor
from tfn.start import new_network
from tfn.train.loop import CheckpointMismatch, LossNotFinite, Options, Trainer
from tfn.train.parallel import Place, joined_processes, wait_for_all
from tfn.train.schedule import SCHEDULES, Schedule
from tfn.train.stages import StageName, StageNotForFramework

FINAL_PICTURES: Final = 500
CHECKPOINTS_A_STAGE: Final = 20
MOST_DECODERS: Final = 8
LONGEST_WITHOUT_CHECKPOINT: Final = 500
LEARNT_FROM: Final = ("train", "")
"""Pictures of a release from before there were splits have none and are learnt from."""

REFUSALS: Final = (
    NativeFormatError,
    ModelFileInvalid,
    WeightsMissing,
    StageNotForFramework,
    CheckpointMismatch,
    LossNotFinite,
    PictureUnreadable,
    OSError,
    MemoryError,
    ImportError,
    ValueError,
    torch.OutOfMemoryError,
)
"""What ends in a sentence instead of a traceback."""


def main(arguments: list[str]) -> int:
    """Returns 0, 1 after a refusal, 2 if a process of several was killed."""
    order_file = Path(arguments[0])
    order = TrainOrder.read(order_file)
    if order.processes > 1 and "RANK" not in os.environ:
        return _under_torchrun(order, order_file)
    reports = Reports(sys.stdout)
    try:
        with joined_processes() as place:
            _train(order, place, reports)
    except REFUSALS as error:
        elsewhere = isinstance(error, LossNotFinite) and "another process" in str(error)
        reports.note("refused", sentence=sentence_of(error), elsewhere=elsewhere)
        return 1
    return 0


def sentence_of(error: BaseException) -> str:
    """What went wrong, for a person."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return f"The training ran out of memory ({error}): choose a smaller batch or preset, or a bigger machine."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            "The disk became full while training: make room and press Retry; it goes on from its checkpoint."
        )
    return str(error) or type(error).__name__


def _under_torchrun(order: TrainOrder, order_file: Path) -> int:
    """The same order in ``processes`` processes; each ends with this one."""
    from torch.distributed import run
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    os.environ[process.PARENT] = str(os.getpid())
    count = ["--standalone", "--nproc-per-node", str(order.processes)]
    try:
        run.main([*count, "-m", process.__name__, __name__, os.fspath(order_file)])
    except ChildFailedError as error:
        killed = [failure.exitcode for failure in error.failures.values() if failure.exitcode < 0]
        if not killed:
            return 1
        Reports(sys.stdout).note("interrupted", signal=-killed[0])
        return 2
    return 0


def _train(order: TrainOrder, place: Place, reports: Reports) -> None:
    """All stages; process 0 tells and writes."""
    began = time.monotonic()
    torch.set_num_threads(order.threads or max(1, (os.cpu_count() or 1) // order.processes))
    device = _device(place)
    every = release_pictures(order.release, verify=False)
    pictures = _split(every, LEARNT_FROM)
    if faces_of(pictures) == 0:
        raise ValueError("The release has no accepted face in its training split: there is nothing to learn.")
    held_out = some_of(_split(every, ("val",)), FINAL_PICTURES)
    schedules = _schedules(order)
    model = _first(order, pictures)
    augmentation = Augmentation() if order.preset == "paper" else Augmentation(ratios=(1.0,))
    if place.rank == 0:
        check_room(
            order.folder,
            bytes_needed(model.network, pictures, order.stages, augmentation),
            order.min_free_bytes,
        )
        reports.note("plan", stages=[[name, schedule.steps] for name, schedule in schedules.items()])
    losses: dict[str, dict[str, float]] = {}
    unreadable: set[str] = set()
    for stage, schedule in schedules.items():
        kept = order.folder / STAGE_FILE.format(stage=stage)
        if kept.is_file():
            model = load_model(kept)
            continue
        network = model.network.to(device)
        if faces_of(held_out):
            few = some_of(held_out, PICTURES)
            reports.figures = partial(figures_of, network, few)
        options = Options(
            order.folder,
            every=_every(schedule),
            workers=_decoders(device, order.processes),
            seed=order.seed,
            augmentation=augmentation,
        )
        trainer = Trainer(
            network, cast(StageName, stage), schedule, pictures, options, events=reports, place=place
        )
        report = trainer.run()
        losses[stage] = report.losses
        unreadable |= set(report.unreadable)
        if place.rank == 0:
            reports.measure(stage, schedule.steps)
        model = Model(network.to("cpu"), (*model.stages, stage))
        if place.rank == 0:
            save_model(model, kept)
        wait_for_all(place)
    if place.rank == 0:
        facts = {
            "start": order.start,
            "preset": order.preset,
            "seed": order.seed,
            "stages_run": list(order.stages),
            "schedules": {name: asdict(schedule) for name, schedule in schedules.items()},
            "processes": order.processes,
            "device": _device_name(device),
            "torch": str(torch.__version__),
            "pictures": len(pictures),
            "faces": faces_of(pictures),
            "val_pictures": len(held_out),
            "val_faces": faces_of(held_out),
            "last_losses": losses,
            "unreadable": sorted(unreadable),
            "seconds": round(time.monotonic() - began, 1),
        }
        _finish(order, model, device, held_out, facts, reports)


def _finish(
    order: TrainOrder,
    model: Model,
    device: torch.device,
    held_out: RecordPictures,
    facts: dict[str, Any],
    reports: Reports,
) -> None:
    """Calibrate on the validation faces, measure, and write the model and its result."""
    metrics: dict[str, float | None] = {}
    if faces_of(held_out):
        network = model.network.to(device)
        predictor = Predictor(Model(network), score=network.config.test.score, device=device)
        model.calibration = fit_temperatures(predictor, held_out)._asdict()
        metrics = figures_of(network, held_out)
        model.network = network.to("cpu")
    model.facts = facts
    save_model(model, order.folder / MODEL_FILE)
    result = {
        "stages": list(model.stages),
        "config": config_to_json(model.network.config),
        "calibration": model.calibration,
        "metrics": metrics,
        "facts": facts,
    }
    (order.folder / RESULT_FILE).write_text(json.dumps(result))
    reports.note("done", metrics=metrics)


def _first(order: TrainOrder, pictures: RecordPictures) -> Model:
    """The parent, or a new network with the release's classes."""
    if order.parent:
        model = load_model(Path(order.parent))
        for name in ("genders", "ethnicities"):
            own, theirs = getattr(model.network.config, name), getattr(pictures, name)
            if own != theirs:
                raise ValueError(
                    f"The model to go on from knows the {name} {', '.join(own)}, the release has "
                    f"{', '.join(theirs)}: start a new network instead."
                )
        return model
    config = replace(PRESETS[order.preset](), genders=pictures.genders, ethnicities=pictures.ethnicities)
    side = order.overrides.get("S1", {}).get("short_side", config.short_side)
    config = replace(config, short_side=side, long_side=config.long_side * side // config.short_side)
    return Model(new_network(config, order.start, seed=order.seed))


def _split(pictures: RecordPictures, splits: tuple[str, ...]) -> RecordPictures:
    return replace(pictures, entries=[entry for entry in pictures.entries if entry[0].split in splits])


def _schedules(order: TrainOrder) -> dict[str, Schedule]:
    """Per stage of the order, the preset's schedule with the order's changes; the warm-up fits into it."""
    found: dict[str, Schedule] = {}
    for stage in order.stages:
        schedule, changes = SCHEDULES[order.preset][stage], order.overrides.get(stage, {})
        steps = changes.get("steps", schedule.steps)
        found[stage] = replace(
            schedule,
            steps=steps,
            batch=changes.get("batch", schedule.batch),
            warm_up=min(schedule.warm_up, steps // 10),
        )
    return found


def _every(schedule: Schedule) -> int:
    return max(1, min(LONGEST_WITHOUT_CHECKPOINT, schedule.steps // CHECKPOINTS_A_STAGE))


def _decoders(device: torch.device, processes: int) -> int:
    """Processes that decode pictures for one training process: none beside a CPU that trains, it is the bottleneck."""
    if device.type != "cuda":
        return 0
    return min(MOST_DECODERS, max(1, (os.cpu_count() or 1) // processes - 1))


def _device(place: Place) -> torch.device:
    if place.world == 1 or not torch.cuda.is_available():
        return free_gpu()
    if torch.cuda.device_count() < place.world:
        raise ValueError(
            f"{place.world} GPUs were asked for and this machine has {torch.cuda.device_count()}."
        )
    return torch.device("cuda", place.rank)


def _device_name(device: torch.device) -> str:
    return str(torch.cuda.get_device_name(device)) if device.type == "cuda" else "cpu"
