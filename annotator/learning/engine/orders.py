"""What the training process is told: one JSON file. No torch and no Django here: both sides import it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

ORDER_FILE: Final = "order.json"
MODEL_FILE: Final = "model.pt"
RESULT_FILE: Final = "result.json"
STAGE_FILE: Final = "stage-{stage}.pt"
"""The network as it was after a stage of this run: an attempt that finds it goes on behind that stage."""

CHECKPOINT_FILE: Final = "checkpoint-{stage}.pt"
"""The name that tfn.train.loop gives its checkpoints; a test compares the two."""


@dataclass(frozen=True, slots=True)
class TrainOrder:
    """folder: of the attempt; everything it writes goes there. release: folder of the labels, verified before.

    parent: model file to go on from, empty for a new network that starts from ``start``. stages: in order.
    overrides: per stage, "steps" and "batch" instead of the preset's, and "short_side" of S1 for a new network, in
    pixels. threads: of each process, 0 for all cores.
    processes: several run under torchrun. min_free_bytes: what has to stay free on the disk of the folder.
    """

    folder: Path
    release: Path
    stages: tuple[str, ...]
    preset: str
    start: str = "random"
    parent: str = ""
    seed: int = 0
    overrides: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    threads: int = 0
    processes: int = 1
    min_free_bytes: int = 0

    def write(self) -> Path:
        """Write the order into its folder; where it is."""
        path = self.folder / ORDER_FILE
        path.write_text(json.dumps(asdict(self), default=str, indent=1))
        return path

    @classmethod
    def read(cls, path: Path) -> TrainOrder:
        """Raises TypeError for a field that this program does not know."""
        data: dict[str, Any] = json.loads(path.read_text())
        data |= {"folder": Path(data["folder"]), "release": Path(data["release"])}
        data["stages"] = tuple(data["stages"])
        return cls(**data)
