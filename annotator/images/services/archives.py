"""Zip archives as sources: nothing is unpacked to disk, and no entry can be larger than it may."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from typing import IO, Final

from annotator.images.services.candidates import (
    MAX_FILE_BYTES,
    Candidate,
    FileRefused,
    climbs_out,
    is_system_file,
    outside,
    refusal,
    shown_name,
    system_file,
    too_large,
)
from jfa_pipeline.core.picture_signatures import archive_in, picture_in

MAX_ENTRIES: Final = 200_000
BOMB_RATIO: Final = 200
BOMB_FROM_BYTES: Final = 4 * 1024 * 1024
"""Photographs hardly shrink in a zip: an entry that grows 200-fold to more than 4 MB is a bomb."""


def zip_candidates(file: IO[bytes], prefix: str) -> Iterator[Candidate]:
    """The files of a zip, named ``prefix/entry``, in the order of their names; folders are left out.

    The archive stays open until the iterator ends: read each candidate before asking for the next.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        yield refusal(prefix, "broken_archive", "This zip archive is damaged or incomplete.")
        return
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > MAX_ENTRIES:
            message = f"The archive has {len(entries)} files; split it into parts of {MAX_ENTRIES}."
            yield refusal(prefix, "archive_too_large", message)
            return
        seen: set[str] = set()
        for entry in sorted(entries, key=lambda e: e.orig_filename):
            inner = entry.orig_filename.replace("\\", "/")
            name = shown_name(f"{prefix}/{inner}")
            if name in seen:
                copies = 2
                while f"{name} #{copies}" in seen:
                    copies += 1
                name = f"{name} #{copies}"
                yield refusal(name, "duplicate_name", "The archive holds another file of this name.")
            elif climbs_out(inner):
                yield outside(name)
            elif is_system_file(inner):
                yield system_file(name)
            else:
                yield Candidate(name=name, read=partial(_entry_read, archive, entry))
            seen.add(name)


def _entry_read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise FileRefused("symlink", "Symbolic links in an archive are not followed.")
    if entry.flag_bits & 0x1:
        raise FileRefused("encrypted", "This file is encrypted; unpack the archive yourself.")
    if entry.file_size > BOMB_FROM_BYTES and entry.file_size > BOMB_RATIO * max(1, entry.compress_size):
        raise FileRefused("archive_bomb", "This file would unpack to far more data than a photograph has.")
    if entry.file_size > MAX_FILE_BYTES:
        raise too_large(entry.file_size)
    try:
        with archive.open(entry) as file:
            data = file.read(entry.file_size + 1)
    except NotImplementedError as error:
        raise FileRefused(
            "unsupported_archive", "This file is compressed in a way that is not supported; use plain zip."
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise FileRefused("damaged_archive", "This part of the archive is damaged.") from error
    if len(data) > entry.file_size:
        raise FileRefused("archive_bomb", "This file is larger than the archive says.")
    is_archive = archive_in(data) is not None or entry.filename.lower().endswith(".zip")
    if is_archive and picture_in(data) is None:
        raise FileRefused("nested_archive", "An archive inside an archive is not opened; unpack it first.")
    return data
