"""Candidates whose true quality is known: errors drawn face by face, with the difference between them planted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jfa_pipeline.core.age_bands import AGE_BANDS
from jfa_pipeline.metrics.judged import AGE_CAP_YEARS, NME_CAP, Judged

GROUP_SHARES: Final = {
    "age_band": {"0-12": 0.08, "13-19": 0.1, "20-34": 0.34, "35-49": 0.24, "50-64": 0.15, "65+": 0.09},
    "gender": {"female": 0.5, "male": 0.5},
    "ethnicity": {"asian": 0.25, "black": 0.25, "white": 0.5},
    "face_size": {"small": 0.3, "medium": 0.5, "large": 0.2},
}
FACES_PER_IMAGE: Final = 1.5


@dataclass(frozen=True, slots=True)
class Quality:
    """True rates of a candidate. found, gender, ethnicity: probabilities; nme, years: means of an error.

    false_per_image: detections where there is no face.
    """

    found: float = 0.93
    nme: float = 0.05
    years: float = 6.0
    gender: float = 0.88
    ethnicity: float = 0.8
    false_per_image: float = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    """A candidate: its quality, and factors or other qualities in one group of faces."""

    quality: Quality = field(default_factory=Quality)
    in_group: Mapping[tuple[str, str], Quality] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """A drawn test split. difficulty: (N,) standard normal, shared by both candidates: hard faces are hard for
    each, which is what a paired comparison makes use of. image: (N,)."""

    images: int
    image: NDArray[np.int64]
    difficulty: NDArray[np.float64]
    groups: Mapping[str, NDArray[np.str_]]


def drawn_test(faces: int, random: np.random.Generator) -> Test:
    """A test split of ``faces`` faces; half of a face's difficulty is its photograph's."""
    images = max(1, round(faces / FACES_PER_IMAGE))
    image = np.sort(random.integers(0, images, faces))
    shared = random.standard_normal(images)[image]
    difficulty = np.sqrt(0.5) * shared + np.sqrt(0.5) * random.standard_normal(faces)
    groups = {
        name: random.choice(list(shares), faces, p=list(shares.values())).astype(np.str_)
        for name, shares in GROUP_SHARES.items()
    }
    assert list(GROUP_SHARES["age_band"]) == list(AGE_BANDS)
    return Test(images, image, difficulty, groups)


def judged(test: Test, plan: Plan, random: np.random.Generator) -> Judged:
    """What a candidate of this plan does on the test: errors with a share of the faces' own difficulty."""
    faces = len(test.image)
    rates = {
        name: np.full(faces, getattr(plan.quality, name))
        for name in ("found", "nme", "years", "gender", "ethnicity")
    }
    for (group, value), quality in plan.in_group.items():
        rows = test.groups[group] == value
        for name, column in rates.items():
            column[rows] = getattr(quality, name)
    is_found = _happens(rates["found"], test, random)

    def error(mean: NDArray[np.float64], cap: float) -> NDArray[np.float64]:
        spread = np.exp(0.5 * _mixed(test, random) - 0.125)
        return np.where(is_found, np.minimum(mean * spread, cap), cap)

    def right(rate: NDArray[np.float64]) -> NDArray[np.float64]:
        return (is_found & _happens(rate, test, random)).astype(np.float64)

    false = random.poisson(plan.quality.false_per_image, test.images)
    at = np.repeat(np.arange(test.images), false)
    scores = np.concatenate([random.beta(6, 2, int(is_found.sum())), random.beta(2, 3, len(at))])
    return Judged(
        face_ids=np.arange(faces, dtype=np.int64),
        face_clusters=test.image,
        clusters=test.images,
        values={
            "detection": is_found.astype(np.float64),
            "landmarks": error(rates["nme"], NME_CAP),
            "age": error(rates["years"], AGE_CAP_YEARS),
            "gender": right(rates["gender"]),
            "ethnicity": right(rates["ethnicity"]),
        },
        groups=test.groups,
        scores=scores,
        hits=np.arange(len(scores)) < is_found.sum(),
        detection_clusters=np.concatenate([test.image[is_found], at]).astype(np.int64),
    )


def _mixed(test: Test, random: np.random.Generator) -> NDArray[np.float64]:
    """(N,) standard normal, half of it the face's difficulty."""
    own = random.standard_normal(len(test.difficulty))
    return np.asarray(np.sqrt(0.5) * test.difficulty + np.sqrt(0.5) * own)


def _happens(rate: NDArray[np.float64], test: Test, random: np.random.Generator) -> NDArray[np.bool_]:
    """(N,) True with each face's probability, less often on hard faces than on easy ones."""
    rank = np.argsort(np.argsort(_mixed(test, random))) / max(len(rate), 1)
    return np.asarray(rank < rate)
