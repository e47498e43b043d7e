"""Landmarks: normalised mean error, cumulative error curve, failure rate (T45, T46)."""

from __future__ import annotations

import math
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import POINTS, REGIONS, interocular

Normaliser = Literal["interocular", "interpupil", "box_diagonal", "box_side"]
NORMALISERS: Final = ("interocular", "interpupil", "box_diagonal", "box_side")


def normaliser_px(truth: ArrayLike, box: Box | None, normaliser: Normaliser) -> float:
    """The length in pixels that an error is divided by.

    interocular: outer eye corners 36 and 45 (300-W); interpupil: means of 36-41 and 42-47; box_diagonal;
    box_side: square root of the box area. Without a box, the box around the true points. Raises ValueError
    for an unknown name.
    """
    points = np.asarray(truth, dtype=np.float64)
    if normaliser == "interocular":
        return interocular(points)
    if normaliser == "interpupil":
        return float(np.linalg.norm(points[42:48].mean(axis=0) - points[36:42].mean(axis=0)))
    if box is None:
        box = Box(*np.nanmin(points, axis=0), *np.nanmax(points, axis=0))
    if normaliser == "box_diagonal":
        return math.hypot(box.width, box.height)
    if normaliser == "box_side":
        return math.sqrt(box.width * box.height)
    raise ValueError(f"Unknown normaliser {normaliser!r}; known: {', '.join(NORMALISERS)}.")


def point_errors_px(found: ArrayLike, truth: ArrayLike) -> NDArray[np.float64]:
    """(68,) distances in pixels; NaN where the true point is not labelled."""
    a, b = np.asarray(found, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    if a.shape != (POINTS, 2) or b.shape != (POINTS, 2):
        raise ValueError(f"Landmarks need shape ({POINTS}, 2), got {a.shape} and {b.shape}.")
    return np.asarray(np.linalg.norm(a - b, axis=1))


def nme(
    found: ArrayLike,
    truth: ArrayLike,
    *,
    normaliser: Normaliser = "interocular",
    box: Box | None = None,
    rms: bool = False,
) -> float:
    """Mean point-to-point distance of one face over its labelled points, divided by the normaliser (T45).

    rms: root of the mean square instead of the mean (A7). NaN if no point or no normaliser is labelled.
    """
    errors = point_errors_px(found, truth)
    errors = errors[np.isfinite(errors)]
    length = normaliser_px(truth, box, normaliser)
    if not len(errors) or not length > 0:
        return math.nan
    return float((np.sqrt((errors**2).mean()) if rms else errors.mean()) / length)


def nme_by_region(
    found: ArrayLike, truth: ArrayLike, *, normaliser: Normaliser = "interocular", box: Box | None = None
) -> dict[str, float]:
    """The same error for each of the five regions with at least one labelled point."""
    errors = point_errors_px(found, truth)
    length = normaliser_px(truth, box, normaliser)
    by_region = {name: errors[list(points)] for name, points in REGIONS.items()}
    return {
        name: float(np.nanmean(values) / length)
        for name, values in by_region.items()
        if np.isfinite(values).any()
    }


def ced_auc(errors: ArrayLike, error_max: float) -> float | None:
    """Area under the cumulative error curve up to ``error_max``, divided by it (T46, exact).

    An undetected face has the error infinity. None without faces.
    """
    values = np.asarray(errors, dtype=np.float64)
    return float(np.maximum(0.0, 1 - values / error_max).mean()) if values.size else None


def failure_rate(errors: ArrayLike, error_max: float) -> float | None:
    """Share of faces with an error above ``error_max``; undetected faces (infinity) fail. None without faces."""
    values = np.asarray(errors, dtype=np.float64)
    return float((values > error_max).mean()) if values.size else None


def mean_of_detected(errors: ArrayLike) -> float | None:
    """Mean error over the faces that were detected (finite errors); None if there are none."""
    values = np.asarray(errors, dtype=np.float64)
    values = values[np.isfinite(values)]
    return float(values.mean()) if values.size else None
