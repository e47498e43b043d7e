"""Files in the storage: written whole or not at all, and on the disk before anybody is told so.

On a local disk a file is written beside its place, synced, and renamed, so that a kill or a full disk leaves
no half file under its final name. Another storage (S3) does the same by its own means.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

PART: Final = ".part"
PART_IS_OLD_AFTER_SECONDS: Final = 3600


def file_store(*, path: str, chunks: Iterable[bytes], durable: bool = True) -> int:
    """Write a file of the storage from pieces; the number of bytes. An existing file is replaced in one step.

    ``durable``: return only once the disk has it. Raises OSError (a full disk too) with nothing left behind.
    """
    location = local_path(path)
    if location is None:
        content = b"".join(chunks)
        if default_storage.exists(path):
            default_storage.delete(path)
        default_storage.save(path, ContentFile(content))
        return len(content)
    _make_folder(location.parent, durable)
    part = location.with_name(f".{location.name}.{secrets.token_hex(8)}{PART}")
    size = 0
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                size += file.write(chunk)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        part.rename(location)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
        raise
    if durable:
        folder_sync(location.parent)
    return size


def file_read(path: str) -> bytes:
    """The bytes of a file of the storage. Raises FileNotFoundError."""
    with default_storage.open(path) as file:
        content: bytes = file.read()
    return content


def parts_clear(*, folder: str) -> int:
    """Remove what killed writers left under a folder of a local storage; the number of files removed."""
    location = local_path(folder)
    removed = 0
    if location is None or not location.is_dir():
        return removed
    for part in location.rglob(f".*{PART}"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > PART_IS_OLD_AFTER_SECONDS:
                part.unlink()
                removed += 1
    return removed


def folder_remove(folder: str) -> None:
    """Remove a folder of the storage with all that is in it; nothing happens if it is not there."""
    location = local_path(folder)
    if location is not None:
        shutil.rmtree(location, ignore_errors=True)
        return
    folders, files = default_storage.listdir(folder)
    for name in files:
        default_storage.delete(f"{folder}/{name}")
    for name in folders:
        folder_remove(f"{folder}/{name}")


def local_path(path: str) -> Path | None:
    """Where a file of the storage lies on this disk; None for a storage that is not a local folder."""
    if not isinstance(default_storage, FileSystemStorage):
        return None
    return Path(default_storage.path(path))


def _make_folder(folder: Path, durable: bool) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent, durable)
    folder.mkdir(mode=0o700, exist_ok=True)
    if durable:
        folder_sync(folder.parent)


def folder_sync(folder: Path) -> None:
    """Return once the disk has the names in a local folder: a rename is only then there to stay."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
