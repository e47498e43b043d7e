"""A file that may become an image: its name in the report, its provenance, and how to read it safely."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

MAX_FILE_BYTES: Final = 256 * 1024 * 1024
NAME_LENGTH: Final = 1000

PROVENANCE: Final = {"source": 500, "licence": 200, "subject_key": 200, "consent": 200}
"""What is known about where a photograph comes from, and the longest value of each."""

SYSTEM_FILES: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db"})


class FileRefused(Exception):
    """A file that cannot become an image. ``code`` is stable; the message is for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Candidate:
    """One file of a source. ``name``: as it stands in the report, unique in its source.

    ``read`` gives the bytes or raises FileRefused; nothing is read before. ``provenance`` holds only what
    this file's manifest row says.
    """

    name: str
    read: Callable[[], bytes]
    provenance: Mapping[str, str] = field(default_factory=dict)


def refusal(name: str, code: str, message: str) -> Candidate:
    """A candidate that is refused without being read."""

    def read() -> bytes:
        raise FileRefused(code, message)

    return Candidate(name=name, read=read)


def shown_name(raw: str, limit: int = NAME_LENGTH) -> str:
    """A file name as the database can hold it: bytes that are no text and control characters are escaped.

    A name that is too long keeps its end and gets a digest, so that two of them stay different.
    """
    try:
        text = raw.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half a surrogate pair, which no file system made
        text = raw
    text = "".join(c if c.isprintable() or c == " " else c.encode("unicode_escape").decode() for c in text)
    if len(text) <= limit:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"…{digest}…{text[-(limit - 14) :]}"


def is_system_file(name: str) -> bool:
    """Files that operating systems leave beside photographs."""
    parts = re.split(r"[/\\]", name)
    return "__MACOSX" in parts or parts[-1].lower() in SYSTEM_FILES or parts[-1].startswith("._")


def system_file(name: str) -> Candidate:
    return refusal(name, "system_file", "The operating system left this file; it is no photograph.")


def climbs_out(name: str) -> bool:
    """Whether a name given by an archive or a manifest points outside its own folder."""
    parts = re.split(r"[/\\]", name)
    return parts[0] == "" or ".." in parts or bool(re.match(r"[A-Za-z]:", name)) or "\0" in name


def outside(name: str) -> Candidate:
    return refusal(name, "unsafe_path", "The name points outside its own folder; it was not followed.")


def too_large(size: int) -> FileRefused:
    limit = MAX_FILE_BYTES // 1024**2
    return FileRefused(
        "too_large_file", f"The file has {size // 1024**2} MB; a photograph may have {limit} MB."
    )


def file_read_safely(path: Path) -> bytes:
    """The bytes of a regular file, following no symbolic link. Raises FileRefused."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(error) from error
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise FileRefused("not_a_file", "This is a device, pipe or socket, not a file.")
        if facts.st_size > MAX_FILE_BYTES:
            raise too_large(facts.st_size)
        try:
            data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise _unreadable(error) from error
    if len(data) > MAX_FILE_BYTES:
        raise too_large(len(data))
    return data


def _unreadable(error: OSError) -> FileRefused:
    if error.errno == errno.ELOOP:
        return symlink_refused()
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return FileRefused("missing", "There is no such file.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return FileRefused("unreadable", "The server may not read this file; change its permissions.")
    return FileRefused("unreadable", f"The file cannot be read: {error.strerror or error}.")


def symlink_refused() -> FileRefused:
    return FileRefused("symlink", "Symbolic links are not followed; import the place it points to.")
