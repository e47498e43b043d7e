"""Running imports in tests: in this process, as a worker does."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from annotator.images.models import Import, ImportEntry
from annotator.images.services.importing import import_run
from annotator.jobs.models import Job
from annotator.jobs.running import run_job

Line = tuple[str, str, str]


def photo(seed: int, format: str = "JPEG", size: tuple[int, int] = (80, 60)) -> bytes:
    """The bytes of a picture that no other seed gives."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    PillowImage.fromarray(coarse).resize(size, PillowImage.Resampling.BICUBIC).save(buffer, format)
    return buffer.getvalue()


def run_import(batch: Import) -> Job:
    assert batch.job is not None
    run_job(batch.job.pk, "test", lambda attempt: import_run(run=attempt))
    return Job.objects.get(pk=batch.job.pk)


def lines(batch: Import) -> list[Line]:
    """(name, outcome, code) of each file, in the order of reading."""
    rows: Any = ImportEntry.objects.filter(batch=batch).order_by("pk").values_list("name", "outcome", "code")
    return list(rows)
