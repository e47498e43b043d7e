"""Ends every child when the supervisor is killed outright.

The kernel's parent-death signal reaches the supervisor's own children, not the processes those started.
This small process waits for the end of a pipe that only the supervisor holds open: a word on it means a
tidy end; the pipe closing without one means the supervisor died, and every recorded group is ended.
"""

import json
import signal
import sys
import time
from pathlib import Path

from annotator.embedded.spawn import is_running, kill_group

TIDY = b"tidy\n"
_DATABASE_PATIENCE = 10.0


def end_groups(pids: dict[str, int]) -> None:
    """Kill the groups; PostgreSQL first gets the chance of a fast shutdown."""
    database = pids.pop("postgres", None)
    pids.pop("supervisor", None)
    for leader in pids.values():
        kill_group(leader)
    if database is not None:
        kill_group(database, signal.SIGINT)
        deadline = time.monotonic() + _DATABASE_PATIENCE
        while is_running(database) and time.monotonic() < deadline:
            time.sleep(0.05)
        kill_group(database)


def main(pids_file: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.buffer.read() != TIDY and pids_file.exists():
        end_groups(json.loads(pids_file.read_text()))
        pids_file.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
