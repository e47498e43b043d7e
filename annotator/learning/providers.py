"""Who pre-labels a dataset: its champion or the coarse provider, loaded once in each worker process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Protocol, runtime_checkable

from django.conf import settings

from annotator.datasets.models import Dataset
from annotator.learning.models import ModelVersion
from annotator.learning.selectors.registry import champion_of, model_local_file
from jfa_pipeline.coarse.protocol import CoarseFace, Provider, ProviderUnavailable, RgbImage
from jfa_pipeline.coarse.registry import provider_by_name

CPU_QUEUE: Final = "cpu"
GPU_QUEUE: Final = "gpu"


@runtime_checkable
class BatchProvider(Provider, Protocol):
    """A provider that labels several images at once; see annotator.learning.engine.predict.ModelProvider."""

    @property
    def group(self) -> int: ...

    @property
    def decoders(self) -> int: ...

    @property
    def longest_side(self) -> int: ...

    def label_batch(self, images: Sequence[RgbImage]) -> list[list[CoarseFace]]: ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who pre-labels a dataset at this moment. model: None for the coarse provider of the settings."""

    model: ModelVersion | None

    @property
    def queue(self) -> str:
        """Where its work belongs: trained models to the queue `gpu`, also where that is a CPU."""
        return CPU_QUEUE if self.model is None else GPU_QUEUE

    @property
    def key(self) -> str:
        """Equal for two choices that label alike."""
        return settings.JFA_COARSE_PROVIDER if self.model is None else model_version_name(self.model)

    def provider(self) -> Provider:
        """The provider with its weights in memory.

        Raises ProviderUnavailable if the coarse provider's files, or torch, are absent; ModelFileCorrupt for a
        model's file that is not the registered one, and what loading it raises.
        """
        if self.model is None:
            return resident_provider(settings.JFA_COARSE_PROVIDER)
        return _resident_model(self.model)


def provider_choice(dataset: Dataset) -> Chosen:
    """Who pre-labels the dataset now; one query."""
    return Chosen(champion_of(dataset))


def model_version_name(model: ModelVersion) -> str:
    """What is stored with a model's labels beside "tfn": its number and the start of its hash."""
    return f"m{model.number} {model.sha256[:8]}"


@cache
def resident_provider(name: str) -> Provider:
    """The provider with its models in memory. Raises ProviderUnavailable if its model files are absent."""
    return provider_by_name(name)


_resident: dict[tuple[str, str], BatchProvider] = {}
"""At most one trained model, by hash and name: memory is short, above all a GPU's."""


def _resident_model(model: ModelVersion) -> BatchProvider:
    key = (model.sha256, model_version_name(model))
    if key not in _resident:
        path = model_local_file(model)
        _resident.clear()
        # Only here, in the child that labels: torch must not be loaded before a worker forks.
        try:
            from annotator.learning.engine.predict import ModelProvider
        except ImportError as error:
            raise ProviderUnavailable(
                f"This worker cannot use model m{model.number}, because torch does not load there ({error}). Install "
                "torch for it, or let a worker that has torch serve the queue 'gpu'.",
                retryable=False,
            ) from error
        _resident[key] = ModelProvider(
            path, version=model_version_name(model), threads=settings.JFA_TORCH_THREADS
        )
    return _resident[key]
