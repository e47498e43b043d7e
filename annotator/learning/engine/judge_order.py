"""What the judging process is told: one JSON file. No torch and no Django here: both sides import it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

ORDER_FILE: Final = "judge.json"
OUTCOME_FILE: Final = "candidate-{number}.json"
"""One for each candidate, in the order's order: ``images``, ``faces`` and ``detections`` as
``jfa_pipeline.metrics.judged`` makes and reads them, ``unreadable`` and ``refused`` pictures, ``version``."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """kind "model": ``path`` of a network's file. kind "coarse": ``name`` of a provider of coarse labels."""

    kind: Literal["model", "coarse"]
    name: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class JudgeOrder:
    """folder: where the outcomes go. release: folder of the labels, verified before. threads: 0 for all cores."""

    folder: Path
    release: Path
    candidates: tuple[Candidate, ...]
    split: str = "test"
    threads: int = 0

    def write(self) -> Path:
        """Write the order into its folder; where it is."""
        path = self.folder / ORDER_FILE
        path.write_text(json.dumps(asdict(self), default=str, indent=1))
        return path

    @classmethod
    def read(cls, path: Path) -> JudgeOrder:
        """Raises TypeError for a field that this program does not know."""
        data: dict[str, Any] = json.loads(path.read_text())
        data |= {"folder": Path(data["folder"]), "release": Path(data["release"])}
        data["candidates"] = tuple(Candidate(**candidate) for candidate in data["candidates"])
        return cls(**data)

    def outcome_path(self, number: int) -> Path:
        """Where the outcome of a candidate goes."""
        return self.folder / OUTCOME_FILE.format(number=number)
