"""A trained model as a provider of pre-labels, resident in a worker process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from jfa_pipeline.coarse.protocol import CoarseFace, RgbImage, Sight, Suggestion
from jfa_pipeline.steps.suggest import suggestions_beside
from tfn.model_file import load_model
from tfn.serve.predictor import SERVING_SCORE, PredictedFace, Predictor

CPU_GROUP: Final = 8
GPU_BATCH: Final = 16
GPU_GROUP: Final = 64
"""Images that are handed over at once: a GPU puts those of one size into batches of GPU_BATCH."""

SUGGESTED_SCORE: Final = 0.2
"""A box scored between this and SERVING_SCORE is no face but a suggestion for the sweep."""


class ModelProvider:
    """Labels images with one model file. ``version`` names the model: it is stored with every label.

    group: how many images it likes to get at once. longest_side: it looks at no more pixels than this along the
    longer side, so a decoder need not give more. decoders: threads that it takes to keep it busy.
    """

    name: Final = "tfn"

    def __init__(self, path: Path, *, version: str, threads: int) -> None:
        """Loads the weights, onto a GPU if there is one. threads: of torch, for the whole process (CPU only).

        Raises ModelFileInvalid for a file of another kind, NotServable for one with stale parts (T24). Call it
        in the process that labels: a torch call before a fork hangs the child.
        """
        is_cuda = torch.cuda.is_available()
        if not is_cuda:
            torch.set_num_threads(max(1, threads))
        self.version = version
        self.score = SERVING_SCORE
        """A box that scores more is a face."""
        self._predictor = Predictor(
            load_model(path),
            score=SUGGESTED_SCORE,
            device="cuda" if is_cuda else "cpu",
            batch=GPU_BATCH,
        )
        self.device: Final = str(self._predictor.device)
        self.group: Final = GPU_GROUP if is_cuda else CPU_GROUP
        self.decoders: Final = 8 if is_cuda else 2
        self.longest_side: Final = self._predictor.config.long_side

    def label(self, image: RgbImage) -> list[CoarseFace]:
        """Every face of an upright (H, W, 3) RGB image."""
        return self.label_batch([image])[0]

    def label_batch(self, images: Sequence[RgbImage]) -> list[list[CoarseFace]]:
        """Per image its faces; the answer for one does not depend on the others."""
        return [list(sight.faces) for sight in self.look(images)]

    def look(self, images: Sequence[RgbImage]) -> list[Sight]:
        """Per image its faces and the boxes that it doubts.

        A GPU that has too little memory for all of them gets them one by one.
        """
        try:
            found = self._predictor.predict(images)
        except torch.OutOfMemoryError:
            if len(images) == 1:
                raise
            torch.cuda.empty_cache()
            found = [self._predictor.predict([image])[0] for image in images]
        return [_sight(faces, self.score) for faces in found]


def _sight(found: Sequence[PredictedFace], score: float) -> Sight:
    faces = [_with_uncertainty(face) for face in found if face.coarse.score > score]
    doubtful = [
        Suggestion(face.coarse.labels.box, face.coarse.score, face.coarse.detector)
        for face in found
        if face.coarse.score <= score and face.coarse.labels.box.is_proper()
    ]
    return Sight(faces, suggestions_beside([face.labels.box for face in faces], doubtful))


def _with_uncertainty(face: PredictedFace) -> CoarseFace:
    return replace(face.coarse, uncertainty=face.uncertainty)
