"""A release on this machine's disk, every file compared with the manifest: what a training reads.

A local storage is read in place; its files are compared once and that is noted under the manifest's hash. From
another storage (S3) the release is fetched once into the folder of training runs, under the same hash, in the
place of the dataset's release before it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol

from django.conf import settings
from django.core.files.storage import default_storage

from annotator.images.services.storing import file_read, folder_sync, local_path
from annotator.releases.models import Release
from annotator.releases.selectors import check_ready
from annotator.training.services.limits import check_disk
from jfa_pipeline.formats.native import sha256_of

CHUNK: Final = 1024 * 1024
MANIFEST: Final = "manifest.json"
PRIVATE: Final = 0o700


class ReleaseDamaged(Exception):
    """A file of a release is not what its manifest says; the message names it."""


class Running(Protocol):
    """The part of annotator.jobs.running.RunningJob that this work needs."""

    def say(self, message: str) -> None: ...

    def check(self) -> None: ...


@dataclass(frozen=True, slots=True)
class LocalRelease:
    """folder: read only. manifest_sha256: names the release by its content."""

    folder: Path
    manifest_sha256: str


def release_materialise(*, release: Release, run: Running, min_free_bytes: int) -> LocalRelease:
    """The files of a ready release on this machine's disk.

    Raises Conflict ``not_ready``, ReleaseDamaged, DiskTooFull,
    JobCancelled, JobLost.
    """
    check_ready(release)
    try:
        manifest = file_read(f"{release.folder}/{MANIFEST}")
    except FileNotFoundError as error:
        raise ReleaseDamaged(
            f"Release {release.number} has lost its {MANIFEST}: freeze a new one."
        ) from error
    digest = hashlib.sha256(manifest).hexdigest()
    files: Mapping[str, Mapping[str, Any]] = json.loads(manifest)["files"]
    run.say(f"Looking at the files of release {release.number}")
    stored = local_path(release.folder)
    if stored is not None:
        _check_in_place(release, stored, files, digest, run)
        return LocalRelease(stored, digest)
    target = _folder() / f"dataset-{release.dataset_id}" / digest
    if not target.is_dir():
        # A dataset has one live run, so nobody reads its other releases here.
        shutil.rmtree(target.parent, ignore_errors=True)
        target.parent.mkdir(mode=PRIVATE)
        needed = sum(entry["bytes"] for entry in files.values())
        check_disk(target.parent, needed, min_free_bytes, f"A copy of release {release.number}")
        _fetch(release, manifest, files, target, run)
    return LocalRelease(target, digest)


def _folder() -> Path:
    folder = Path(settings.JFA_TRAINING_DIR) / "releases"
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    return folder


def _check_in_place(
    release: Release, stored: Path, files: Mapping[str, Mapping[str, Any]], digest: str, run: Running
) -> None:
    note = _folder() / f"{digest}.verified"
    if note.exists():
        return
    for name, expected in files.items():
        run.check()
        path = stored / name
        if not path.is_file() or sha256_of(path) != expected["sha256"]:
            raise _damaged(release, name)
    note.touch()


def _fetch(
    release: Release, manifest: bytes, files: Mapping[str, Mapping[str, Any]], target: Path, run: Running
) -> None:
    """Copy every file beside its place and rename the folder when all are right."""
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name[:16]}-", dir=target.parent))
    try:
        for name, expected in files.items():
            run.check()
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise _damaged(release, name)
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if _copy(f"{release.folder}/{name}", path) != expected["sha256"]:
                raise _damaged(release, name)
        (beside / MANIFEST).write_bytes(manifest)
        os.sync()
        beside.rename(target)
        folder_sync(target.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _copy(source: str, target: Path) -> str:
    """Copy one file of the storage; its SHA-256, or nothing if it is gone."""
    digest = hashlib.sha256()
    try:
        with default_storage.open(source) as file, target.open("xb") as out:
            while data := file.read(CHUNK):
                digest.update(data)
                out.write(data)
    except FileNotFoundError:
        return ""
    return digest.hexdigest()


def _damaged(release: Release, name: str) -> ReleaseDamaged:
    return ReleaseDamaged(
        f"The file {name} of release {release.number} is missing or damaged: restore it, or freeze a new release."
    )
