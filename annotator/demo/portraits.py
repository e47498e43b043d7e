"""Rendered faces for the demo: a relief of a head, painted, lit and turned. Nobody's photograph is involved.

A face lives on a canvas of its own, `x` in [-1, 1] to the right and `y` in [-1.4, 1.4] downwards, the eyes at
y = -0.18. The relief gives the shading and lets the head turn; paint gives skin, eyes, brows, lips and hair.
Everything is drawn from one seeded generator: the same seed gives the same pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[Any]
"""Shape (H, W) or (H, W, 3), float32, values about 0 to 1."""

UNIT: Final = 150
"""Canvas pixels per unit of the face's own frame."""

HALF_WIDTH: Final = 1.5
TOP: Final = -1.75
BOTTOM: Final = 2.05

SKINS: Final = (
    (0.95, 0.78, 0.68),
    (0.88, 0.68, 0.55),
    (0.78, 0.57, 0.43),
    (0.58, 0.40, 0.29),
    (0.42, 0.28, 0.20),
)
HAIRS: Final = (
    (0.10, 0.08, 0.07),
    (0.27, 0.17, 0.10),
    (0.45, 0.30, 0.16),
    (0.70, 0.55, 0.32),
    (0.48, 0.22, 0.12),
)
CLOTHES: Final = (
    (0.20, 0.28, 0.42),
    (0.45, 0.20, 0.22),
    (0.22, 0.38, 0.30),
    (0.55, 0.52, 0.48),
    (0.15, 0.15, 0.18),
)

DARK: Final[NDArray[np.float32]] = np.array([0.09, 0.06, 0.05], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Person:
    """What one rendered person looks like. age_years steers grey hair and folds; yaw, roll in degrees."""

    skin: int
    hair: int
    clothes: int
    age_years: float
    has_long_hair: bool
    has_beard: bool
    width: float
    smile: float
    yaw: float
    roll: float
    light: float

    @classmethod
    def drawn(cls, random: np.random.Generator) -> Person:
        """A person drawn at random, mostly frontal."""
        is_long = bool(random.random() < 0.5)
        age = float(random.uniform(8, 80))
        skin = int(random.integers(len(SKINS)))
        return cls(
            skin=skin,
            hair=int(random.integers(len(HAIRS) if skin < 2 else 2)),
            clothes=int(random.integers(len(CLOTHES))),
            age_years=age,
            has_long_hair=is_long,
            has_beard=not is_long and age > 25 and bool(random.random() < 0.3),
            width=float(random.uniform(0.92, 1.06)),
            smile=float(random.uniform(0.0, 1.0)),
            yaw=float(np.clip(random.normal(0, 12), -28, 28)),
            roll=float(np.clip(random.normal(0, 6), -15, 15)),
            light=float(random.uniform(-0.7, 0.7)),
        )


def render_person(person: Person, random: np.random.Generator) -> tuple[Plane, Plane]:
    """The person's (H, W, 3) colours and (H, W) coverage on the face's canvas."""
    x, y = _grid()
    canvas = _painted(x / person.width, y, person, random)
    height = _with_hair(_relief(x / person.width, y, person), x, y, canvas.hair)
    lit = np.clip(canvas.colour * _shading(height, person)[..., None], 0, 1)
    return _turned(lit.astype(np.float32), height, person.yaw), _turned(canvas.cover, height, person.yaw)


class Canvas:
    """Colours without light (H, W, 3), how much of each pixel is painted (H, W), and where hair lies on top."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.colour: Plane = np.zeros((*shape, 3), dtype=np.float32)
        self.cover: Plane = np.zeros(shape, dtype=np.float32)
        self.hair: Plane = np.zeros(shape, dtype=np.float32)

    def lay(self, colour: NDArray[np.floating], mask: NDArray[np.floating]) -> None:
        """Paint one colour, or a plane of colours, where the mask (H, W) says."""
        opacity = mask.astype(np.float32)
        self.colour = (self.colour * (1 - opacity[..., None]) + colour * opacity[..., None]).astype(
            np.float32
        )
        self.cover = np.maximum(self.cover, opacity)


def _grid() -> tuple[Plane, Plane]:
    xs = np.arange(-HALF_WIDTH, HALF_WIDTH, 1 / UNIT, dtype=np.float32)
    ys = np.arange(TOP, BOTTOM, 1 / UNIT, dtype=np.float32)
    x, y = np.meshgrid(xs, ys)
    return x, y


def _bump(x: Plane, y: Plane, at: tuple[float, float], size: tuple[float, float]) -> Plane:
    bump: Plane = np.exp(-(((x - at[0]) / size[0]) ** 2) - ((y - at[1]) / size[1]) ** 2).astype(np.float32)
    return bump


def _step(value: Plane, softness: float) -> Plane:
    """0 where value is below zero, 1 above, smooth over ``softness``."""
    t = np.clip(value / softness + 0.5, 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def _oval(x: Plane, y: Plane) -> Plane:
    """Positive inside the outline of the face: an egg that narrows to the chin."""
    half = 0.86 - 0.20 * np.clip(y, 0, 1.2) ** 1.7
    return (1 - (x / half) ** 2 - ((y - 0.05) / 1.18) ** 2).astype(np.float32)


def _relief(x: Plane, y: Plane, person: Person) -> Plane:
    """Height of the surface towards the viewer, in face units."""
    z: Plane = 0.85 * np.sqrt(np.clip(_oval(x, y), 0.0, None))
    along = np.clip((y + 0.25) / 0.62, 0, 1)
    ridge = np.exp(-((x / (0.09 + 0.07 * along)) ** 2)) * along * _step(0.42 - y, 0.12)
    z = z + 0.24 * ridge + 0.08 * _bump(x, y, (0, 0.33), (0.12, 0.09))
    for side in (-1, 1):
        z = z + 0.05 * _bump(x, y, (side * 0.15, 0.36), (0.07, 0.07))
        z = z - 0.13 * _bump(x, y, (side * 0.36, -0.17), (0.21, 0.13))
        z = z + 0.05 * _bump(x, y, (side * 0.36, -0.36), (0.25, 0.07))
        z = z + 0.05 * _bump(x, y, (side * 0.45, 0.22), (0.24, 0.2))
        z = z + 0.035 * _bump(x, y, (side * 0.36, -0.16), (0.13, 0.07))
        fold = 0.005 + 0.03 * max(person.age_years - 30, 0) / 50
        z = z - fold * _bump(x - side * (0.24 + 0.30 * (y - 0.35)), y, (0, 0.5), (0.025, 0.16))
    z = z + 0.07 * _bump(x, y, (0, 0.62), (0.30, 0.06)) + 0.06 * _bump(x, y, (0, 0.76), (0.24, 0.06))
    z = z - 0.06 * _bump(x, y, (0, 0.69), (0.30, 0.022)) + 0.07 * _bump(x, y, (0, 1.05), (0.26, 0.12))
    for line in range(3):
        depth = 0.010 * max(person.age_years - 35, 0) / 45
        z = z - depth * _bump(x, y, (0, -0.62 - 0.11 * line), (0.45, 0.014))
    smooth: Plane = cv2.GaussianBlur(z.astype(np.float32), (0, 0), 0.022 * UNIT)
    return smooth


def _shading(height: Plane, person: Person) -> Plane:
    slope_y, slope_x = np.gradient(height * UNIT)
    normal = np.stack([-slope_x, -slope_y, np.ones_like(height)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    light = np.array([person.light, -0.55, 1.0])
    light /= np.linalg.norm(light)
    toward: Plane = np.clip(normal @ light, 0, 1)
    shade: Plane = (0.42 + 0.62 * toward + 0.10 * toward**24).astype(np.float32)
    return shade


def _with_hair(face: Plane, x: Plane, y: Plane, hair: Plane) -> Plane:
    """The relief with a cap of hair instead of the skull's edge where hair lies on top."""
    cap = 0.95 * np.sqrt(np.clip(1 - (x / 1.04) ** 2 - ((y + 0.30) / 1.16) ** 2, 0, None))
    share = cv2.GaussianBlur(hair, (0, 0), 0.05 * UNIT)
    return (face * (1 - share) + np.maximum(cap, face) * share).astype(np.float32)


def _painted(x: Plane, y: Plane, person: Person, random: np.random.Generator) -> Canvas:
    """Everything from the back to the front: hair behind, neck, clothes, ears, face, features, fringe."""
    skin = np.array(SKINS[person.skin], dtype=np.float32)
    grey = float(np.clip((person.age_years - 45) / 30, 0, 1)) * 0.85
    hair = (np.array(HAIRS[person.hair]) * (1 - grey) + 0.72 * grey).astype(np.float32)
    grain = cv2.GaussianBlur(random.random(x.shape, dtype=np.float32), (0, 0), 1.0)
    strands = hair * (0.75 + 0.9 * cv2.blur(grain, (3, 61))[..., None])
    canvas = Canvas(x.shape)

    back = _step(1 - (x / 1.02) ** 2 - ((y + 0.30) / 1.12) ** 2, 0.06)
    if person.has_long_hair:
        ends = 1.05 + 0.08 * np.sin(19 * x)
        fall = (
            _step(1.02 - np.abs(x) - 0.06 * np.sin(3 * y), 0.06) * _step(ends - y, 0.1) * _step(y + 0.3, 0.3)
        )
        back = np.maximum(back, fall)
    canvas.lay(strands, back)
    canvas.lay(skin * 0.72, _step(0.44 - np.abs(x), 0.05) * _step(y - 0.6, 0.05))
    shoulders = _step(y - 1.42 - 0.55 * np.clip(np.abs(x) - 0.4, 0, None) ** 1.3, 0.05)
    canvas.lay(np.array(CLOTHES[person.clothes]) * (0.9 + 0.2 * grain[..., None]), shoulders)
    if not person.has_long_hair:
        for side in (-1, 1):
            canvas.lay(
                skin * 0.86, _step(1 - ((x - side * 0.87) / 0.13) ** 2 - ((y - 0.02) / 0.24) ** 2, 0.3)
            )

    flush = _bump(x, y, (-0.45, 0.28), (0.25, 0.2)) + _bump(x, y, (0.45, 0.28), (0.25, 0.2))
    tone = skin * (0.975 + 0.05 * grain[..., None]) * (1 - flush[..., None] * np.array([-0.03, 0.07, 0.07]))
    canvas.lay(tone, _step(_oval(x, y), 0.05))
    if person.has_beard:
        cheek = 0.30 + 0.35 * (0.7 - np.abs(x)) - 0.12 * _bump(x, y, (0, 0.5), (0.3, 0.3))
        stubble = (
            _step(y - cheek, 0.14) * _step(_oval(x, y), 0.08) * (1 - _bump(x, y, (0, 0.71), (0.24, 0.09)))
        )
        canvas.lay(hair * (0.5 + 0.6 * grain[..., None]), 0.82 * stubble)
    _lay_mouth(canvas, x, y, person, skin)
    for side in (-1, 1):
        _lay_side(canvas, x, y, side, person, skin, hair)

    line = -0.70 + 0.10 * np.cos(2.5 * x) * (1 - grey) - 0.14 * grey + 0.012 * np.sin(23 * x)
    skull = _step(1.08 - (x / 0.98) ** 2 - ((y + 0.3) / 1.12) ** 2, 0.08)
    temples = _step(np.abs(x) - 0.70 - 0.12 * np.clip(y + 0.7, 0, 1), 0.05) * _step(-0.12 - y, 0.2) * back
    canvas.hair = np.maximum(_step(line - y, 0.07) * skull, temples)
    canvas.lay(strands, canvas.hair)
    return canvas


def _lay_mouth(canvas: Canvas, x: Plane, y: Plane, person: Person, skin: NDArray[np.float32]) -> None:
    lips = skin * np.array([0.86, 0.52, 0.52], dtype=np.float32)
    curve = y - 0.69 + person.smile * 0.55 * (x**2 - 0.03)
    span = 1 - (x / (0.29 + 0.05 * person.smile)) ** 2
    upper = _step(0.075 * span * (1 - 0.25 * np.exp(-((x / 0.06) ** 2))) + curve, 0.02) * _step(-curve, 0.02)
    lower = _step(0.095 * np.clip(span, 0, 1) ** 0.8 - curve, 0.02) * _step(curve, 0.02)
    canvas.lay(lips, np.maximum(upper, lower) * _step(span, 0.05))
    canvas.lay(DARK, 0.85 * np.exp(-((curve / 0.014) ** 2)) * _step(span, 0.06))


def _lay_side(
    canvas: Canvas,
    x: Plane,
    y: Plane,
    side: int,
    person: Person,
    skin: NDArray[np.float32],
    hair: NDArray[np.float32],
) -> None:
    """One eye with its lids and brow, and the nostril on its side (-1 image left, 1 image right)."""
    u, v = x - side * 0.36, y + 0.17
    arch = 0.067 - 0.012 * person.smile
    opening = 1 - (u / 0.185) ** 2
    tilt = 0.02 * opening
    eye = _step(arch * opening - np.abs(v + tilt), 0.016) * _step(opening, 0.05)
    canvas.lay(skin * 0.62, 0.6 * _bump(u, v, (0, -0.07), (0.2, 0.045)))
    canvas.lay(np.array([0.90, 0.89, 0.87]), eye)
    radius = np.hypot(u, v + 0.012)
    canvas.lay(np.array([0.30, 0.20, 0.12]), eye * _step(0.078 - radius, 0.014))
    canvas.lay(DARK * 0.4, eye * _step(0.036 - radius, 0.012))
    canvas.lay(np.ones(3), eye * _step(0.014 - np.hypot(u + 0.025, v + 0.035), 0.01))
    canvas.lay(DARK, 0.9 * np.exp(-(((v + tilt + arch * opening) / 0.017) ** 2)) * _step(opening, 0.1))
    canvas.lay(skin * 0.5, 0.6 * np.exp(-(((v + tilt - arch * opening) / 0.012) ** 2)) * _step(opening, 0.1))
    along = np.clip((side * u + 0.24) / 0.5, 0, 1)
    brow = np.exp(-(((v + 0.19 + 0.07 * np.sin(np.pi * along)) / (0.038 - 0.016 * along)) ** 2))
    canvas.lay(hair * 0.55, 0.85 * brow * _step(0.25 - np.abs(u), 0.05))
    canvas.lay(DARK, 0.85 * _step(1 - ((x - side * 0.085) / 0.05) ** 2 - ((y - 0.41) / 0.026) ** 2, 0.7))
    canvas.lay(skin * 0.70, 0.5 * _bump(x, y, (side * 0.19, 0.36), (0.025, 0.06)))


def _turned(plane: Plane, height: Plane, yaw: float) -> Plane:
    """The plane seen after the head turned ``yaw`` degrees: each pixel looks up where its surface came from."""
    angle = np.radians(yaw)
    x, y = _grid()
    source = x.copy()
    smooth = cv2.GaussianBlur(height, (0, 0), 0.05 * UNIT)
    for _ in range(6):
        depth = cv2.remap(smooth, (source + HALF_WIDTH) * UNIT, (y - TOP) * UNIT, cv2.INTER_LINEAR)
        source = ((x - np.sin(angle) * (depth - 0.35)) / np.cos(angle)).astype(np.float32)
    return cv2.remap(plane, (source + HALF_WIDTH) * UNIT, (y - TOP) * UNIT, cv2.INTER_LINEAR)
