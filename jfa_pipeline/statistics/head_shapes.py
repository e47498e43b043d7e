"""68 points of invented heads: a parametric head in millimetres, posed, photographed and clicked by a person.

Nothing here comes from photographs. Sizes are those of adult anthropometry (distance between the outer eye corners
about 91 mm, mouth 53 mm, face 119 mm from the eye line to the chin), widened so that children and unusual faces lie
inside. The head has a width, a depth and asymmetries; it opens its mouth, smiles, purses its lips, raises its brows
and closes its eyes; it turns and nods before a camera at arm's length to far away. The jaw's points lie where the
outline is seen: on a turned head the far side runs along the cheek, not along the bone. Last come the clicks of a
person, who slides along the jaw and is a little unsteady elsewhere.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.ibug68 import POINTS

Floats = NDArray[np.float64]
Solid = NDArray[np.float64]
"""(68, 3) millimetres: x to the image's right, y down, z towards the camera; 0 is between the outer eye corners."""

YAW_SD_DEGREES: Final = 17.0
YAW_MOST_DEGREES: Final = 50.0
PITCH_SD_DEGREES: Final = 9.0
PITCH_MOST_DEGREES: Final = 28.0
CLICK_SD_MM: Final = {
    range(17): 1.0,
    range(17, 27): 0.8,
    range(27, 36): 0.6,
    range(36, 48): 0.35,
    range(48, 68): 0.5,
}
"""Unsteadiness of a careful person along each axis, by part."""

_FULLNESS: Final = 0.65
"""Exponent of the head's sections: 1 is an ellipse; smaller is squarer, as heads are from temple to cheek."""

_JAW_INDEX: Final = np.array([0.0, 2.0, 4.0, 6.0, 8.0])


def head_shapes(count: int, seed: int) -> Floats:
    """(count, 68, 2) points of ``count`` heads, in millimetres of the eye plane, upright (the camera is level).

    The same seed gives the same heads.
    """
    random = np.random.default_rng(seed)
    return np.stack([_photographed(random) for _ in range(count)])


def _photographed(random: np.random.Generator) -> Floats:
    head = _head(random)
    yaw = float(np.clip(random.normal(0, YAW_SD_DEGREES), -YAW_MOST_DEGREES, YAW_MOST_DEGREES))
    pitch = float(np.clip(random.normal(0, PITCH_SD_DEGREES), -PITCH_MOST_DEGREES, PITCH_MOST_DEGREES))
    turned = _turned(_outlined(head, np.radians(yaw)), np.radians(yaw), np.radians(pitch))
    distance = float(np.exp(random.uniform(np.log(450), np.log(4000))))
    seen = turned[:, :2] * (distance / (distance - turned[:, 2:]))
    return _clicked(seen, random)


def _head(random: np.random.Generator) -> Solid:
    """One head at rest and its expression."""
    normal = random.normal
    points = np.zeros((POINTS, 3))
    wide, low = float(np.exp(normal(0, 0.05))), float(np.exp(normal(0, 0.05)))
    points[:17] = _jaw(random, wide, low)
    raised = normal(0, 2.2) + max(0.0, normal(-3, 5))
    frown = max(0.0, normal(-1, 2))
    height, arch, tilt, length = normal(17, 3), normal(8, 2), normal(0, 2), normal(49, 3.5)
    inner = normal(11, 1.8)
    along = np.linspace(1, 0, 5)
    bow = np.sin(np.pi * np.clip(along * normal(0.88, 0.06), 0, 1))
    brow = np.stack(
        [
            inner - frown * (1 - along) + length * wide * along,
            -(height + raised) - arch * bow + (tilt + 3.0) * along + frown * (1 - along),
            15 - 16 * along**2 + 4 * bow,
        ],
        axis=1,
    )
    eye = _eye(random, wide)
    nose_top, nose_tip, nose_base = normal(-2, 2.5), normal(35, 3.2) * low, normal(47, 3.2) * low
    out, hump = normal(37, 3.5), normal(0, 1.2)
    steps = np.linspace(0, 1, 4)
    points[27:31, 1] = nose_top + (nose_tip - nose_top) * steps
    points[27:31, 2] = 14 + (out - 14) * steps + hump * np.sin(np.pi * steps)
    smile, gape = max(0.0, normal(0.25, 0.55)), max(0.0, normal(-3, 9))
    wing = normal(16.5, 1.8) + 1.5 * smile
    base = np.linspace(-1, 1, 5)
    sag = normal(3.5, 1.3)
    points[31:36] = np.stack(
        [wing * base, nose_base - sag * base**2 - 0.8 * smile, 26 - 9 * base**2 + 0.2 * (out - 37)], axis=1
    )
    points[48:68] = _mouth(random, nose_base, smile, gape, wide)
    drop = np.array([0, 0.01, 0.05, 0.14, 0.32, 0.56, 0.8, 0.93, 0.95])
    share = np.concatenate([drop, drop[-2::-1]])
    points[:17, 1] += gape * share
    points[:17, 2] -= 0.35 * gape * share
    points[:17, 0] *= 1 + 0.02 * smile - 0.002 * gape * share
    mirror = np.array([-1.0, 1.0, 1.0])
    points[17:22], points[22:27] = brow * mirror, brow[::-1]
    points[36:42], points[42:48] = eye * mirror, eye[[3, 2, 1, 0, 5, 4]]
    return _asymmetric(points, random)


def _jaw(random: np.random.Generator, wide: float, low: float) -> Solid:
    """(17, 3) outline of the jaw bone from ear to ear, one half drawn and mirrored."""
    normal = random.normal
    x = np.array([74, 71, 60, 36, 0.0]) * wide
    y = np.array([4, 40, 75, 104, 119.0]) * low
    z = np.array([-78, -66, -42, -8, 14.0])
    square = normal(0, 1)
    x[1:4] += np.array([0.8, 3.2, 4.5]) * square + normal(0, 1.2, 3)
    y[1:4] += np.array([0.5, 1.5, 1.5]) * square + normal(0, 1.2, 3)
    y += np.array([normal(0, 4), normal(0, 2), 0, 0, normal(0, 4)])
    z += np.array([1, 0.9, 0.7, 0.4, 1]) * normal(0, 4)
    half = np.stack(
        [np.polyval(np.polyfit(_JAW_INDEX, values, 4), np.arange(9)) for values in (x, y, z)], axis=1
    )
    half[8, 0] = 0
    return np.concatenate([half * (-1, 1, 1), half[-2::-1]])


def _eye(random: np.random.Generator, wide: float) -> Solid:
    """(6, 3) the eye on the image's right in the order of 36-41: from the outer corner over the upper lid."""
    normal = random.normal
    outer, inner, tilt = normal(45.5, 1.8) * wide, normal(17.5, 1.5) * wide, normal(1.5, 1.4)
    width = outer - inner
    up, down = max(0.4, normal(5.2, 1.5)), max(0.3, normal(3.4, 0.9))
    if random.random() < 0.06:
        up, down = -2.6, 3.2  # closed: both lids lie on the lower one's line
    line = np.array([0, 0.30, 0.68, 1, 0.68, 0.30])
    lids = np.array([0, -up, -up * 0.97, 0, down * 0.92, down])
    shift = np.array([0, 1, 1, 0, 1, 1]) * normal(0, 0.03)
    return np.stack([outer - width * (line + shift), lids + tilt * (line - 0.3), 2 + 7 * line], axis=1)


def _mouth(random: np.random.Generator, nose_base: float, smile: float, gape: float, wide: float) -> Solid:
    """(20, 3) outer and inner lip, 48-67."""
    normal = random.normal
    pucker = max(0.0, normal(-0.6, 0.6))
    half = max(15.0, (normal(26.5, 1.9) + 5.5 * smile - 7 * pucker - 0.09 * gape) * wide)
    line = nose_base + normal(22.5, 2.4) - 1.5 * smile
    upper, lower = max(1.5, normal(7.5, 1.8) - 1.4 * smile), max(2.5, normal(9.5, 1.9) - 0.8 * smile)
    teeth = max(0.0, smile * normal(5, 2.5))
    open_up, open_down = 0.12 * gape + 0.4 * teeth, 0.88 * gape + 0.6 * teeth
    corner = line - 4.5 * smile + 0.42 * gape + normal(0, 1)
    depth = 25 + 7 * pucker - 3 * smile + normal(0, 1.5)

    def placed(at: Floats, height: Floats) -> Solid:
        """at: from -1 at the left corner to 1 at the right; height: of each point."""
        back = 15 * np.abs(at) ** 2.2 + 0.2 * (height - line)
        return np.stack([half * at, height, depth - back], axis=1)

    def curve(at: Floats, middle: float, power: float) -> Floats:
        return np.asarray(middle + (corner - middle) * np.abs(at) ** power)

    bow = normal(1.6, 0.6)
    top = np.array([-1, -0.62, -0.25, 0, 0.25, 0.62, 1])
    peaks = np.array([0, 0.3, 1, 0.25, 1, 0.3, 0]) * bow
    bottom = np.array([0.64, 0.31, 0, -0.31, -0.64])
    inside, under = np.array([-0.86, -0.33, 0, 0.33, 0.86]), np.array([0.33, 0, -0.33])
    return np.concatenate(
        [
            placed(top, curve(top, line - open_up - upper, 1.6) - peaks),
            placed(bottom, curve(bottom, line + open_down + lower, 2.1)),
            placed(inside, curve(inside, line - open_up, 2.2)),
            placed(under, curve(under, line + open_down + 0.4, 2.2)),
        ]
    )


def _asymmetric(points: Solid, random: np.random.Generator) -> Solid:
    """A smooth difference between the sides: every part a little moved, raised and scaled on its own."""
    moved = points.copy()
    for part in (range(17, 22), range(22, 27), range(27, 36), range(36, 42), range(42, 48), range(48, 68)):
        chosen = list(part)
        middle = moved[chosen].mean(axis=0)
        about = (moved[chosen] - middle) * np.exp(random.normal(0, 0.025, 3))
        turn = random.normal(0, 0.025)
        x, y = about[:, 0].copy(), about[:, 1].copy()
        about[:, 0], about[:, 1] = x - turn * y, y + turn * x
        moved[chosen] = middle + about + random.normal(0, (0.9, 0.9, 0.8))
    bent = random.normal(0, 2.0)
    moved[:17, 0] += bent * np.sin(np.pi * np.arange(17) / 16)
    return moved


def _outlined(head: Solid, yaw: float) -> Solid:
    """The jaw's points at the height of each, where the turned head ends in the picture.

    The head's section at a height is taken as an oval from the bone forward to the front of the face. On the side that
    turns away the section reaches further out than the bone; there the outline is what people click.
    """
    seen = head.copy()
    angle = np.linspace(0, np.pi / 2, 31)
    front = np.interp(np.arange(9), [0, 4, 8], [10, 19, 15])
    for index in range(17):
        if index == 8:
            continue
        x, y, z = head[index]
        depth = max(front[min(index, 16 - index)] - z, 1.0)
        section_x = x * np.cos(angle) ** _FULLNESS
        section_z = z + depth * np.sin(angle) ** _FULLNESS
        across = (section_x * np.cos(yaw) + section_z * np.sin(yaw)) * np.sign(x)
        at = int(across.argmax())
        seen[index] = section_x[at], y, section_z[at]
    return seen


def _turned(points: Solid, yaw: float, pitch: float) -> Solid:
    """Turned to the side by ``yaw`` (towards the image's right), then nodded by ``pitch``; radians."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    side = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    cos, sin = np.cos(pitch), np.sin(pitch)
    nod = np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]])
    neck = np.array([0.0, 60.0, -80.0])
    return np.asarray((points - neck) @ (nod @ side).T + neck)


def _clicked(seen: Floats, random: np.random.Generator) -> Floats:
    """The points as a person marks them: jaw and brow points slide along their curve, every point is unsteady."""
    marked = seen.copy()
    for curve, slide in ((range(17), 0.35), (range(17, 22), 0.12), (range(22, 27), 0.12)):
        chosen = list(curve)
        steps = np.linspace(0, 1, len(chosen))
        drift = random.normal(0, slide) * np.sin(np.pi * steps) + random.normal(0, slide) * np.cos(
            np.pi * steps
        )
        at = np.arange(len(chosen)) + drift
        for axis in range(2):
            values = seen[chosen, axis]
            inside = np.interp(at, np.arange(len(chosen)), values)
            before, after = np.minimum(at, 0), np.maximum(at - (len(chosen) - 1), 0)
            marked[chosen, axis] = (
                inside + before * (values[1] - values[0]) + after * (values[-1] - values[-2])
            )
    for part, sd in CLICK_SD_MM.items():
        marked[list(part)] += random.normal(0, sd, (len(part), 2))
    return marked
