"""People who label as people do: a hand that is not steady, habits, slips, and patience only for what is visibly wrong.

A person sees a face as its truth with an error of their own and leaves a label as it is unless it differs from what
they see by more than a tolerance; then they set it to what they see. Each of these changes is an *edit*: a point
moved or placed, a side of a box moved or drawn, an attribute changed or given, a false face rejected. People work
through the HTTP API only; from the pictures they know what is true.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.http_person import HttpPerson, NoAnswer
from benchmarks.loop_pictures import PictureSet
from jfa_pipeline.core.boxes import Box, iou_matrix
from jfa_pipeline.core.ibug68 import POINTS, interocular
from jfa_pipeline.core.labels import FaceLabels

POINT_TOLERANCE: Final = 0.08
"""Of the distance between the outer eye corners. Two people's points differ by about half of that, so that a
smaller difference is not known to be an error."""
SIDE_TOLERANCE: Final = 0.08
"""Of the box's width or height: four sides off by this much leave an IoU of about 0.7, where the policy's checks
begin to call two boxes different."""
AGE_TOLERANCE: Final = 5.0
"""Years: the usual spread of several people's guesses at one face."""
SAME_FACE_IOU: Final = 0.5
"""A box is of a face if they overlap this much; below it the person rejects it and draws their own."""
SIDES: Final = 4
CLAIM: Final = 10
RETRY_FOR_SECONDS: Final = 180.0


@dataclass(frozen=True, slots=True)
class Manner:
    """point_sd, point_bias: of the interocular distance, an axis. side_sd: of the box side. age_*: years.

    slip: share of genders and ethnicities that this person gets wrong.
    """

    point_sd: float
    point_bias: tuple[float, float]
    side_sd: float
    age_sd: float
    age_bias: float
    slip: float


MANNERS: Final = (
    Manner(0.010, (0.0, 0.004), 0.010, 2.0, 0.0, 0.00),
    Manner(0.015, (0.006, 0.0), 0.015, 3.0, 2.0, 0.01),
    Manner(0.020, (0.0, -0.008), 0.020, 4.0, -2.0, 0.02),
    Manner(0.030, (-0.010, 0.006), 0.030, 5.0, 3.0, 0.04),
)
"""A careful one, two ordinary ones who lean to different sides, and a hasty one."""


class Edits(NamedTuple):
    """Edits of one face or image. ``attributes``: gender and ethnicity; age is added from the pre-label later."""

    points: int = 0
    sides: int = 0
    attributes: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        return sum(self)


@dataclass(slots=True)
class Labelled:
    """What became of one face: who it is (row of the picture's truth, -1: none), its edits, the age given."""

    picture: str
    row: int
    edits: Edits
    age: float | None


@dataclass(slots=True)
class Work:
    """Everything that people did in one round. faces: by face id. sweeps: by picture, the edits of its sweep."""

    faces: dict[int, Labelled] = field(default_factory=dict)
    sweeps: dict[str, Edits] = field(default_factory=dict)


class SimulatedPerson:
    """One signed-in person with a manner, in one dataset."""

    def __init__(
        self,
        person: HttpPerson,
        dataset: int,
        manner: Manner,
        pictures: PictureSet,
        name_of: Callable[[int], str],
        *,
        seed: int,
    ) -> None:
        """name_of: the file name of an image id. The same seed sees the same face in the same way again."""
        self.person, self.dataset, self.manner, self.pictures = person, dataset, manner, pictures
        self.name_of, self.seed = name_of, seed

    def work_once(self, kind: str, work: Work) -> int:
        """Claim a few items of a kind and finish them; how many."""
        path = f"/datasets/{self.dataset}/work/claim"
        claimed = answered(self.person, "POST", path, {"count": CLAIM, "have": [], "kinds": [kind]})
        for item in claimed["items"]:
            body = self._sweep(item, work) if kind == "sweep" else self._label(item, work)
            body |= {"submission_id": str(uuid.uuid4()), "token": item["lease"]["token"], "active_ms": 1000}
            answered(self.person, "POST", f"/work/{item['id']}/submit", body)
        return len(claimed["items"])

    def _sweep(self, item: dict[str, Any], work: Work) -> dict[str, Any]:
        name = self.name_of(item["image"]["id"])
        truth = self.pictures.by_name[name].faces
        shown = [face for face in item["sweep"]["faces"] if face["state"] != "rejected"]
        owners = matched([face.box for face in truth], [face["box"] for face in shown])
        rejected = [face["id"] for face, row in zip(shown, owners, strict=True) if row < 0]
        added = [
            {"box": list(self.seen(name, row).box)} for row in range(len(truth)) if row not in set(owners)
        ]
        work.sweeps[name] = Edits(sides=SIDES * len(added), rejected=len(rejected))
        return {"added": added, "rejected": rejected, "verdict": None}

    def _label(self, item: dict[str, Any], work: Work) -> dict[str, Any]:
        name = self.name_of(item["image"]["id"])
        truth = self.pictures.by_name[name].faces
        face = item["face"]
        shown = FaceLabels.from_json(face["labels"])
        row = matched([one.box for one in truth], [shown.box])[0]
        body = {"verdict": "save", "base_revision": face["base_revision"]}
        if row < 0:
            work.faces[face["id"]] = Labelled(name, row, Edits(rejected=1), None)
            return body | {"labels": FaceLabels(box=shown.box, flags=frozenset({"not_a_face"})).to_json()}
        labels, edits = corrected(shown, self.seen(name, row), with_geometry=self.pictures.has_landmarks)
        work.faces[face["id"]] = Labelled(name, row, edits, labels.age)
        return body | {"labels": labels.to_json()}

    def seen(self, name: str, row: int) -> FaceLabels:
        """The truth of a face as this person sees it; the box of a chip is taken as it is."""
        face, manner = self.pictures.by_name[name].faces[row], self.manner
        digest = hashlib.sha256(f"{self.seed} {name} {row}".encode()).digest()
        draw = np.random.default_rng(int.from_bytes(digest[:8], "little"))
        age = min(100.0, max(0.0, (face.age or 0.0) + draw.normal(manner.age_bias, manner.age_sd)))
        gender = self._class(face.gender, self.pictures.genders, draw)
        ethnicity = self._class(face.ethnicity, self.pictures.ethnicities, draw)
        seen = replace(face, age=round(age), gender=gender, ethnicity=ethnicity)
        if not self.pictures.has_landmarks or face.landmarks is None:
            return seen
        box = Box(*(np.array(face.box) + draw.normal(0, manner.side_sd, SIDES) * _sides(face.box)))
        by = interocular(face.landmarks)
        shift = draw.normal(manner.point_bias, manner.point_sd, (POINTS, 2)) * by
        return replace(seen, box=box, landmarks=(face.landmarks + shift).astype(np.float32))

    def _class(self, true: str | None, classes: Sequence[str], draw: np.random.Generator) -> str | None:
        slips, other = draw.random() < self.manner.slip, int(draw.integers(len(classes) - 1))
        return [name for name in classes if name != true][other] if slips else true


def answered(person: HttpPerson, method: str, path: str, body: Any = None) -> Any:
    """A call that may be repeated (a read, a claim, a submission with its id), until an answer comes.

    Raises NoAnswer after RETRY_FOR_SECONDS: a busy machine may be slow, a dead one stays dead.
    """
    deadline = time.monotonic() + RETRY_FOR_SECONDS
    while True:
        try:
            return person.call(method, path, body)
        except NoAnswer:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def matched(truth: Sequence[Box], shown: Sequence[Sequence[float]]) -> list[int]:
    """Per shown box the row of its face, each face once, best overlap first; -1 for a box that is of none."""
    owners = [-1] * len(shown)
    if not truth or not shown:
        return owners
    overlaps = iou_matrix(shown, truth)
    for place in np.argsort(-overlaps, axis=None, kind="stable"):
        box, face = divmod(int(place), len(truth))
        if overlaps[box, face] < SAME_FACE_IOU:
            break
        if owners[box] < 0 and face not in owners:
            owners[box] = face
    return owners


def corrected(shown: FaceLabels, seen: FaceLabels, *, with_geometry: bool) -> tuple[FaceLabels, Edits]:
    """What a person saves who is shown one thing and sees another, and the edits that it took.

    with_geometry: box and landmarks are judged; without it the box is set to what is seen and costs nothing, and
    there are no landmarks.
    """
    attributes = int(shown.gender != seen.gender) + int(shown.ethnicity != seen.ethnicity)
    if not with_geometry or seen.landmarks is None:
        return seen, Edits(attributes=attributes)
    off = np.abs(np.array(shown.box) - np.array(seen.box)) > SIDE_TOLERANCE * _sides(seen.box)
    box = Box(*np.where(off, seen.box, shown.box).tolist())
    if not box.is_proper():
        box, off = seen.box, np.ones(SIDES, dtype=bool)
    points, moved = seen.landmarks, np.ones(POINTS, dtype=bool)
    if shown.landmarks is not None:
        moved = points_off(shown.landmarks, seen.landmarks)
        points = np.where(moved[:, None], seen.landmarks, shown.landmarks)
    labels = replace(seen, box=box, landmarks=points, visibility=None)
    return labels, Edits(points=int(moved.sum()), sides=int(off.sum()), attributes=attributes)


def points_off(shown: NDArray[np.float32], seen: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(68,) True where a point is further from what is seen than the tolerance, or is missing."""
    distance = np.linalg.norm(shown.astype(np.float64) - seen, axis=1)
    return np.asarray(~(distance <= POINT_TOLERANCE * interocular(seen)))


def _sides(box: Box) -> NDArray[np.float64]:
    return np.array([box.width, box.height, box.width, box.height])
