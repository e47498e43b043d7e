"""Providers by name, as a dataset's settings and the command line write them."""

from __future__ import annotations

from typing import Final

from jfa_pipeline.coarse.protocol import Provider

PROVIDERS: Final = ("packaged", "facepp")


class UnknownProvider(ValueError):
    """No provider has this name; the message lists those that exist."""


def provider_by_name(name: str) -> Provider:
    """A new provider; models load here, so keep it for as many images as there are.

    Raises UnknownProvider, or ProviderUnavailable if its packages or keys are missing.
    """
    # Each module is imported only when asked for: the packaged one loads 130 MB of models' libraries.
    if name == "packaged":
        from jfa_pipeline.coarse.packaged import PackagedProvider

        return PackagedProvider()
    if name == "facepp":
        from jfa_pipeline.coarse.facepp import FaceppProvider

        return FaceppProvider.from_environment()
    raise UnknownProvider(f"There is no provider '{name}'. Known providers: {', '.join(PROVIDERS)}.")
