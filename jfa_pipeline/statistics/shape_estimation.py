"""Estimate a shape model from faces: Procrustes alignment, principal modes, what is left over by part.

The covariance of few faces is mostly chance. It is therefore mixed with that of a prior model, which counts as
PRIOR_FACES faces: a dozen accepted faces change little, thousands replace it. What the leading modes do not explain is
split, region by region, into a smooth part along the curves (spread, reach) and the unsteadiness of single points.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jfa_pipeline.core.ibug68 import CURVES, FLIP, LEFT_EYE_OUTER, POINTS, REGIONS, RIGHT_EYE_OUTER
from jfa_pipeline.formats.native import read_native
from jfa_pipeline.formats.records import ACCEPTED
from jfa_pipeline.statistics.head_shapes import head_shapes
from jfa_pipeline.statistics.shape_model import (
    Prior,
    ShapeModel,
    Start,
    Stiffness,
    along_curve,
    default_shape_model,
)

Floats = NDArray[np.float64]

MODES: Final = 30
GLOBAL_MODES: Final = 10
"""So many leading modes are the whole face's; what they leave is a part's own give."""

PRIOR_FACES: Final = 300
LEAST_FACES: Final = 200
"""Without a prior model."""

ROUNDS: Final = 5
DEFAULT_FACES: Final = 6_000
DEFAULT_SEED: Final = 7
DEFAULT_SOURCE: Final = "invented heads (jfa_pipeline.statistics.head_shapes), seed 7"

_PRIORS: Final[dict[Start, Prior]] = {
    "template": Prior(similarity=0.1, modes=1.0, most=10.0, local=1.5),
    "prelabel": Prior(similarity=0.01, modes=0.3, most=0.06, local=1.5),
}
"""A template lies off by a tenth of the face and by all that faces differ in. A pre-label lies off by a few
hundredths, piece by piece, seldom as a whole."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and covariance of ``faces`` aligned faces: (68, 2) and (136, 136) in model units."""

    mean: Floats
    covariance: Floats
    faces: int


def default_model() -> ShapeModel:
    """The shipped model from scratch; takes some seconds."""
    return estimate_shape_model(head_shapes(DEFAULT_FACES, DEFAULT_SEED), source=DEFAULT_SOURCE)


def release_model(folder: Path, *, prior: ShapeModel | None = None) -> ShapeModel:
    """The model of a native release's accepted faces, mixed with ``prior`` (the shipped model if None).

    Left out are faces with a missing point, and those of the test split: the model helps to label, and the test split
    is to judge. Hidden points count; they lie where people expect them. Only the tables are read, pictures may be
    absent. Raises NativeFormatError; OSError without tables; ValueError if no face is left.
    """
    shapes = [
        face.labels.landmarks
        for image, faces in read_native(folder, verify=False).entries()
        for face in faces
        if image.split != "test" and face.status == ACCEPTED and face.labels.landmarks is not None
    ]
    found = np.array(shapes, dtype=np.float64).reshape(-1, POINTS, 2)
    return estimate_shape_model(
        found,
        source=f"accepted faces of release {folder.resolve().name}",
        prior=prior or default_shape_model(),
    )


def estimate_shape_model(shapes: ArrayLike, *, source: str, prior: ShapeModel | None = None) -> ShapeModel:
    """Estimate a model of (N, 68, 2) faces in any places, sizes and rolls; faces with a missing point are left out.

    prior: see the module; without one at least LEAST_FACES complete faces are needed. Left and right are made alike by
    counting every face's mirror image too. Raises ValueError with too few faces or another shape.
    """
    given = np.asarray(shapes, dtype=np.float64)
    if given.ndim != 3 or given.shape[1:] != (POINTS, 2):
        raise ValueError(f"Faces need shape (N, {POINTS}, 2), got {given.shape}.")
    whole = given[np.isfinite(given).all(axis=(1, 2))]
    if len(whole) < (1 if prior else LEAST_FACES):
        raise ValueError(
            f"There are {len(whole)} faces with all {POINTS} points; "
            + (
                f"a model without a prior needs {LEAST_FACES}."
                if prior is None
                else "at least one is needed."
            )
        )
    found = _aligned(whole, None if prior is None else prior.mean)
    if prior is not None:
        found = _mixed(found, prior)
    found = _in_model_units(found)
    values, vectors = np.linalg.eigh(found.covariance)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    modes = (vectors[:, :MODES] * np.sqrt(values[:MODES])).T
    # The sign of a mode is free; fixing it keeps files comparable.
    modes *= np.where(modes[np.arange(len(modes)), np.abs(modes).argmax(axis=1)] < 0, -1.0, 1.0)[:, None]
    leftover = (
        found.covariance - (vectors[:, :GLOBAL_MODES] * values[:GLOBAL_MODES]) @ vectors[:, :GLOBAL_MODES].T
    )
    rest = np.diag(found.covariance) - (modes**2).sum(axis=0)
    stiffness = {region: _stiffness(region, found.mean, leftover, rest) for region in REGIONS}
    return ShapeModel(
        mean=found.mean,
        modes=modes.reshape(-1, POINTS, 2),
        stiffness=stiffness,
        priors=_PRIORS if prior is None else prior.priors,
        faces=len(whole),
        source=source,
    )


def aligned_to(shapes: Floats, target: Floats) -> Floats:
    """(N, 68, 2) faces moved, turned and scaled onto the (68, 2) target, each by least squares."""
    z = shapes[..., 0] + 1j * shapes[..., 1]
    goal = target[:, 0] + 1j * target[:, 1]
    z = z - z.mean(axis=1, keepdims=True)
    about = goal - goal.mean()
    turn = (z.conj() @ about) / (np.abs(z) ** 2).sum(axis=1)
    z = z * turn[:, None] + goal.mean()
    return np.stack([z.real, z.imag], axis=2)


def _upright(mean: Floats) -> Floats:
    """The mean in model units: centroid at 0, outer eye corners level and 1 apart."""
    z = mean[:, 0] + 1j * mean[:, 1]
    z = (z - z.mean()) / (z[RIGHT_EYE_OUTER] - z[LEFT_EYE_OUTER])
    return np.stack([z.real, z.imag], axis=1)


def _in_model_units(found: Spread) -> Spread:
    """Scaled so that the mean's outer eye corners are 1 apart."""
    size = float(np.linalg.norm(found.mean[RIGHT_EYE_OUTER] - found.mean[LEFT_EYE_OUTER]))
    return Spread(found.mean / size, found.covariance / size**2, found.faces)


def _aligned(shapes: Floats, target: Floats | None) -> Spread:
    """Generalised Procrustes analysis: align to the mean, take the mean anew, a few rounds."""
    both = np.concatenate([shapes, shapes[:, FLIP] * (-1, 1)])
    mean = _upright(both[0] if target is None else target)
    for _ in range(ROUNDS if target is None else 0):
        mean = _upright(aligned_to(both, mean).mean(axis=0))
    fitted = aligned_to(both, mean)
    centre = fitted.mean(axis=0)
    offsets = (fitted - centre).reshape(len(both), -1)
    return Spread(centre, offsets.T @ offsets / len(both), len(shapes))


def _mixed(found: Spread, prior: ShapeModel) -> Spread:
    """The faces and PRIOR_FACES of the prior as one sample."""
    share = found.faces / (found.faces + PRIOR_FACES)
    modes = prior.modes.reshape(len(prior.modes), -1)
    noise = np.concatenate(
        [np.repeat(prior.stiffness[name].noise, 2 * len(part)) for name, part in REGIONS.items()]
    )
    known = modes.T @ modes + np.diag(noise**2)
    apart = (found.mean - prior.mean).reshape(-1)
    covariance = share * found.covariance + (1 - share) * known + share * (1 - share) * np.outer(apart, apart)
    return Spread(share * found.mean + (1 - share) * prior.mean, covariance, found.faces)


def _stiffness(region: str, mean: Floats, leftover: Floats, rest: Floats) -> Stiffness:
    """Fit spread^2 exp(-(distance / reach)^2 / 2) to the covariances between different points of the region's
    curves."""
    apart, shared, length = [], [], 0.0
    for name, indices, closed in CURVES:
        if name != region:
            continue
        distance = along_curve(mean[list(indices)], closed=closed)
        length = max(length, float(distance.max()))
        pairs = np.triu_indices(len(indices), 1)
        for axis in (0, 1):
            at = 2 * np.array(indices) + axis
            apart.append(distance[pairs])
            shared.append(leftover[np.ix_(at, at)][pairs])
    distances, covariances = np.concatenate(apart), np.concatenate(shared)
    best = (np.inf, 0.0, 0.0)
    for reach in length * np.linspace(0.1, 1.0, 37):
        field = np.exp(-0.5 * (distances / reach) ** 2)
        variance = max(0.0, float(field @ covariances / (field @ field)))
        error = float(((covariances - variance * field) ** 2).sum())
        best = min(best, (error, float(np.sqrt(variance)), float(reach)))
    part = REGIONS[region]
    at = np.arange(2 * part.start, 2 * part.stop)
    return Stiffness(
        noise=float(np.sqrt(max(rest[at].mean(), 1e-8))), spread=max(best[1], 1e-3), reach=best[2]
    )
