"""Browser uploads: spooled to the storage first, answered once they are on the disk, removed after the job."""

from __future__ import annotations

import errno
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any, Final

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from annotator.accounts.models import User
from annotator.common.errors import Invalid, Unavailable
from annotator.datasets.models import Dataset
from annotator.images.models import Import
from annotator.images.services.candidates import MAX_FILE_BYTES, shown_name
from annotator.images.services.importing import import_record, provenance_checked
from annotator.images.services.manifests import is_manifest, manifest_rows
from annotator.images.services.sources import INDEX, UPLOAD, upload_folder
from annotator.images.services.storing import file_store, folder_remove
from annotator.jobs.models import Job, JobState

MAX_FILES: Final = 20_000
MAX_BYTES: Final = 20 * 1024**3
MAX_ZIP_BYTES: Final = MAX_BYTES
KEPT_FOR: Final = timedelta(days=7)
"""How long the files of a failed or cancelled upload wait for a Retry."""


def upload_create(
    *,
    dataset: Dataset,
    files: Sequence[UploadedFile[Any]],
    names: Sequence[str],
    defaults: Mapping[str, str],
    actor: User,
) -> Import:
    """An import of files sent by a browser, which are on the disk when this returns.

    ``names``: one path a file where the browser knows folders, else empty. A ``.csv``, ``.jsonl`` or
    ``.parquet`` among the files is the manifest. Raises Invalid (nothing is kept) and Unavailable
    ``disk_full``.
    """
    if not files:
        raise Invalid("no_files", "Choose at least one photograph or zip file.")
    if len(files) > MAX_FILES:
        raise Invalid(
            "too_many_files", f"{MAX_FILES} files at once are the limit; send a zip or several batches."
        )
    if names and len(names) != len(files):
        raise Invalid("paths", "`paths` needs one entry for each file.")
    for file in files:
        size_checked(file.name or "", file.size or 0)
    kept = provenance_checked(defaults)
    token = secrets.token_hex(16)
    folder = upload_folder(token)
    try:
        _spool(folder, files, names)
        return import_record(dataset=dataset, source=UPLOAD, defaults=kept, actor=actor, upload=token)
    except OSError as error:
        folder_remove(folder)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unavailable(
                "disk_full", "The server's disk is full; nothing of this upload was kept. Ask its admin."
            ) from error
        raise
    except BaseException:
        folder_remove(folder)
        raise


def uploads_clear() -> int:
    """Remove the spooled files of finished imports, and what nobody retried for a week; how many folders."""
    try:
        folders, _ = default_storage.listdir("uploads")
    except (
        FileNotFoundError
    ):  # a local folder that no upload has made yet; a bucket has no folders to be missing
        return 0
    states = dict(Job.objects.filter(params__upload__in=folders).values_list("params__upload", "state"))
    removed = 0
    for token in folders:
        state = states.get(token)
        ended = state in (None, JobState.FAILED, JobState.CANCELLED)
        if state == JobState.DONE or (ended and _is_old(upload_folder(token))):
            folder_remove(upload_folder(token))
            removed += 1
    return removed


def _is_old(folder: str) -> bool:
    try:
        written = default_storage.get_modified_time(f"{folder}/{INDEX}")
    except FileNotFoundError:  # an upload in progress, or one that was cut off before its end
        _, files = default_storage.listdir(folder)
        times = [default_storage.get_modified_time(f"{folder}/{name}") for name in files]
        written = max(times, default=timezone.now())
    return timezone.now() - written > KEPT_FOR


def size_checked(name: str, size: int) -> None:
    """Raises Invalid ``too_large_file``."""
    limit = MAX_ZIP_BYTES if name.lower().endswith(".zip") else MAX_FILE_BYTES
    if size > limit:
        raise Invalid("too_large_file", f"{name} is larger than {limit // 1024**2} MB.")


def _spool(folder: str, files: Sequence[UploadedFile[Any]], names: Sequence[str]) -> None:
    stored = []
    for number, file in enumerate(files):
        place = f"{number:06d}"
        file_store(path=f"{folder}/{place}", chunks=file.chunks())
        stored.append((place, names[number] if names else file.name or ""))
    index_store(folder, stored)


def index_store(folder: str, files: Sequence[tuple[str, str]]) -> None:
    """Write the list of an upload's files, given as stored name and the browser's name; the import reads it.

    Raises Invalid for a manifest with an error, for several, and for one alone.
    """
    index: list[dict[str, Any]] = []
    seen: set[str] = set()
    for number, (stored, raw) in enumerate(files):
        if not PurePosixPath(raw.lstrip("/")).name:
            raw = f"file {number + 1}"
        name = _unique(shown_name(raw.lstrip("/")), seen)
        seen.add(name)
        index.append({"stored": stored, "name": name, "manifest": is_manifest(name)})
    manifests = [entry for entry in index if entry["manifest"]]
    if len(manifests) > 1:
        raise Invalid("manifest", "Send one manifest, not several.")
    for entry in manifests:
        with default_storage.open(f"{folder}/{entry['stored']}") as manifest:
            for _ in manifest_rows(manifest, entry["name"]):  # reads every row, so that an error shows now
                pass
    if len(manifests) == len(index):
        raise Invalid("no_files", "The manifest came alone; send the photographs with it.")
    lines = "\n".join(json.dumps(entry) for entry in index)
    file_store(path=f"{folder}/{INDEX}", chunks=[lines.encode()])


def _unique(name: str, seen: set[str]) -> str:
    path = PurePosixPath(name)
    candidate, number = name, 1
    while candidate in seen:
        number += 1
        candidate = str(path.with_name(f"{path.stem} #{number}{path.suffix}"))
    return candidate
