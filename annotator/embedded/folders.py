"""Private folders and secrets: short socket folders, passwords kept in files only their owner reads."""

import hashlib
import os
import pwd
import secrets
import stat
from pathlib import Path

# A Unix socket's address holds 107 bytes; PostgreSQL adds "/.s.PGSQL.5432" and a lock file beside it.
SOCKET_PATH_LIMIT = 107
_SOCKET_ROOT = Path("/tmp")  # noqa: S108 - short by design; the folder made in it is private and checked


class FolderError(Exception):
    """A folder cannot be used; the text says why and what to do."""


def socket_folder(data: Path) -> Path:
    """Where the Unix sockets of the servers go whose data is in `data`; `make_private` makes the folder.

    Its name depends on the data folder and the user, so that it is the same at each start.
    """
    digest = hashlib.sha256(f"{os.geteuid()}:{data.resolve()}".encode()).hexdigest()[:12]
    return _SOCKET_ROOT / f"jfa-{digest}"


def make_private(folder: Path) -> None:
    """Make the folder for its owner only (mode 0700); one that is there must be ours.

    Raises `FolderError` when something that is not ours already has that name.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    ours = {os.geteuid(), pwd.getpwnam("nobody").pw_uid} if os.geteuid() == 0 else {os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        raise FolderError(f"{folder} belongs to somebody else: remove it, or start with another DATA folder.")
    folder.chmod(0o700)


def kept_secret(path: Path, *, size: int = 32) -> str:
    """The secret in `path`; made, and written for its owner only (0600), when there is none yet."""
    if path.exists():
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(size)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secret)
    return secret
