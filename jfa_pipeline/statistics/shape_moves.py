"""What a gesture of an annotator does to the 68 points of a face. Pure functions; the browser runs the same ones.

Points are (68, 2) in pixels of the upright image (continuous frame), NaN where a point is missing; missing points stay
missing. ``frontend/src/model/shapeModel.ts`` is the port; a golden file keeps both equal
(tests/jfa_pipeline/test_shape_golden.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jfa_pipeline.core.ibug68 import FLIP, POINTS
from jfa_pipeline.statistics.shape_model import ShapeModel, Start

Floats = NDArray[np.float64]
Point = tuple[float, float]

LEFT_EYE: Final = range(36, 42)
RIGHT_EYE: Final = range(42, 48)
MOUTH: Final = range(48, 60)
"""Three clicks mean the centroids of these: of the outer lip for the mouth."""

JAW: Final = range(17)
MIDLINE: Final = (8, 27, 28, 29, 30, 33, 51, 57, 62, 66)
SIDES: Final[dict[str, tuple[int, ...]]] = {
    "left": (*range(8), *range(17, 22), 31, 32, *range(36, 42), 48, 49, 50, 58, 59, 60, 61, 67),
    "right": (*range(9, 17), *range(22, 27), 34, 35, *range(42, 48), 52, 53, 54, 55, 56, 63, 64, 65),
}
"""Sides of the picture."""

PARTS: Final[dict[str, range]] = {
    "left_brow": range(17, 22),
    "right_brow": range(22, 27),
    "nose": range(27, 36),
    "left_eye": range(36, 42),
    "right_eye": range(42, 48),
    "lips": range(48, 68),
}

SLIDE_STEPS: Final = 16
"""Straight pieces that stand for the curve between two jaw points."""

LEAST_GAP: Final = 0.02
"""Of the length between two anchors: sliding points keep so far from them."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Model units to image pixels: z -> turn * z + shift, of x + iy."""

    turn: complex
    shift: complex

    def to_image(self, points: Floats) -> Floats:
        z = self.turn * (points[..., 0] + 1j * points[..., 1]) + self.shift
        return np.stack([z.real, z.imag], axis=-1)

    def to_model(self, points: Floats) -> Floats:
        z = (points[..., 0] + 1j * points[..., 1] - self.shift) / self.turn
        return np.stack([z.real, z.imag], axis=-1)


def frame_through(source: ArrayLike, target: ArrayLike) -> Frame:
    """The least-squares similarity of (N, 2) source to (N, 2) target points; NaN targets do not count.

    Raises ValueError with fewer than two points at different places.
    """
    a, b = np.asarray(source, dtype=np.float64), np.asarray(target, dtype=np.float64)
    known = np.isfinite(b).all(axis=1)
    x, y = a[known] @ (1, 1j), b[known] @ (1, 1j)
    if len(x) < 2 or not (spread := float((np.abs(x - x.mean()) ** 2).sum())):
        raise ValueError("Two points at different places are needed to tell where a face is.")
    turn = complex(np.vdot(x - x.mean(), y - y.mean())) / spread
    if abs(turn) < 1e-9:
        raise ValueError("The points lie in one place; a face needs some extent.")
    return Frame(turn, complex(y.mean() - turn * x.mean()))


def settle(model: ShapeModel, base: ArrayLike, pins: Mapping[int, Point], *, start: Start) -> Floats:
    """The points when those in ``pins`` are held: the mean of a Gaussian of displacements, given the pinned ones.

    base: (68, 2) points before any was moved: the pre-label or the template. pins: index -> place in the image, for
    every point that a person moved or confirmed, also if it lies where it was. Pinned points end up exactly there;
    without pins the base is returned. The order of the pins does not matter, and moving a pin again forgets where
    it was. A pinned point that the base lacks is placed and tells nothing about others. Raises ValueError if the
    base has fewer than two points and pins are given.
    """
    points = np.array(base, dtype=np.float64)
    known = sorted(index for index in pins if np.isfinite(points[index]).all())
    if known:
        frame = frame_through(model.mean, points)
        at = np.array([[2 * index, 2 * index + 1] for index in known]).reshape(-1)
        placed = np.array([pins[index] for index in known], dtype=np.float64)
        moved = (frame.to_model(placed) - frame.to_model(points[known])).reshape(-1)
        moves = _given(model.covariance(start), np.eye(2 * POINTS)[at], moved)
        points = frame.to_image(frame.to_model(points) + moves)
    for index, place in pins.items():
        points[index] = place
    return points


def fit_three(model: ShapeModel, left_eye: Point, right_eye: Point, mouth: Point) -> Floats:
    """The most probable (68, 2) points of a face whose eye centres and mouth centre were clicked.

    Left and right are sides of the picture. The means of 36-41, 42-47 and 48-59 come to lie exactly on the clicks.
    Raises ValueError if the clicks lie in one place.
    """
    clicks = np.array([left_eye, right_eye, mouth], dtype=np.float64)
    means = np.zeros((3, POINTS))
    for row, part in enumerate((LEFT_EYE, RIGHT_EYE, MOUTH)):
        means[row, list(part)] = 1 / len(part)
    frame = frame_through(means @ model.mean, clicks)
    observed = np.asarray(np.kron(means, np.eye(2)), dtype=np.float64)
    off: Floats = (frame.to_model(clicks) - means @ model.mean).reshape(-1)
    moves = _given(model.covariance("template"), observed, off)
    return frame.to_image(np.asarray(model.mean + moves))


def _given(covariance: Floats, observed: Floats, values: Floats) -> Floats:
    """(68, 2) mean displacement given that ``observed`` (M, 136) times it is ``values`` (M,)."""
    shared = covariance @ observed.T
    return np.asarray(shared @ np.linalg.solve(observed @ shared, values)).reshape(POINTS, 2)


def mirror_side(points: ArrayLike, source: str, *, keep: Collection[int] = ()) -> Floats:
    """The points with one side made the mirror image of the ``source`` side ("left" or "right" of the picture).

    The axis is the best line through the midline's points, which stay, as do those in ``keep`` (pinned ones). A
    point whose partner is missing stays too. Raises ValueError if fewer than two points of the midline are there.
    """
    found = np.array(points, dtype=np.float64)
    middle = found[list(MIDLINE)]
    middle = middle[np.isfinite(middle).all(axis=1)]
    z = middle @ (1, 1j)
    about = z - z.mean() if len(z) else z
    # The angle of the principal axis of points z is half that of the sum of z squared.
    axis = complex((about**2).sum())
    if abs(axis) < 1e-9:
        raise ValueError("The middle of the face is not known: place the nose or the chin first.")
    centre = complex(z.mean())
    target = "right" if source == "left" else "left"
    for index in SIDES[target]:
        partner = found[FLIP[index]]
        if index in keep or not np.isfinite(partner).all():
            continue
        reflected = centre + axis / abs(axis) * np.conj(complex(*partner) - centre)
        found[index] = reflected.real, reflected.imag
    return found


def slide_jaw(points: ArrayLike, index: int, along: float, *, keep: Collection[int] = ()) -> Floats:
    """The points with jaw point ``index`` (0-16) moved ``along`` pixels on the jaw's curve, towards higher indices.

    The points between it and the next anchors on both sides (the ends 0 and 16 and those in ``keep``) slide along in
    proportion, so that order and shape stay. It stops before an anchor. Raises ValueError if a jaw point is missing,
    or the index is none of the jaw.
    """
    found = np.array(points, dtype=np.float64)
    if index not in JAW:
        raise ValueError(f"Point {index} is not on the jaw; only 0 to 16 slide.")
    if not np.isfinite(found[:17]).all():
        raise ValueError("Points of the jaw are missing: place them before sliding along it.")
    dense = _curve(found[:17])
    length = np.concatenate([[0], np.linalg.norm(np.diff(dense, axis=0), axis=1).cumsum()])
    place = length[::SLIDE_STEPS].copy()
    anchors = sorted({0, 16, *(k for k in keep if k in JAW)} - {index})
    low = max((k for k in anchors if k < index), default=index)
    high = min((k for k in anchors if k > index), default=index)
    gap = LEAST_GAP * (place[high] - place[low])
    least = place[low] + gap if low != index else place[low]
    most = place[high] - gap if high != index else place[high]
    goal = float(np.clip(place[index] + along, least, most))
    was = float(place[index])
    for k in range(low, high + 1):
        fixed = low if k < index else high
        if k == index:
            place[k] = goal
        elif k != fixed:
            place[k] = place[fixed] + (place[k] - place[fixed]) * (goal - place[fixed]) / (was - place[fixed])
    for k in range(low, high + 1):
        if k == index or (k != low and k != high):
            found[k] = [np.interp(place[k], length, dense[:, axis]) for axis in (0, 1)]
    return found


def _curve(jaw: Floats) -> Floats:
    """((N - 1) * SLIDE_STEPS + 1, 2) points of the Catmull-Rom curve through (N, 2) points; every 16th is one of
    them."""
    ends = np.concatenate([[2 * jaw[0] - jaw[1]], jaw, [2 * jaw[-1] - jaw[-2]]])
    p0, p1, p2, p3 = ends[:-3], ends[1:-2], ends[2:-1], ends[3:]
    t = (np.arange(SLIDE_STEPS) / SLIDE_STEPS)[None, :, None]
    a, b = (p2 - p0)[:, None], (2 * p0 - 5 * p1 + 4 * p2 - p3)[:, None]
    c = (3 * p1 - p0 - 3 * p2 + p3)[:, None]
    dense = p1[:, None] + 0.5 * (a * t + b * t**2 + c * t**3)
    return np.concatenate([dense.reshape(-1, 2), jaw[-1:]])


def refit_part(
    points: ArrayLike, part: str, box: Sequence[float], *, roll: float = 0.0, keep: Collection[int] = ()
) -> Floats:
    """The points with one of PARTS stretched into a box that a person dragged around it.

    box: x1, y1, x2, y2 in image pixels after turning the image by ``-roll`` radians about its origin, which is how
    the page shows a rolled face. The part's own box is mapped onto it, so that a flat part stays flat. Points in
    ``keep`` stay. Raises ValueError for a part with fewer than two points or an empty box.
    """
    found = np.array(points, dtype=np.float64)
    x1, y1, x2, y2 = box
    if not (x2 > x1 and y2 > y1):
        raise ValueError("The box is empty: drag it from one corner to the opposite one.")
    indices = [index for index in PARTS[part] if np.isfinite(found[index]).all()]
    level = found[indices] @ _rotation(roll)
    if len(indices) < 2 or not (np.ptp(level, axis=0) > 1e-9).any():
        raise ValueError("The part has no extent yet: place its points, or fit the template first.")
    low, extent = level.min(axis=0), np.ptp(level, axis=0)
    share = np.where(extent > 1e-9, (level - low) / np.where(extent > 1e-9, extent, 1.0), 0.5)
    placed = (np.array([x1, y1]) + share * np.array([x2 - x1, y2 - y1])) @ _rotation(-roll)
    for index, place in zip(indices, placed, strict=True):
        if index not in keep:
            found[index] = place
    return found


def _rotation(roll: float) -> Floats:
    """Right factor that turns row vectors by ``-roll`` (clockwise positive, y down)."""
    cos, sin = np.cos(roll), np.sin(roll)
    return np.array([[cos, -sin], [sin, cos]])
