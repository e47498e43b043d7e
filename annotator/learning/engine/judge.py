"""The judging process: ``python -m annotator.learning.engine.judge ORDER.json``.

It shows every picture of a release's split to every candidate, as each would serve it (a network at its serving
score), and writes down per face what became of it. Ignore regions count neither way. It tells about it in JSON
lines on standard output: ``judging`` (pictures done and in all), ``done``, ``refused`` (a sentence says why). It
ends with the process that started it, which gives its own id as JFA_TRAINING_PARENT.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, Final, TextIO

import torch

from annotator.jobs.heartbeat import die_with_parent
from annotator.learning.engine.judge_order import Candidate, JudgeOrder
from jfa_pipeline.coarse.protocol import Provider, ProviderRefused, ProviderUnavailable
from jfa_pipeline.coarse.registry import UnknownProvider, provider_by_name
from jfa_pipeline.core.pixels import PixelsRefused, RgbPixels, decode
from jfa_pipeline.formats.native import NativeDataset, NativeFormatError, read_native
from jfa_pipeline.formats.records import ReleaseImage
from jfa_pipeline.metrics.judged import image_outcome
from tfn.model_file import ModelFileInvalid
from tfn.serve.predictor import NotServable, Predictor

PARENT: Final = "JFA_TRAINING_PARENT"

REFUSALS: Final = (
    NativeFormatError,
    ModelFileInvalid,
    NotServable,
    ProviderUnavailable,
    UnknownProvider,
    OSError,
    MemoryError,
    ImportError,
    ValueError,
    torch.OutOfMemoryError,
)
"""What ends in a sentence instead of a traceback."""


def main(arguments: list[str]) -> int:
    """Returns 0, or 1 after a refusal."""
    die_with_parent(int(os.environ[PARENT]))
    order = JudgeOrder.read(Path(arguments[0]))
    try:
        judge(order, sys.stdout)
    except REFUSALS as error:
        sentence = f"The models could not be compared: {error or type(error).__name__}"
        _tell(sys.stdout, "refused", sentence=sentence, elsewhere=False)
        return 1
    return 0


def judge(order: JudgeOrder, out: TextIO) -> None:
    """Judge every candidate and write its outcome file. Raises one of REFUSALS."""
    torch.set_num_threads(order.threads or os.cpu_count() or 1)
    release = read_native(order.release, verify=False)
    policy = release.policy
    entries = [(image, faces) for image, faces in release.entries() if image.split == order.split]
    providers = [_provider(candidate) for candidate in order.candidates]
    outcomes = [_Outcome(provider) for provider in providers]
    for done, (image, faces) in enumerate(entries):
        _tell(out, "judging", done=done, total=len(entries))
        pixels = _pixels(release, image)
        for outcome in outcomes:
            if pixels is None:
                outcome.unreadable.append(image.file_name)
                continue
            judged = image_outcome(image, faces, outcome.label(image, pixels), policy)
            outcome.images.append({"image": image.image_id, "subject": image.subject_key})
            outcome.faces += judged.faces
            outcome.detections += judged.detections
    for number, outcome in enumerate(outcomes):
        order.outcome_path(number).write_text(json.dumps(outcome.to_json()))
    _tell(out, "done", pictures=len(entries))


class _Outcome:
    """What one candidate did so far."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.images: list[dict[str, Any]] = []
        self.faces: list[dict[str, Any]] = []
        self.detections: list[dict[str, Any]] = []
        self.unreadable: list[str] = []
        self.refused: list[str] = []

    def label(self, image: ReleaseImage, pixels: RgbPixels) -> Any:
        """The candidate's faces; a picture that it refuses to label counts as one where it found nothing."""
        try:
            return self.provider.label(pixels)
        except ProviderRefused as error:
            self.refused.append(f"{image.file_name}: {error}")
            return []

    def to_json(self) -> dict[str, Any]:
        return {
            "version": f"{self.provider.name} {self.provider.version}",
            "images": self.images,
            "faces": self.faces,
            "detections": self.detections,
            "unreadable": self.unreadable,
            "refused": self.refused,
        }


def _provider(candidate: Candidate) -> Provider:
    if candidate.kind == "coarse":
        return provider_by_name(candidate.name)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return Predictor.load(Path(candidate.path), device=device)


def _pixels(release: NativeDataset, image: ReleaseImage) -> RgbPixels | None:
    """The decoded picture; None if it cannot be decoded to the size that its labels are for."""
    try:
        pixels = decode(release.image_path(image).read_bytes())
    except PixelsRefused:
        return None
    return pixels if pixels.shape[:2] == (image.height, image.width) else None


def _tell(out: TextIO, event: str, **facts: Any) -> None:
    out.write(json.dumps({"event": event, **facts}) + "\n")
    out.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
