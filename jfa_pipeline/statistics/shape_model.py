"""A statistical shape model of 68 points: what a face's points look like together, and how stiff each part is.

Units: the distance between the mean shape's outer eye corners is 1 ("model units"); x right, y down, eyes level, the
origin is the centroid. A face's displacement from where it starts is taken to be Gaussian with mean 0 and covariance

    prior.modes^2 * (variation of faces, no mode above prior.most) + prior.similarity^2 * (shift, turn, size)
    + prior.local^2 * (give of each part) + (unsteadiness of single points)

so that moving one point tells about all others (jfa_pipeline.statistics.shape_moves). The give of a part is a
smooth field along its curves: ``spread`` says how far a piece of the curve moves on its own, ``reach`` how long the
piece is. A stiff part has a small spread and a long reach. Which prior fits depends on where the points start: far
off and all together from a bare template, nearly right and piecewise wrong from a pre-label.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.ibug68 import CURVES, LEFT_EYE_OUTER, POINTS, REGIONS, RIGHT_EYE_OUTER

Floats = NDArray[np.float64]

FORMAT: Final = "jfa-shape-model"
FORMAT_VERSION: Final = 1
UNIT: Final = 1e-4
"""Model units of the integers in a file: 0.0001 of the distance between the outer eye corners."""

DEFAULT_FILE: Final = Path(__file__).with_name("shape_model_default.json")

Start = Literal["template", "prelabel"]
"""Where the points came from: the bare template (or three clicks), or a model's pre-label."""

STARTS: Final[tuple[Start, ...]] = get_args(Start)


class ShapeModelInvalid(ValueError):
    """A file that is no shape model of this format; the message says why."""


@dataclass(frozen=True, slots=True)
class Prior:
    """How far points may lie off from a start: multiples of the model's own variations.

    similarity: SD in model units of shift, turn (radians) and relative size of the whole face. modes, local: factors of
    the faces' variation and of the parts' give. most: a mode's SD is cut to this length over all points, so that
    the few modes in which faces differ most (turning, nodding) do not rule where they are known.
    """

    similarity: float
    modes: float
    most: float
    local: float


@dataclass(frozen=True, slots=True)
class Stiffness:
    """Of one region, in model units. noise: SD of single points; spread, reach: see the module."""

    noise: float
    spread: float
    reach: float


@dataclass(frozen=True, slots=True, eq=False)
class ShapeModel:
    """mean: (68, 2). modes: (K, 68, 2), one SD each, the largest first. Both in model units.

    faces: how many faces it was estimated on; source: what they were.
    """

    mean: Floats
    modes: Floats
    stiffness: Mapping[str, Stiffness]
    priors: Mapping[Start, Prior]
    faces: int
    source: str

    def covariance(self, start: Start) -> Floats:
        """(136, 136) covariance of displacements in model units, coordinate order x0, y0, x1, y1, ...; read-only."""
        return _covariance(self, start)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types; coordinates and deviations as integers of UNIT."""
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "unit": UNIT,
            "faces": self.faces,
            "source": self.source,
            "mean": _integers(self.mean),
            "modes": [_integers(mode) for mode in self.modes],
            "stiffness": {
                region: [_integer(one.noise), _integer(one.spread), _integer(one.reach)]
                for region, one in self.stiffness.items()
            },
            "priors": {
                start: {
                    "similarity": one.similarity,
                    "modes": one.modes,
                    "most": one.most,
                    "local": one.local,
                }
                for start, one in self.priors.items()
            },
        }


_REGION_OF: Final = [
    next(name for name, indices in REGIONS.items() if index in indices) for index in range(POINTS)
]


@lru_cache(maxsize=16)
def _covariance(model: ShapeModel, start: Start) -> Floats:
    prior = model.priors[start]
    modes = model.modes.reshape(len(model.modes), -1) * prior.modes
    modes *= np.minimum(1.0, prior.most / np.linalg.norm(modes, axis=1, keepdims=True))
    moved = similarity_basis(model.mean) * prior.similarity
    noise = np.repeat([model.stiffness[region].noise for region in _REGION_OF], 2)
    total: Floats = modes.T @ modes + moved.T @ moved + prior.local**2 * _give(model) + np.diag(noise**2)
    total.setflags(write=False)
    return total


def _give(model: ShapeModel) -> Floats:
    """(136, 136) covariance of the parts' own smooth displacements along their curves."""
    give = np.zeros((2 * POINTS, 2 * POINTS))
    for region, indices, closed in CURVES:
        stiffness = model.stiffness[region]
        apart = along_curve(model.mean[list(indices)], closed=closed)
        shared = stiffness.spread**2 * np.exp(-0.5 * (apart / stiffness.reach) ** 2)
        for axis in (0, 1):
            at = 2 * np.array(indices) + axis
            give[np.ix_(at, at)] += shared
    return give


def similarity_basis(mean: Floats) -> Floats:
    """(4, 136) displacements of (68, 2) points when shifted right, shifted down, turned clockwise, enlarged by 1."""
    basis = np.zeros((4, POINTS, 2))
    basis[0, :, 0] = basis[1, :, 1] = 1
    basis[2] = np.stack([-mean[:, 1], mean[:, 0]], axis=1)
    basis[3] = mean
    return basis.reshape(4, -1)


def along_curve(points: Floats, *, closed: bool) -> Floats:
    """(N, N) distances between (N, 2) points measured along their polyline.

    A closed one is bent to a circle of its length and distances are chords of it: with the shorter way round
    instead, the give would be no covariance (it would have negative variances).
    """
    steps = np.linalg.norm(np.diff(points, axis=0, append=points[:1]), axis=1)
    place = np.concatenate([[0], steps[:-1].cumsum()])
    apart = np.abs(place[:, None] - place[None])
    around = float(steps.sum())
    return np.asarray(around / np.pi * np.sin(np.pi * apart / around) if closed else apart)


def shape_model_from_json(data: Mapping[str, Any]) -> ShapeModel:
    """The model of a parsed file. Raises ShapeModelInvalid."""
    if data.get("format") != FORMAT or data.get("format_version") != FORMAT_VERSION:
        raise ShapeModelInvalid(
            f"This is not a shape model of format {FORMAT}, version {FORMAT_VERSION}: it says "
            f"{data.get('format')!r}, {data.get('format_version')!r}. Estimate one with this version of the program."
        )
    try:
        unit = float(data["unit"])
        model = ShapeModel(
            mean=np.array(data["mean"], dtype=np.float64).reshape(POINTS, 2) * unit,
            modes=np.array(data["modes"], dtype=np.float64).reshape(-1, POINTS, 2) * unit,
            stiffness={
                region: Stiffness(*(float(value) * unit for value in data["stiffness"][region]))
                for region in REGIONS
            },
            priors={
                start: Prior(**{key: float(value) for key, value in data["priors"][start].items()})
                for start in STARTS
            },
            faces=int(data["faces"]),
            source=str(data["source"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ShapeModelInvalid(f"The shape model is damaged: {type(error).__name__}: {error}.") from error
    positive = [v for one in model.stiffness.values() for v in (one.noise, one.spread, one.reach)]
    if not np.isfinite([model.mean, *model.modes]).all() or min(positive) <= 0:
        raise ShapeModelInvalid(
            "The shape model is damaged: a number is missing or a deviation is not above 0."
        )
    if abs(np.linalg.norm(model.mean[RIGHT_EYE_OUTER] - model.mean[LEFT_EYE_OUTER]) - 1) > 0.01:
        raise ShapeModelInvalid("The shape model is damaged: its outer eye corners are not 1 apart.")
    return model


def read_shape_model(path: Path) -> ShapeModel:
    """Read a file. Raises ShapeModelInvalid, OSError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ShapeModelInvalid(f"{path.name} is no JSON ({error}).") from error
    if not isinstance(data, dict):
        raise ShapeModelInvalid(f"{path.name} holds no JSON object.")
    return shape_model_from_json(cast("dict[str, Any]", data))


def shape_model_text(model: ShapeModel) -> str:
    """The file's text, one line a mode; the same model gives the same text."""
    lines = []
    for key, value in model.to_json().items():
        if key == "modes":
            rows = ",\n".join("    " + json.dumps(row, separators=(",", ":")) for row in value)
            lines.append(f'  "modes": [\n{rows}\n  ]')
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


@cache
def default_shape_model() -> ShapeModel:
    """The shipped model, estimated on invented heads (jfa_pipeline.statistics.head_shapes)."""
    return read_shape_model(DEFAULT_FILE)


def _integer(value: float) -> int:
    return round(value / UNIT)


def _integers(values: Floats) -> list[int]:
    return [_integer(value) for value in values.reshape(-1)]
