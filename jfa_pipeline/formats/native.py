"""The native release folder: Parquet tables, image files named by their hash, a manifest with all hashes.

    labels.parquet   one row a face          images.parquet   one row an image
    images/<ab>/<sha256>.<extension>         coco/annotations.json (the same labels as COCO keypoints)
    manifest.json    format, counts, policy, provenance; size and SHA-256 of every other file

Written into a temporary folder and renamed, so a folder with a manifest is always whole. The same records
give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from jfa_pipeline.core.policy import Policy
from jfa_pipeline.formats.coco import CocoWriter
from jfa_pipeline.formats.native_tables import (
    IMAGES_SCHEMA,
    LABELS_SCHEMA,
    TableWriter,
    face_of,
    face_row,
    image_of,
    image_row,
    table_rows,
)
from jfa_pipeline.formats.records import ACCEPTED, RecordInvalid, ReleaseFace, ReleaseImage

FORMAT: Final = "jfa-release"
FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
LABELS: Final = "labels.parquet"
IMAGES: Final = "images.parquet"
COCO: Final = "coco/annotations.json"

ReleaseEntry = tuple[ReleaseImage, bytes, Sequence[ReleaseFace]]
"""An image, the bytes of its released file, and its faces."""

_CHUNK: Final = 1 << 20


class NativeFormatError(ValueError):
    """A release folder that cannot be used; ``path`` names the file, relative to the folder."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path


@dataclass(slots=True)
class _Counts:
    images: int = 0
    accepted: int = 0
    ignored: int = 0
    splits: Counter[str] = field(default_factory=Counter)
    split_faces: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)

    def add(self, image: ReleaseImage, faces: Sequence[ReleaseFace]) -> None:
        self.images += 1
        accepted = sum(face.status == ACCEPTED for face in faces)
        self.accepted += accepted
        self.ignored += len(faces) - accepted
        self.splits[image.split] += 1
        self.split_faces[image.split] += accepted
        self.licences[image.licence] += 1
        self.sources[image.source] += 1


def write_native(
    folder: Path,
    entries: Iterable[ReleaseEntry],
    *,
    policy: Policy,
    manifest_extra: Mapping[str, Any] | None = None,
    with_coco: bool = True,
) -> dict[str, Any]:
    """Write a release folder and return what its manifest says, without the list of files.

    entries: streamed, image by image; only a few thousand label rows are in memory at a time. policy: the
    policy the faces were accepted under. manifest_extra: further top-level keys, JSON types only. Raises
    FileExistsError if the folder is there, RecordInvalid for an image listed twice or a face under another
    image; nothing is left behind then.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} already exists; a release is never written over another.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        counts = _write_contents(work, entries, policy=policy, with_coco=with_coco)
        head = _manifest_head(counts, policy, manifest_extra or {})
        _write_manifest(work, head, with_coco=with_coco)
        work.chmod(0o755)
        work.rename(folder)
    except BaseException:
        shutil.rmtree(work)
        raise
    return head


def _write_contents(
    work: Path, entries: Iterable[ReleaseEntry], *, policy: Policy, with_coco: bool
) -> _Counts:
    counts = _Counts()
    seen: set[int] = set()
    with ExitStack() as stack:
        images = stack.enter_context(TableWriter(work / IMAGES, IMAGES_SCHEMA))
        labels = stack.enter_context(TableWriter(work / LABELS, LABELS_SCHEMA))
        coco = stack.enter_context(CocoWriter(work / COCO, policy=policy)) if with_coco else None
        for given, content, faces in entries:
            image = replace(given, sha256=hashlib.sha256(content).hexdigest())
            if image.image_id in seen:
                raise RecordInvalid(f"Image {image.image_id} is listed twice.")
            seen.add(image.image_id)
            path = work / image.path
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            images.add(image_row(image, len(content)))
            for face in faces:
                if face.image_id != image.image_id:
                    raise RecordInvalid(f"Face {face.face_id} is listed under another image than its own.")
                labels.add(face_row(face, image))
            if coco is not None:
                coco.add(image, faces)
            counts.add(image, faces)
    return counts


def _manifest_head(counts: _Counts, policy: Policy, extra: Mapping[str, Any]) -> dict[str, Any]:
    head = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "counts": {
            "images": counts.images,
            "faces": counts.accepted,
            "ignored": counts.ignored,
            "images_by_split": dict(sorted(counts.splits.items())),
            "faces_by_split": dict(sorted(counts.split_faces.items())),
        },
        "provenance": {
            "images_by_licence": dict(sorted(counts.licences.items())),
            "images_by_source": dict(sorted(counts.sources.items())),
        },
        "policy": policy.to_json(),
    }
    if taken := {*head, "files"} & set(extra):
        raise RecordInvalid(f"These manifest keys belong to the format: {', '.join(sorted(taken))}.")
    return {**head, **extra}


def _write_manifest(work: Path, head: Mapping[str, Any], *, with_coco: bool) -> None:
    """manifest.json, its list of files written one by one."""
    opening = json.dumps(head, indent=2, ensure_ascii=False, sort_keys=False).removesuffix("\n}")
    with (work / MANIFEST).open("w", encoding="utf-8", newline="\n") as out:
        out.write(opening + ',\n  "files": {')
        separator = "\n"
        for path, sha256, size in _files(work, with_coco=with_coco):
            entry = json.dumps({"sha256": sha256, "bytes": size})
            out.write(f"{separator}    {json.dumps(path)}: {entry}")
            separator = ",\n"
        out.write("\n  }\n}\n")


def _files(work: Path, *, with_coco: bool) -> Iterator[tuple[str, str, int]]:
    for name in (LABELS, IMAGES, *([COCO] if with_coco else [])):
        yield name, sha256_of(work / name), (work / name).stat().st_size
    written: set[str] = set()
    for row in table_rows(work / IMAGES, ["path", "sha256", "bytes"]):
        if row["path"] not in written:
            written.add(row["path"])
            yield row["path"], row["sha256"], row["bytes"]


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class NativeDataset:
    """An opened release folder. Its tables are read in order, a batch at a time."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def policy(self) -> Policy:
        return Policy.from_json(self.manifest["policy"])

    def images(self) -> Iterator[ReleaseImage]:
        """Every image, in the order of images.parquet."""
        return (image_of(row) for row in table_rows(self.folder / IMAGES))

    def faces(self) -> Iterator[ReleaseFace]:
        """Every face, accepted ones and ignore regions, in the order of labels.parquet."""
        return (face_of(row) for row in table_rows(self.folder / LABELS))

    def entries(self) -> Iterator[tuple[ReleaseImage, list[ReleaseFace]]]:
        """Each image with its faces. Raises NativeFormatError if the tables do not fit together."""
        faces = self.faces()
        waiting = next(faces, None)
        for image in self.images():
            own: list[ReleaseFace] = []
            while waiting is not None and waiting.image_id == image.image_id:
                own.append(waiting)
                waiting = next(faces, None)
            yield image, own
        if waiting is not None:
            raise NativeFormatError(LABELS, f"face {waiting.face_id} belongs to no image in order.")

    def image_path(self, image: ReleaseImage) -> Path:
        """The picture's file."""
        return self.folder / image.path


def read_native(folder: Path, *, verify: bool = True) -> NativeDataset:
    """Open a release folder; ``verify`` compares every file with the manifest first.

    Raises NativeFormatError naming the file that is missing, damaged, extra, or of another format.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NativeFormatError(MANIFEST, "is missing, so this is no release folder.") from error
    except ValueError as error:
        raise NativeFormatError(MANIFEST, f"is no JSON ({error}).") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise NativeFormatError(MANIFEST, f"does not say that the format is {FORMAT}.")
    if manifest.get("format_version") != FORMAT_VERSION:
        raise NativeFormatError(
            MANIFEST,
            f"format version {manifest.get('format_version')} is not {FORMAT_VERSION}, the one this program reads.",
        )
    if verify:
        _verify(folder, manifest.get("files", {}))
    return NativeDataset(folder, manifest)


def _verify(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> None:
    for needed in (LABELS, IMAGES):
        if needed not in files:
            raise NativeFormatError(needed, "is not listed in the manifest.")
    for name, expected in files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise NativeFormatError(name, "lies outside the release folder.")
        if not path.is_file():
            raise NativeFormatError(name, "is missing.")
        if path.stat().st_size != expected["bytes"] or sha256_of(path) != expected["sha256"]:
            raise NativeFormatError(name, "is damaged: its bytes are not those the manifest lists.")
    for parent, _, names in os.walk(folder):
        for name in names:
            relative = (Path(parent) / name).relative_to(folder).as_posix()
            if relative != MANIFEST and relative not in files:
                raise NativeFormatError(relative, "is not listed in the manifest.")
