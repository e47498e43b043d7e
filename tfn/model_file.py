"""A trained network on disk: configuration, weights, which stages it has been through, calibration."""

from __future__ import annotations

import os
import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import torch

from tfn.config import TfnConfig
from tfn.models.network import Network

FORMAT: Final = "tfn-model-1"


class ModelFileInvalid(ValueError):
    """A file that holds no network this program can read; the message says what is wrong."""


@dataclass(slots=True)
class Model:
    """network: in eval mode. stages: names in the order they were run. facts: anything plain about its training."""

    network: Network
    stages: tuple[str, ...] = ()
    calibration: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def save_atomically(content: Any, path: Path) -> None:
    """``torch.save`` that a crash cannot leave half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def save_model(model: Model, path: Path) -> None:
    """Write one file that ``load_model`` reads; weights are stored on the CPU."""
    state = {name: value.detach().cpu() for name, value in model.network.state_dict().items()}
    save_atomically(
        {
            "format": FORMAT,
            "config": config_to_json(model.network.config),
            "state": state,
            "stages": list(model.stages),
            "calibration": dict(model.calibration),
            "facts": dict(model.facts),
        },
        path,
    )


def load_model(path: Path) -> Model:
    """Raises FileNotFoundError, or ModelFileInvalid for a file of another kind or another network."""
    try:
        data = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ModelFileInvalid(f"{path.name} cannot be read as a trained network: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ModelFileInvalid(f"{path.name} is not a trained network of format {FORMAT}.")
    network = Network(config_from_json(data["config"]))
    try:
        network.load_state_dict(data["state"])
    except RuntimeError as error:
        raise ModelFileInvalid(f"{path.name}: its weights do not fit its configuration: {error}") from error
    network.eval()
    return Model(network, tuple(data["stages"]), dict(data["calibration"]), dict(data["facts"]))


def config_to_json(config: TfnConfig) -> dict[str, Any]:
    """Plain JSON types; inverse of ``config_from_json``."""
    return asdict(config)


def config_from_json(data: Mapping[str, Any]) -> TfnConfig:
    """Raises ModelFileInvalid for an unknown field."""
    config = _built(TfnConfig, data)
    if not isinstance(config, TfnConfig):
        raise TypeError("a configuration was expected")
    return config


def _built(kind: Any, data: Any) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        known = {f.name for f in fields(kind)}
        if unknown := set(data) - known:
            raise ModelFileInvalid(f"Unknown fields of {kind.__name__}: {', '.join(sorted(unknown))}.")
        hints = get_type_hints(kind)
        return kind(**{name: _built(hints[name], value) for name, value in data.items()})
    if get_origin(kind) in (Union, types.UnionType):
        inner = [argument for argument in get_args(kind) if argument is not type(None)]
        return None if data is None else _built(inner[0], data)
    if isinstance(data, list | tuple):
        return tuple(_built(object, item) for item in data)
    return data
