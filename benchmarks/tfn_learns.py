"""Does the network learn? ``tiny`` on drawn faces, S1 to S4, from random weights.

    python -m benchmarks.tfn_learns [--folder FOLDER] [--threads 2]

Trains the four stages on pictures of one seed, checks after each that exactly the parameters of the freeze table
have changed, calibrates on a second seed and evaluates on a third. With --folder a run that was stopped goes on
where it was; ``seconds`` then counts this process only. Prints one JSON object on the last line.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import torch

from tfn.data.batches import Augmentation
from tfn.data.pictures import ProceduralPictures
from tfn.data.procedural import Scene
from tfn.model_file import Model, load_model, save_model
from tfn.models.network import Network
from tfn.presets import tiny
from tfn.serve.calibration import fit_temperatures
from tfn.serve.evaluation import evaluate
from tfn.serve.predictor import Predictor
from tfn.train.events import default_events
from tfn.train.loop import Options, Trainer
from tfn.train.schedule import TINY
from tfn.train.stages import STAGES, StageName, part_of

ORDER: Final[tuple[StageName, ...]] = ("S1", "S2", "S3", "S4")
TRAINING, CALIBRATION, HELD_OUT = 1, 2, 3
"""Seeds of the three sets of pictures."""
SCENE: Final = Scene(face=(24.0, 80.0))
"""Faces for both levels of the RPN: the second takes those from about 40 pixels on."""
JOINT_PICTURES: Final = 16_000
FACE_PICTURES: Final = 800
CALIBRATION_PICTURES: Final = 60
HELD_OUT_PICTURES: Final = 250


class FreezeTableBroken(AssertionError):
    """A stage moved something else than its row of the table says."""


def run_stage(network: Network, stage: StageName, folder: Path) -> None:
    """Train one stage. Raises FreezeTableBroken unless exactly its parameters and buffers have changed."""
    before = {name: value.clone() for name, value in network.state_dict().items()}
    count = FACE_PICTURES if STAGES[stage].is_frozen_detector else JOINT_PICTURES
    flip = not STAGES[stage].is_frozen_detector
    options = Options(folder, every=100, augmentation=Augmentation(flip=flip, ratios=(1.0,)))
    events = default_events()
    Trainer(
        network, stage, TINY[stage], ProceduralPictures(count, TRAINING, SCENE), options, events=events
    ).run()
    for name, value in network.state_dict().items():
        moves = part_of(name) in STAGES[stage].trains
        if torch.equal(value, before[name]) == moves:
            raise FreezeTableBroken(f"{stage}: {name} {'did not move' if moves else 'moved'}.")


def trained(folder: Path) -> Model:
    """The network after S4; stages whose result lies in the folder are not run again."""
    torch.manual_seed(0)
    network = Network(tiny())
    for number, stage in enumerate(ORDER, start=1):
        path = folder / f"after-{stage}.pt"
        if path.is_file():
            network = load_model(path).network
            continue
        run_stage(network, stage, folder)
        save_model(Model(network, ORDER[:number]), path)
    return Model(network.eval(), ORDER)


def measured(model: Model) -> dict[str, Any]:
    """Figures on held-out pictures, after calibration on others."""
    everything = Predictor(model, score=model.network.config.test.score)
    warmth = fit_temperatures(everything, ProceduralPictures(CALIBRATION_PICTURES, CALIBRATION, SCENE))
    model.calibration = warmth._asdict()
    predictor = Predictor(model, score=model.network.config.test.score)
    found = evaluate(predictor, ProceduralPictures(HELD_OUT_PICTURES, HELD_OUT, SCENE)).figures()
    return found | {"calibration": model.calibration}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tfn_learns", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--folder", type=Path, help="keep checkpoints here and go on from them")
    parser.add_argument("--threads", type=int, default=2, help="cores that torch may use")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder if options.folder is not None else Path(scratch)
        model = trained(folder)
        figures = measured(model)
        save_model(model, folder / "tiny.pt")
    seconds = time.perf_counter() - started
    print(json.dumps(figures | {"seconds": round(seconds, 1), "threads": options.threads}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
