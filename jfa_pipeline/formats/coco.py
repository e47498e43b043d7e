"""COCO keypoints JSON with one category, "face", of 68 key points.

COCO counts pixels from the centre of the first one: index = continuous - 0.5. Its visibility is 2 for a seen
point, 1 for a hidden one, 0 for a missing one. An ignore region is a crowd annotation. What COCO has no field
for, and the exact box, stands under the key "jfa", so that reading a written file loses nothing (but for
coordinates closer to 0 than 2^-31 of a pixel).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

import numpy as np

from jfa_pipeline.aggregate.age import AgeSummary
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.ibug68 import CURVES, POINTS, REGIONS
from jfa_pipeline.core.labels import HIDDEN, MISSING, VISIBLE, FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.formats.records import ACCEPTED, IGNORE, ReleaseFace, ReleaseImage

CATEGORY_ID: Final = 1
_TO_COCO: Final = {VISIBLE: 2, HIDDEN: 1, MISSING: 0}
_FROM_COCO: Final = {coco: ours for ours, coco in _TO_COCO.items()}
_PIECE: Final = 1 << 20

_IMAGE_EXTRAS: Final = (
    "file_name",
    "extension",
    "original_sha256",
    "sha256",
    "source",
    "licence",
    "subject_key",
    "consent",
    "split",
    "swept",
)
_FACE_EXTRAS: Final = ("status", "subject_key", "consent", "policy_version", "revision_id")


class CocoInvalid(ValueError):
    """A file that is not COCO JSON this project can read; the message says what and where."""


def category() -> dict[str, Any]:
    """The COCO category: names of the 68 points and the lines between them (1-based, as COCO has them)."""
    names = [""] * POINTS
    for region, points in REGIONS.items():
        for index in points:
            names[index] = f"{region}_{index}"
    lines = [
        [a + 1, b + 1]
        for _, curve, closed in CURVES
        for a, b in zip(curve, (*curve[1:], curve[0]) if closed else curve[1:], strict=False)
    ]
    return {
        "id": CATEGORY_ID,
        "name": "face",
        "supercategory": "person",
        "keypoints": names,
        "skeleton": lines,
    }


class CocoWriter:
    """Writes COCO JSON image by image; only the file grows, not the memory."""

    def __init__(self, path: Path, *, policy: Policy) -> None:
        """Creates the parent folder. The file is complete once the ``with`` block is left without error."""
        self._path = path
        self._policy = policy
        self._licences: dict[str, int] = {}
        self._written = {"images": 0, "annotations": 0}
        self._stack = ExitStack()
        self._spools: dict[str, IO[str]] = {}

    def __enter__(self) -> CocoWriter:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        for name in self._written:
            spool = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", dir=self._path.parent)
            self._spools[name] = self._stack.enter_context(spool)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if kind is None:
                self._assemble()

    def add(self, image: ReleaseImage, faces: Sequence[ReleaseFace]) -> None:
        """One image (with its sha256) and its faces."""
        licence = self._licences.setdefault(image.licence, len(self._licences) + 1)
        self._append("images", coco_image(image, licence))
        for face in faces:
            self._append("annotations", coco_annotation(face))

    def _append(self, name: str, item: Mapping[str, Any]) -> None:
        spool = self._spools[name]
        spool.write(",\n" if self._written[name] else "\n")
        spool.write(json.dumps(item, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
        self._written[name] += 1

    def _assemble(self) -> None:
        head = {
            "info": {"description": "JFA Studio release", "jfa": {"policy": self._policy.to_json()}},
            "licenses": [{"id": number, "name": name, "url": ""} for name, number in self._licences.items()],
            "categories": [category()],
        }
        with self._path.open("w", encoding="utf-8", newline="\n") as out:
            out.write(json.dumps(head, ensure_ascii=False, separators=(",", ":")).removesuffix("}"))
            for name, spool in self._spools.items():
                out.write(f',\n"{name}":[')
                spool.seek(0)
                while piece := spool.read(_PIECE):
                    out.write(piece)
                out.write("\n]")
            out.write("}\n")


def coco_image(image: ReleaseImage, licence: int) -> dict[str, Any]:
    """The COCO image entry; ``file_name`` is the path inside a release folder."""
    return {
        "id": image.image_id,
        "file_name": image.path,
        "width": image.width,
        "height": image.height,
        "license": licence,
        "jfa": {name: getattr(image, name) for name in _IMAGE_EXTRAS},
    }


def coco_annotation(face: ReleaseFace) -> dict[str, Any]:
    """The COCO annotation entry of one face."""
    labels = face.labels
    triples = np.zeros((POINTS, 3))
    if labels.landmarks is not None and labels.visibility is not None:
        placed = labels.visibility != MISSING
        triples[placed, :2] = labels.landmarks[placed].astype(np.float64) - 0.5
        triples[:, 2] = [_TO_COCO[int(state)] for state in labels.visibility]
    box = labels.box
    return {
        "id": face.face_id,
        "image_id": face.image_id,
        "category_id": CATEGORY_ID,
        "bbox": [box.x1, box.y1, box.width, box.height],
        "area": box.width * box.height,
        "iscrowd": int(face.status == IGNORE),
        "num_keypoints": int((triples[:, 2] > 0).sum()),
        "keypoints": [
            int(v) if column == 2 else v for row in triples.tolist() for column, v in enumerate(row)
        ],
        "jfa": {
            **{name: getattr(face, name) for name in _FACE_EXTRAS},
            "box": list(box),
            "has_landmarks": labels.landmarks is not None,
            "age_mean": face.age.mean,
            "age_sd": face.age.sd,
            "age_n": face.age.n,
            "gender": labels.gender,
            "ethnicity": labels.ethnicity,
            "flags": sorted(labels.flags),
        },
    }


@dataclass(frozen=True, slots=True)
class CocoDataset:
    """A COCO file read into records. policy is None if another program wrote the file."""

    images: list[ReleaseImage]
    faces: list[ReleaseFace]
    policy: Policy | None

    def entries(self) -> Iterator[tuple[ReleaseImage, list[ReleaseFace]]]:
        """Each image with its faces."""
        of: dict[int, list[ReleaseFace]] = {image.image_id: [] for image in self.images}
        for face in self.faces:
            of[face.image_id].append(face)
        return ((image, of[image.image_id]) for image in self.images)


def read_coco(path: Path) -> CocoDataset:
    """Read COCO JSON, ours without loss.

    Of other programs' files: images, boxes, crowds as ignore regions, and the key points if the category has
    68 of them. Raises CocoInvalid.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CocoInvalid(f"{path.name} is no JSON ({error}).") from error
    try:
        licences = {entry["id"]: entry.get("name", "") for entry in data.get("licenses", [])}
        images = [_image(entry, licences) for entry in data["images"]]
        points_of = {entry["id"]: len(entry.get("keypoints", ())) for entry in data.get("categories", [])}
        faces = [_face(entry, points_of.get(entry.get("category_id"), 0)) for entry in data["annotations"]]
        policy = (data.get("info") or {}).get("jfa", {}).get("policy")
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise CocoInvalid(f"{path.name} cannot be read as COCO: {type(error).__name__}: {error}.") from error
    known = {image.image_id for image in images}
    if orphans := [face.face_id for face in faces if face.image_id not in known]:
        raise CocoInvalid(f"{path.name}: annotation {orphans[0]} belongs to an image that is not listed.")
    return CocoDataset(images, faces, None if policy is None else Policy.from_json(policy))


def _image(entry: Mapping[str, Any], licences: Mapping[int, str]) -> ReleaseImage:
    extras = dict(entry.get("jfa") or {})
    if not extras:
        extras = {
            "file_name": entry["file_name"],
            "extension": entry["file_name"].rpartition(".")[2] or "bin",
            "licence": licences.get(entry.get("license", 0), ""),
        }
    return ReleaseImage(image_id=entry["id"], width=entry["width"], height=entry["height"], **extras)


def _face(entry: Mapping[str, Any], points_n: int) -> ReleaseFace:
    extras = dict(entry.get("jfa") or {})
    x, y, width, height = entry["bbox"]
    box = Box(*extras.pop("box", (x, y, x + width, y + height)))
    landmarks = visibility = None
    if extras.pop("has_landmarks", points_n == POINTS and entry.get("num_keypoints", 0) > 0):
        triples = np.array(entry["keypoints"], dtype=np.float64).reshape(-1, 3)
        visibility = np.array([_FROM_COCO[int(state)] for state in triples[:, 2]], dtype=np.uint8)
        landmarks = (triples[:, :2] + 0.5).astype(np.float32)
    age = AgeSummary(
        mean=extras.pop("age_mean", None), sd=extras.pop("age_sd", None), n=extras.pop("age_n", 0)
    )
    labels = FaceLabels(
        box=box,
        landmarks=landmarks,
        visibility=visibility,
        gender=extras.pop("gender", None),
        ethnicity=extras.pop("ethnicity", None),
        flags=frozenset(extras.pop("flags", ())),
    )
    extras.setdefault("status", IGNORE if entry.get("iscrowd") else ACCEPTED)
    return ReleaseFace(face_id=entry["id"], image_id=entry["image_id"], labels=labels, age=age, **extras)
