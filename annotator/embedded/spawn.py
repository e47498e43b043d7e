"""Start a child process that cannot outlive its parent, and end it with everything it started."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def _die_with(parent: int, death_signal: int) -> Callable[[], None]:
    """Runs in the child between fork and exec; a parent that is already gone ends the child at once."""

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _LIBC.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(127)

    return prepare


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    death_signal: int = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start `command` as the leader of its own session, its output going to `log` (nowhere when None).

    The kernel sends it `death_signal` when the *thread* that called this ends: call it from the main thread.
    A Ctrl-C in the terminal does not reach it, since it is in another process group.
    """
    sink: IO[bytes] | int = subprocess.DEVNULL if log is None else log
    return subprocess.Popen(
        [os.fspath(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=sink,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=None if env is None else dict(env),
        start_new_session=True,
        preexec_fn=_die_with(os.getpid(), death_signal),
    )


def is_running(pid: int) -> bool:
    """Whether the process exists and has not ended; one that ended and waits for its parent does not count."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def kill_group(leader: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to the group that `leader` founded, if any of it is left."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return


def stop(process: subprocess.Popen[bytes], *, number: int = signal.SIGTERM, patience: float = 10.0) -> int:
    """Ask the process to end, kill it after `patience` seconds, kill what is left of its group, reap it.

    Returns the exit status as `subprocess` gives it (negative: the signal that ended it).
    """
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    kill_group(process.pid)
    return process.returncode


def wait_until(
    ready: Callable[[], bool],
    *,
    patience: float,
    process: subprocess.Popen[bytes] | None = None,
    interval: float = 0.02,
) -> bool:
    """Poll `ready` until it holds (True), `patience` seconds are over or the process has ended (False)."""
    deadline = time.monotonic() + patience
    while not ready():
        if time.monotonic() > deadline or (process is not None and process.poll() is not None):
            return False
        time.sleep(interval)
    return True
