"""What a training process tells while it runs: losses, and figures on the validation pictures."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TextIO

import torch

from tfn.data.pictures import PictureUnreadable
from tfn.data.records import RecordPictures
from tfn.model_file import Model
from tfn.models.network import Network
from tfn.serve.evaluation import evaluate
from tfn.serve.predictor import Predictor

POINTS_A_STAGE: Final = 500
FIGURES: Final = ("ap50", "nme_interocular", "age_mae", "gender_acc", "ethnicity_acc", "faces_n")
EVERY_STEPS: Final = 500
PICTURES: Final = 50
COST_SHARE: Final = 10
"""Between two validations inside a stage at least so many times as long is trained."""


class Reports:
    """``tfn.train.events.Events`` as JSON lines: at most POINTS_A_STAGE losses a stage, and metrics.

    ``figures``: measures the network as it is now; None without validation pictures. Inside a stage it is called
    every EVERY_STEPS iterations if that costs at most one part in COST_SHARE of the time.
    """

    def __init__(self, stream: TextIO, figures: Callable[[], dict[str, float | None]] | None = None) -> None:
        self.stream = stream
        self.figures = figures
        self._measured_at = time.monotonic()
        self._cost = 0.0

    def step(self, stage: str, step: int, steps: int, values: dict[str, float]) -> None:
        every = max(1, steps // POINTS_A_STAGE)
        if step % every == 0 or step in (1, steps):
            self.note("step", stage=stage, step=step, steps=steps, values=finite(values))
        if step % EVERY_STEPS == 0 and step < steps and self._is_affordable():
            self.measure(stage, step)

    def measure(self, stage: str, step: int) -> None:
        """Tell the figures on the validation pictures now."""
        if self.figures is None:
            return
        began = time.monotonic()
        self.note("metric", stage=stage, step=step, values=self.figures())
        self._measured_at = time.monotonic()
        self._cost = self._measured_at - began

    def note(self, event: str, **facts: Any) -> None:
        self.stream.write(json.dumps({"event": event, **facts}) + "\n")
        self.stream.flush()

    def _is_affordable(self) -> bool:
        return time.monotonic() - self._measured_at >= COST_SHARE * self._cost


def figures_of(network: Network, pictures: RecordPictures) -> dict[str, float | None]:
    """T44-T47 of the network as it stands, whichever stage it is in; its modules keep their modes.

    nme_interocular: share of the distance between the eyes, of found faces; age_mae: years; None where no face
    carries the label.
    """
    modes = [(module, module.training) for module in network.modules()]
    # Without stages the predictor does not ask whether this network could be served.
    predictor = Predictor(
        Model(network), score=network.config.test.score, device=next(network.parameters()).device
    )
    found = evaluate(predictor, pictures).figures()
    for module, was in modes:
        module.training = was
    return finite({name: found[name] for name in FIGURES})


def some_of(pictures: RecordPictures, most: int) -> RecordPictures:
    """At most ``most`` readable pictures, spread over all of them; the same ones each time."""
    every = max(1, math.ceil(len(pictures) / most))
    chosen = replace(pictures, entries=list(pictures.entries)[::every])
    return replace(chosen, entries=[chosen.entries[i] for i in range(len(chosen)) if _is_readable(chosen, i)])


def faces_of(pictures: RecordPictures) -> int:
    """Accepted faces in these pictures; ignore regions do not count."""
    return sum(face.status == "accepted" for _, faces in pictures.entries for face in faces)


def finite(values: Mapping[str, Any]) -> dict[str, float | None]:
    """The numbers as JSON has them: None for NaN, infinity and what was not measured."""
    return {
        name: float(value) if value is not None and math.isfinite(value) else None
        for name, value in values.items()
    }


def free_gpu() -> torch.device:
    """The GPU with the most free memory, or the CPU where there is none."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    free = [torch.cuda.mem_get_info(number)[0] for number in range(torch.cuda.device_count())]
    return torch.device("cuda", free.index(max(free)))


def _is_readable(pictures: RecordPictures, index: int) -> bool:
    try:
        pictures.picture(index)
    except PictureUnreadable:
        return False
    return True
