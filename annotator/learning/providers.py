"""The provider of coarse labels, loaded once in each worker process."""

from __future__ import annotations

from functools import cache

from jfa_pipeline.coarse.protocol import Provider
from jfa_pipeline.coarse.registry import provider_by_name


@cache
def resident_provider(name: str) -> Provider:
    """The provider with its models in memory. Raises ProviderUnavailable if its model files are absent."""
    return provider_by_name(name)
