"""Drawn faces with exact labels, for tests and for anyone without data.

Every label is visible: 68 points and box are where they are drawn, age greys the hair and draws forehead lines
and folds, gender is the length of the hair and the colour of the lips, ethnicity is the tone of the skin. Scale,
place, roll, light, occluders and clutter vary. The same seed gives the same pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from jfa_pipeline.core.ibug68 import POINTS
from tfn.targets import Targets

Pixels = NDArray[np.uint8]
"""(H, W, 3) RGB."""

GENDERS: Final = ("female", "male")
ETHNICITIES: Final = ("asian", "black", "white")
_SKIN: Final = ((232, 190, 120), (112, 72, 48), (246, 214, 202))
_UNIT: Final = 64
"""Canvas pixels per unit of the face's own frame, in which half the face is one unit wide."""
_CENTRE: Final = (1.7, 1.75)
_CANVAS: Final = (int(3.4 * _UNIT), int(3.6 * _UNIT))
_FOREHEAD: Final = -1.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Bounds of the generator. side: of the square picture; face: shortest and longest face width, pixels."""

    side: int = 128
    face: tuple[float, float] = (28.0, 72.0)
    faces: tuple[int, int] = (1, 3)
    roll_degrees: float = 25.0
    occluded_share: float = 0.1


@dataclass(frozen=True, slots=True)
class _Person:
    age: float
    gender: int
    ethnicity: int


def procedural_picture(scene: Scene, seed: int) -> tuple[Pixels, Targets]:
    """One picture and the exact labels of its faces (continuous frame, pixels).

    A picture may hold fewer faces than asked where they would overlap.
    """
    random = np.random.default_rng(seed)
    picture = _background(scene.side, random)
    boxes: list[NDArray[np.float64]] = []
    points: list[NDArray[np.float64]] = []
    people: list[_Person] = []
    wanted = int(random.integers(scene.faces[0], scene.faces[1] + 1))
    for _ in range(wanted * 6):
        if len(boxes) == wanted:
            break
        width = float(np.exp(random.uniform(*np.log(scene.face))))
        half = width * 0.75
        if 2 * half > scene.side:
            continue
        place = random.uniform(half, scene.side - half, 2)
        if any(_near(place, half, box) for box in boxes):
            continue
        person = _Person(float(random.uniform(0, 100)), int(random.integers(2)), int(random.integers(3)))
        shape = _shape(random)
        canvas, mask = _drawn(shape, person, random)
        roll = math.radians(float(random.uniform(-scene.roll_degrees, scene.roll_degrees)))
        matrix = _placement(width / (2 * _UNIT), roll, place)
        _paste(picture, canvas, mask, matrix, random)
        moved = _moved(shape, matrix)
        if random.random() < scene.occluded_share:
            _occlude(picture, moved, random)
        outline = np.concatenate([moved[:17], _moved(_forehead(shape), matrix)])
        boxes.append(np.concatenate([outline.min(axis=0), outline.max(axis=0)]))
        points.append(moved)
        people.append(person)
    noisy = picture.astype(np.float32) * random.uniform(0.75, 1.15) + random.normal(0, 5, picture.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), _targets(boxes, points, people)


def _targets(
    boxes: list[NDArray[np.float64]], points: list[NDArray[np.float64]], people: list[_Person]
) -> Targets:
    if not boxes:
        return Targets.of_boxes(torch.zeros(0, 4))
    known = Targets.of_boxes(torch.from_numpy(np.stack(boxes)))
    return replace(
        known,
        landmarks=torch.from_numpy(np.stack(points)).float(),
        has_point=torch.ones(len(boxes), POINTS, dtype=torch.bool),
        age=torch.tensor([person.age for person in people]),
        gender=torch.tensor([person.gender for person in people]),
        ethnicity=torch.tensor([person.ethnicity for person in people]),
    )


def _near(place: NDArray[np.float64], half: float, box: NDArray[np.float64]) -> bool:
    gap = half * 0.9
    return bool(box[0] - gap < place[0] < box[2] + gap and box[1] - gap < place[1] < box[3] + gap)


def _shape(random: np.random.Generator) -> NDArray[np.float64]:
    """(68, 2) points in the face's own frame: x right, y down, jaw from x = -1 to 1, eyes near y = -0.25."""
    length, jaw = random.uniform(1.05, 1.25), random.uniform(0.75, 1.0)
    eye_x, eye_open = random.uniform(0.37, 0.44), random.uniform(0.05, 0.11)
    brow, smile, gape = random.uniform(0.0, 0.12), random.uniform(-0.06, 0.1), random.uniform(0.0, 0.12)
    mouth, yaw = random.uniform(0.3, 0.42), random.uniform(-0.25, 0.25)
    points = np.zeros((POINTS, 2))
    angle = np.pi * np.arange(17) / 16
    drop = np.sin(angle)
    points[:17, 0] = -np.cos(angle) * (1 - (1 - jaw) * drop**4)
    points[:17, 1] = -0.2 + drop * length
    along = np.linspace(0, 1, 5)
    points[17:22] = np.stack([-0.74 + 0.54 * along, -0.46 - brow - 0.1 * np.sin(np.pi * along * 0.8)], axis=1)
    points[22:27] = points[17:22][::-1] * (-1, 1)
    points[27:31] = np.stack([np.zeros(4), np.linspace(-0.27, 0.16, 4)], axis=1)
    base = np.linspace(-1, 1, 5)
    points[31:36] = np.stack([0.19 * base, 0.25 + 0.05 * (1 - base**2)], axis=1)
    corner = np.array(
        [[-0.19, 0], [-0.07, -eye_open], [0.07, -eye_open], [0.19, 0], [0.07, eye_open], [-0.07, eye_open]]
    )
    points[36:42] = corner + np.array([-eye_x, -0.25])
    points[42:48] = corner + np.array([eye_x, -0.25])

    def lift(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(0.55 - smile * (np.abs(x) / mouth) ** 2)

    outer = np.linspace(-mouth, mouth, 7)
    bow = np.array([0, 0.07, 0.1, 0.08, 0.1, 0.07, 0])
    points[48:55] = np.stack([outer, lift(outer) - bow - gape / 2], axis=1)
    under = outer[5:0:-1]
    points[55:60] = np.stack(
        [under, lift(under) + np.array([0.08, 0.12, 0.14, 0.12, 0.08]) + gape / 2], axis=1
    )
    inner = np.linspace(-mouth * 0.85, mouth * 0.85, 5)
    points[60:65] = np.stack([inner, lift(inner) - np.array([0, 1, 1, 1, 0]) * (gape / 2 + 0.01)], axis=1)
    points[65:68] = np.stack([inner[3:0:-1], lift(inner[3:0:-1]) + gape / 2 + 0.02], axis=1)
    points[[48, 54], 1] = lift(np.array([mouth]))[0]
    middle = 1 - np.abs(points[17:, 0])
    points[17:, 0] += yaw * 0.5 * middle
    return points


def _forehead(shape: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of the outline above the ears, from right to left."""
    angle = np.linspace(0, np.pi, 13)[1:-1]
    return np.stack([np.cos(angle), shape[0, 1] + (_FOREHEAD - shape[0, 1]) * np.sin(angle)], axis=1)


def _drawn(shape: NDArray[np.float64], person: _Person, random: np.random.Generator) -> tuple[Pixels, Pixels]:
    """The face on its own canvas and where the canvas is painted (0 or 255)."""
    width, height = _CANVAS
    canvas = np.zeros((height, width, 3), np.uint8)
    mask = np.zeros((height, width), np.uint8)
    skin = np.clip(np.array(_SKIN[person.ethnicity]) + random.normal(0, 7, 3), 0, 255)
    dark = skin * 0.55
    grey = person.age / 100
    hair = np.array((40, 28, 22)) * (1 - grey) + np.array((225, 225, 228)) * grey
    lips = np.array((205.0, 40.0, 70.0)) if person.gender == 0 else skin * 0.75
    outline = np.concatenate([shape[:17], _forehead(shape)])
    length = 1.15 if person.gender == 0 else -0.15
    mane = np.array(
        [
            [-1.22, length],
            [-1.25, -0.5],
            [-0.8, -1.25],
            [0, -1.42],
            [0.8, -1.25],
            [1.25, -0.5],
            [1.22, length],
        ]
    )
    for target, colour in ((canvas, _ink(hair)), (mask, (255,))):
        cv2.fillPoly(target, [_at(mane)], colour, cv2.LINE_AA, _SHIFT)
        cv2.fillPoly(target, [_at(outline)], _ink(skin) if target is canvas else (255,), cv2.LINE_AA, _SHIFT)
    fringe = np.array(
        [
            [-0.95, -0.45],
            [-0.85, -1.05],
            [0, -1.3],
            [0.85, -1.05],
            [0.95, -0.45],
            [0.55, -0.8],
            [0, -0.86],
            [-0.55, -0.8],
        ]
    )
    cv2.fillPoly(canvas, [_at(fringe)], _ink(hair), cv2.LINE_AA, _SHIFT)
    for line in range(int(person.age // 14)):
        y = -0.72 + 0.06 * line if line < 4 else 0.62 + 0.0 * line
        if line < 4:
            cv2.polylines(
                canvas,
                [_at(np.array([[-0.4, y], [0, y - 0.03], [0.4, y]]))],
                False,
                _ink(dark),
                1,
                cv2.LINE_AA,
                _SHIFT,
            )
        else:
            for side in (-1, 1):
                fold = np.array([[0.26, 0.22], [0.36 + 0.05 * (line - 4), 0.4], [0.5, 0.62]]) * (side, 1)
                cv2.polylines(canvas, [_at(fold)], False, _ink(dark), 2, cv2.LINE_AA, _SHIFT)
    for brow in (shape[17:22], shape[22:27]):
        cv2.polylines(canvas, [_at(brow)], False, _ink(hair * 0.6), 4, cv2.LINE_AA, _SHIFT)
    for eye in (shape[36:42], shape[42:48]):
        cv2.fillPoly(canvas, [_at(eye)], (245, 245, 245), cv2.LINE_AA, _SHIFT)
        centre = _at(eye.mean(axis=0)[None])[0]
        cv2.circle(
            canvas,
            tuple(int(v) for v in centre),
            int(0.06 * _UNIT) << _SHIFT,
            (35, 25, 20),
            -1,
            cv2.LINE_AA,
            _SHIFT,
        )
        cv2.polylines(canvas, [_at(eye)], True, (30, 22, 20), 1, cv2.LINE_AA, _SHIFT)
    cv2.polylines(canvas, [_at(shape[27:31])], False, _ink(dark), 2, cv2.LINE_AA, _SHIFT)
    cv2.polylines(canvas, [_at(shape[31:36])], False, _ink(dark * 0.7), 3, cv2.LINE_AA, _SHIFT)
    cv2.fillPoly(canvas, [_at(shape[48:60])], _ink(lips), cv2.LINE_AA, _SHIFT)
    cv2.fillPoly(canvas, [_at(shape[60:68])], (60, 20, 25), cv2.LINE_AA, _SHIFT)
    return canvas, mask


_SHIFT: Final = 4
"""Fractional bits of the coordinates handed to OpenCV."""


def _ink(colour: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(v) for v in colour)


def _at(points: NDArray[np.float64]) -> NDArray[np.int32]:
    """Face frame to OpenCV's fixed-point pixel indices (index = continuous - 0.5)."""
    pixels = (points + _CENTRE) * _UNIT - 0.5
    return np.asarray(np.round(pixels * 2**_SHIFT), dtype=np.int32)


def _placement(scale: float, roll: float, place: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, 3) from canvas pixels (continuous) to picture pixels (continuous)."""
    cos, sin = math.cos(roll) * scale, math.sin(roll) * scale
    turn = np.array([[cos, -sin], [sin, cos]])
    middle = np.array(_CENTRE) * _UNIT
    return np.concatenate([turn, (place - turn @ middle)[:, None]], axis=1)


def _moved(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    pixels = (points + _CENTRE) * _UNIT
    return np.asarray(pixels @ matrix[:, :2].T + matrix[:, 2])


def _paste(
    picture: Pixels, canvas: Pixels, mask: Pixels, matrix: NDArray[np.float64], random: np.random.Generator
) -> None:
    """Warp the canvas into the picture. OpenCV warps pixel indices, so the half pixels move along."""
    shift = matrix.copy()
    shift[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    side = picture.shape[0]
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.5:
        blur = 0.35 / scale
        canvas = cv2.GaussianBlur(canvas, (0, 0), blur).astype(np.uint8)
        mask = cv2.GaussianBlur(mask, (0, 0), blur).astype(np.uint8)
    face = cv2.warpAffine(canvas, shift, (side, side), flags=cv2.INTER_LINEAR)
    share = (
        cv2.warpAffine(mask, shift, (side, side), flags=cv2.INTER_LINEAR).astype(np.float32)[..., None] / 255
    )
    light = np.linspace(random.uniform(0.8, 1.1), random.uniform(0.8, 1.1), side)[None, :, None]
    picture[:] = np.clip(picture * (1 - share) + face * share * light, 0, 255).astype(np.uint8)


def _background(side: int, random: np.random.Generator) -> Pixels:
    """Smooth colour, and clutter: lines, discs and boxes, some of them in the colours of skin and hair."""
    coarse = random.uniform(30, 225, (4, 4, 3)).astype(np.float32)
    picture = np.clip(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), 0, 255).astype(
        np.uint8
    )
    palette = (*_SKIN, (40, 28, 22), (245, 245, 245), (200, 60, 80))
    for _ in range(int(random.integers(4, 14))):
        known = palette[int(random.integers(len(palette)))]
        colour = tuple(float(v) for v in (known if random.random() < 0.4 else random.uniform(0, 255, 3)))
        a, b = (tuple(int(v) for v in random.uniform(0, side, 2)) for _ in range(2))
        kind = int(random.integers(3))
        if kind == 0:
            cv2.line(picture, a, b, colour, int(random.integers(1, 5)), cv2.LINE_AA)
        elif kind == 1:
            cv2.circle(picture, a, int(random.uniform(2, side / 6)), colour, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(
                picture,
                a,
                (a[0] + int(random.uniform(3, side / 4)), a[1] + int(random.uniform(3, side / 4))),
                colour,
                -1,
            )
    return picture


def _occlude(picture: Pixels, points: NDArray[np.float64], random: np.random.Generator) -> None:
    """A bar across part of the face."""
    low, high = points.min(axis=0), points.max(axis=0)
    at = random.uniform(low, high)
    reach = (high - low) * random.uniform(0.1, 0.22)
    colour = tuple(float(v) for v in random.uniform(0, 255, 3))
    corner, opposite = (tuple(int(v) for v in at + side * reach) for side in (-1, 1))
    cv2.rectangle(picture, corner, opposite, colour, -1)
