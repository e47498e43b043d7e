"""What an import reads: a folder, one file, a zip, a manifest on the server's disk, or a browser's upload.

Every source yields the same candidates in the same order each time, so that an interrupted import can leave
out what it has done and go on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from django.core.files.storage import default_storage

from annotator.common.errors import Invalid
from annotator.images.services.archives import zip_candidates
from annotator.images.services.candidates import (
    Candidate,
    FileRefused,
    climbs_out,
    file_read_safely,
    is_system_file,
    outside,
    refusal,
    shown_name,
    symlink_refused,
    system_file,
)
from annotator.images.services.manifests import Row, is_manifest, manifest_rows
from annotator.images.services.storing import file_read
from jfa_pipeline.core.picture_signatures import picture_in

UPLOAD: Final = "browser upload"
INDEX: Final = "index.jsonl"
"""Lists an upload's files: ``{"stored": name in its folder, "name": the browser's, "manifest": bool}``."""


def upload_folder(token: str) -> str:
    """Where the files of one upload lie in the storage."""
    return f"uploads/{token}"


def path_candidates(path: Path) -> Iterator[Candidate]:
    """The candidates of a path on the server's disk.

    Raises Invalid ``no_such_path`` for a path that is not there, ``manifest`` for a manifest with an error.
    """
    if path.is_dir():
        yield from _folder(path, "")
    elif not path.exists():
        raise Invalid("no_such_path", f"There is no file or folder {path} on this computer.")
    elif is_manifest(path.name):
        yield from _manifest(path)
    else:
        yield from _file(path.resolve(), path.name)


def upload_candidates(folder: str) -> Iterator[Candidate]:
    """The candidates of an upload spooled under ``folder`` of the storage; its manifest, if any, adds provenance.

    A manifest row that no uploaded file has is refused as missing.
    """
    files = [json.loads(line) for line in file_read(f"{folder}/{INDEX}").splitlines()]
    rows: dict[str, Row] = {}
    for given in files:
        if given["manifest"]:
            with default_storage.open(f"{folder}/{given['stored']}") as file:
                rows |= {row.file: row for row in manifest_rows(file, given["name"])}
    used: set[str] = set()
    for given in files:
        if given["manifest"]:
            continue
        for candidate in _uploaded(f"{folder}/{given['stored']}", given["name"]):
            inner = candidate.name.removeprefix(f"{given['name']}/")
            key = candidate.name if candidate.name in rows else inner
            row = rows.get(key)
            if row is None:
                yield candidate
                continue
            used.add(key)
            yield _with_row(candidate, row)
    for file_name, row in rows.items():
        if file_name not in used:
            yield refusal(
                shown_name(file_name), "missing", f"Row {row.number} names a file that was not uploaded."
            )


def _folder(folder: Path, prefix: str) -> Iterator[Candidate]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        message = f"The server may not look into this folder: {error.strerror}."
        yield refusal(shown_name(prefix.rstrip("/") or "."), "unreadable", message)
        return
    for entry in entries:
        raw = f"{prefix}{entry.name}"
        if entry.is_symlink():
            link = symlink_refused()
            yield refusal(shown_name(raw), link.code, link.message)
        elif entry.is_dir(follow_symlinks=False):
            yield from _folder(Path(entry.path), f"{raw}/")
        else:
            yield from _file(Path(entry.path), raw)


def _file(path: Path, raw: str) -> Iterator[Candidate]:
    name = shown_name(raw)
    if is_system_file(raw):
        yield system_file(name)
    elif path.suffix.lower() == ".zip" and path.is_file() and _starts_like_a_zip(path):
        with path.open("rb") as file:
            yield from zip_candidates(file, name)
    else:
        yield Candidate(name=name, read=partial(_read_or_broken, path))


def _starts_like_a_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"PK"
    except OSError:
        return False


def _read_or_broken(path: Path) -> bytes:
    data = file_read_safely(path)
    if path.suffix.lower() == ".zip" and picture_in(data) is None:
        raise FileRefused("broken_archive", "This zip archive is damaged or is no zip.")
    return data


def _manifest(path: Path) -> Iterator[Candidate]:
    root = path.parent
    seen: set[str] = set()
    with path.open("rb") as file:
        for row in manifest_rows(file, path.name):
            name = shown_name(row.file)
            if name in seen:
                copy = shown_name(f"{row.file} (row {row.number})")
                yield refusal(copy, "duplicate_name", "An earlier row of the manifest names the same file.")
                continue
            seen.add(name)
            yield _with_row(_listed(root, row.file, name), row)


def _listed(root: Path, relative: str, name: str) -> Candidate:
    if climbs_out(relative):
        return outside(name)
    path = root / relative
    steps = [root.joinpath(*Path(relative).parts[: n + 1]) for n in range(len(Path(relative).parts))]
    if any(step.is_symlink() for step in steps):
        link = symlink_refused()
        return refusal(name, link.code, link.message)
    if path.suffix.lower() == ".zip":
        message = "A manifest lists photographs; import the archive by itself."
        return refusal(name, "nested_archive", message)
    if path.is_dir():
        return refusal(name, "not_a_file", "This is a folder, not a file.")
    return Candidate(name=name, read=partial(file_read_safely, path))


def _with_row(candidate: Candidate, row: Row) -> Candidate:
    if row.problem:
        return refusal(candidate.name, "manifest_row", f"Row {row.number}: {row.problem}")
    return replace(candidate, provenance=row.provenance)


def _uploaded(path: str, name: str) -> Iterator[Candidate]:
    if is_system_file(name):
        yield system_file(name)
        return
    if name.lower().endswith(".zip"):
        with default_storage.open(path) as file:
            if file.read(2) == b"PK":
                file.seek(0)
                yield from zip_candidates(file, name)
                return
    yield Candidate(name=name, read=partial(_read_stored, path, name))


def _read_stored(path: str, name: str) -> bytes:
    data = file_read(path)
    if name.lower().endswith(".zip") and picture_in(data) is None:
        raise FileRefused("broken_archive", "This zip archive is damaged or is no zip.")
    return data
