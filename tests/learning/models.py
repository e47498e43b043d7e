"""Registers models for tests; their files are any bytes, because the registry looks at the hash alone."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from annotator.datasets.models import Dataset
from annotator.learning.models import ModelVersion
from annotator.learning.services.registry import model_register

_numbers = itertools.count(1)


def register(dataset: Dataset, folder: Path, *, content: bytes = b"", **given: Any) -> ModelVersion:
    """A version whose file holds ``content``, or bytes that no other call makes."""
    path = folder / "trained.pt"
    path.write_bytes(content or f"weights {next(_numbers)}".encode())
    values: dict[str, Any] = {
        "run_id": next(_numbers),
        "release_number": 1,
        "release_sha256": "ab" * 32,
        "preset": "fast",
        "stages": ["S1"],
        "parent": None,
        "metrics": {"nme": 0.04},
        "facts": {"config": {"backbone": "mobile"}, "start": "centerface", "seed": 3},
        "created_by": None,
        **given,
    }
    return model_register(dataset=dataset, path=path, **values)
