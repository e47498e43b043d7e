"""One copy at a time on a data folder: a lock the kernel drops with the process that holds it."""

import fcntl
import os
from pathlib import Path

from annotator.embedded.launch_settings import LaunchError

_INHERITED = "JFA_LOCK_FD"


def hold_lock(data: Path) -> int:
    """Take the lock of `data` for as long as this process, or one it turns into by exec, lives.

    Returns the open descriptor. Raises `LaunchError` when another copy has it.
    """
    inherited = os.environ.pop(_INHERITED, None)
    if inherited is not None:
        handle = int(inherited)
        os.set_inheritable(handle, False)
        return handle
    data.mkdir(parents=True, exist_ok=True)
    handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
        os.close(handle)
        raise LaunchError(
            f"JFA Studio is already running on {data} (process {holder}): stop that copy, "
            "or start this one on other data and another port: make up DATA=other-folder PORT=8001"
        ) from None
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())
    return handle


def pass_on(handle: int) -> None:
    """Let the program that this process turns into by exec keep the lock."""
    os.set_inheritable(handle, True)
    os.environ[_INHERITED] = str(handle)
