"""Train, validation and test splits with the same label rates (J08), photograph by photograph or person by person."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

JFA_SHARES: Final = {"train": 239_640 / 259_448, "val": 9_904 / 259_448, "test": 9_904 / 259_448}
"""The shares of the images in JFA's own splits (J08)."""


@dataclass(frozen=True, slots=True)
class SplitItem:
    """One image. key: unique; counts: how many faces, landmark labels, attribute labels ... it carries.

    group: images of one group stay together, such as a person's; empty for an image on its own.
    """

    key: str
    counts: tuple[int, ...]
    group: str = ""


def split_items(items: Sequence[SplitItem], shares: Mapping[str, float], *, seed: int) -> dict[str, str]:
    """Split name of each key. Deterministic in (keys, groups, counts, shares, seed), whatever their order.

    Groups go, large ones first, where the split still lacks most of what they carry, so that every split ends
    near its share of images and of each label. Raises ValueError for shares that are not positive, or a key
    listed twice.
    """
    if not shares or any(share <= 0 for share in shares.values()):
        raise ValueError("Every split needs a positive share.")
    groups: dict[str, list[SplitItem]] = defaultdict(list)
    for item in items:
        groups[f"group {item.group}" if item.group else f"image {item.key}"].append(item)
    if len({item.key for item in items}) != len(items):
        raise ValueError("A key is listed twice.")
    weights = {name: _weight(members) for name, members in groups.items()}
    total = np.sum(list(weights.values()), axis=0) if weights else np.zeros(1)
    scale = np.where(total > 0, total, 1.0)
    names = list(shares)
    whole = sum(shares.values())
    wanted = {name: np.maximum(total * shares[name] / whole, 1e-9) for name in names}
    filled = {name: np.zeros_like(scale) for name in names}
    found: dict[str, str] = {}
    order = sorted(groups, key=lambda name: (-len(groups[name]), _mixed(seed, name)))
    for group in order:
        weight = weights[group]
        need = [float((weight / scale * (1 - filled[name] / wanted[name])).sum()) for name in names]
        chosen = names[int(np.argmax(need))]
        filled[chosen] += weight
        found.update({item.key: chosen for item in groups[group]})
    return found


def _weight(members: Sequence[SplitItem]) -> NDArray[np.float64]:
    counts = np.sum([member.counts for member in members], axis=0, dtype=np.float64)
    return np.concatenate([[float(len(members))], np.atleast_1d(counts)])


def _mixed(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()
