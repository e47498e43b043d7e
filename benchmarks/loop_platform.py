"""A platform with its learning worker, and one dataset of it as its admin handles it over HTTP."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from benchmarks.http_person import HttpPerson
from benchmarks.loop_people import MANNERS, SimulatedPerson, Work, answered
from benchmarks.loop_pictures import Picture, PictureSet
from benchmarks.platform_under_test import Platform
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import POINTS
from jfa_pipeline.core.labels import FaceLabels

T = TypeVar("T")

PATIENCE_SECONDS: Final = 900.0
ENDED: Final = ("done", "failed", "cancelled")
SMALLEST_FACE_PX: Final = 8.0
"""The pictures are small; the platform's default would not offer their smaller faces."""

PRELABELS: Final = """
SELECT i.name, f.id, coalesce(f.score, 1), r.x1, r.y1, r.x2, r.y2, r.landmarks, r.age, r.gender, r.ethnicity
FROM faces_face f JOIN images_image i ON i.id = f.image_id JOIN faces_revision r ON r.id = f.prelabel_id
WHERE f.dataset_id = %s AND i.split <> 'test' ORDER BY f.id
"""


class LearningPlatform(Platform):
    """The platform as `make up` starts it, learning worker and all, one thread a process."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.environment |= {
            "JFA_SKIP_TORCH": "0",
            "JFA_TORCH_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "JFA_LOG_LEVEL": "WARNING",
        }

    def wait_until_learning(self) -> HttpPerson:
        """Wait for web server and learning worker; the admin."""
        self.wait_until_up()
        admin = self.admin()

        def learns() -> bool:
            nodes = answered(admin, "GET", "/workers")["nodes"]
            return any(node["alive"] and "gpu" in node["queues"] for node in nodes)

        wait_for(learns, "the learning worker")
        return admin

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Rows of the platform's database, to measure by; nobody works through it."""
        return self._rows(query, values)


@dataclass(frozen=True, slots=True, eq=False)
class Prelabel:
    """What a face was shown with."""

    picture: str
    face: int
    score: float
    labels: FaceLabels


class LoopDataset:
    """One dataset with four simulated annotators."""

    def __init__(
        self,
        platform: LearningPlatform,
        admin: HttpPerson,
        name: str,
        pictures: PictureSet,
        *,
        test_share: float,
        seed: int,
    ) -> None:
        """test_share: of the images, drawn when they arrive; they are never pre-labelled."""
        self.platform, self.admin, self.pictures, self.seed = platform, admin, pictures, seed
        made = admin.call("POST", "/datasets", {"name": name})
        self.id: int = made["id"]
        self.names: dict[int, str] = {}
        self.uploaded: list[str] = []
        required = ["landmarks", "age", "gender", "ethnicity"]
        policy = made["policy"]["data"] | {
            "genders": list(pictures.genders),
            "ethnicities": list(pictures.ethnicities),
            "required": required if pictures.has_landmarks else required[1:],
            "min_side_px": SMALLEST_FACE_PX,
            "checks": 0,
            "test_share": test_share,
            "blind_share": 0.0,
        }
        change = {"data": policy, "comment": "benchmarks.loop", "base_version": made["policy"]["version"]}
        admin.call("PUT", f"/datasets/{self.id}/policy", change)
        self.people = [self._invited(f"{name}-{number}", manner) for number, manner in enumerate(MANNERS)]

    def _invited(self, username: str, manner: Any) -> SimulatedPerson:
        path = f"/datasets/{self.id}/people"
        invited = self.admin.call("POST", path, {"username": username, "role": "annotator"})
        person = HttpPerson(self.platform.address, invited["username"], invited["password"])
        person.sign_in()
        return SimulatedPerson(person, self.id, manner, self.pictures, self.names.__getitem__, seed=self.seed)

    def upload(self, batch: Sequence[Picture], source: str) -> None:
        """Upload pictures and wait until every one of them is pre-labelled or in the test split."""
        files = {picture.name: picture.content for picture in batch}
        self.admin.upload(f"/datasets/{self.id}/imports", files, {"source": source})
        self.uploaded += list(files)

        def labelled() -> bool:
            found = answered(self.admin, "GET", f"/datasets/{self.id}/overview")["images"]
            if found["prelabel_failed"]:
                raise RuntimeError(f"{found['prelabel_failed']} images could not be pre-labelled.")
            return bool(found["prelabelled"] >= len(self.uploaded))

        wait_for(labelled, f"{len(batch)} images to be pre-labelled")
        rows = self.platform.rows("SELECT id, name FROM images_image WHERE dataset_id = %s", (self.id,))
        self.names.update(rows)

    def label_everything(self) -> Work:
        """Sweep and label until nothing is left, the people in turn, a few items each."""
        work = Work()
        for kind in ("sweep", "annotate"):
            while sum(person.work_once(kind, work) for person in self.people):
                pass
        return work

    def train(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Freeze a release, train on it, and wait for the gate's decision; the run."""
        run = self.admin.call("POST", f"/datasets/{self.id}/training-runs", {"release": None, **order})
        path = f"/training-runs/{run['id']}"

        def ended() -> dict[str, Any] | None:
            found: dict[str, Any] = answered(self.admin, "GET", path)
            if found["state"] in ENDED:
                return found
            return None

        found = wait_for(ended, f"training run {run['number']}")
        if found["state"] != "done":
            raise RuntimeError(f"Training run {run['number']} ended as {found['state']}: {found}")
        return found

    def prelabels(self, batch: Sequence[Picture]) -> list[Prelabel]:
        """The pre-labels of the faces of these pictures that are not in the test split."""
        wanted = {picture.name for picture in batch}
        return [
            Prelabel(row[0], row[1], row[2], _labels(row[3:]))
            for row in self.platform.rows(PRELABELS, (self.id,))
            if row[0] in wanted
        ]

    def test_pictures(self) -> set[str]:
        """Names of the pictures in the test split."""
        query = "SELECT name FROM images_image WHERE dataset_id = %s AND split = 'test'"
        return {row[0] for row in self.platform.rows(query, (self.id,))}


def _labels(columns: tuple[Any, ...]) -> FaceLabels:
    x1, y1, x2, y2, landmarks, age, gender, ethnicity = columns
    points = None if landmarks is None else np.frombuffer(landmarks, dtype="<f4").reshape(POINTS, 2)
    return FaceLabels(Box(x1, y1, x2, y2), points, age=age, gender=gender, ethnicity=ethnicity)


def by_picture(prelabels: Sequence[Prelabel]) -> dict[str, list[FaceLabels]]:
    """The labels shown on each picture."""
    found: dict[str, list[FaceLabels]] = defaultdict(list)
    for one in prelabels:
        found[one.picture].append(one.labels)
    return found


def wait_for(condition: Callable[[], T | None], what: str) -> T:
    """Ask until the answer is true. Raises TimeoutError after PATIENCE_SECONDS."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE_SECONDS:.0f} s for {what}")
        time.sleep(0.5)
    return answer
