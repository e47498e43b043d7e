"""PostgreSQL refuses to run as root: find a way to run a server without root's rights.

As root, first choice is a user namespace that maps root to `nobody` (files stay root's on disk). Where
containers refuse that, `setpriv` switches to the real user `nobody` and the data folder is handed to it.
"""

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Literal

Mode = Literal["direct", "unshare", "setpriv"]
MODE_FILE = "mode"
_NOBODY = 65534


class PrivilegeError(Exception):
    """No way to run a server without root's rights; the text says what to do."""


def _unshare() -> list[str]:
    return ["unshare", "-U", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}"]


def _succeeds(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    done = subprocess.run([*command, "true"], capture_output=True, check=False, timeout=10)
    return done.returncode == 0


def _setpriv() -> list[str]:
    user = pwd.getpwnam("nobody")
    return [
        "setpriv",
        f"--reuid={user.pw_uid}",
        f"--regid={user.pw_gid}",
        "--clear-groups",
        "--pdeathsig=keep",
    ]


def probe_mode(*, euid: int | None = None) -> Mode:
    """How servers can be run here. Raises `PrivilegeError` when root has no way to give up its rights."""
    if (os.geteuid() if euid is None else euid) != 0:
        return "direct"
    if _succeeds(_unshare()):
        return "unshare"
    if _succeeds(_setpriv()):
        return "setpriv"
    raise PrivilegeError(
        "PostgreSQL does not run as root and neither `unshare -U` nor `setpriv` works here: "
        "run make as an ordinary user, or set DATABASE_URL and REDIS_URL to servers of your own."
    )


def prefix(mode: Mode) -> list[str]:
    """What to put in front of a server's command line."""
    if mode == "unshare":
        return _unshare()
    return _setpriv() if mode == "setpriv" else []


def hand_over(folder: Path, mode: Mode) -> None:
    """Give a server's folder, with all in it, to the user the server runs as.

    A folder made in one mode can be opened in the other: its owner is put right first.
    """
    if mode != "direct":
        user = pwd.getpwnam("nobody") if mode == "setpriv" else pwd.getpwuid(0)
        if folder.stat().st_uid != user.pw_uid:
            for root, folders, files in os.walk(folder):
                for name in (*folders, *files):
                    os.lchown(os.path.join(root, name), user.pw_uid, user.pw_gid)
            os.chown(folder, user.pw_uid, user.pw_gid)


def record_mode(folder: Path, mode: Mode) -> None:
    """Write down in the server's folder (file `mode`) how it gave up root's rights."""
    record = folder / MODE_FILE
    if not record.exists() or record.read_text() != mode:
        record.write_text(mode)
