"""The side process that says "this job's worker lives": ``python -m annotator.jobs.heartbeat``.

A thread would starve while numpy or OpenCV hold the interpreter, and a beat inside the job's transaction would
be invisible. This process has its own autocommit connection and ends with its parent: the kernel kills it
(Linux), and the end of its standard input tells it too.

It reads one line of JSON: ``{"dsn": {psycopg2 parameters}, "job": 1, "attempt": 1, "seconds": 5, "parent": pid}``.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import sys
from typing import Any, Final

import psycopg2

PR_SET_PDEATHSIG: Final = 1

BEAT: Final = (
    "UPDATE jobs_job SET heartbeat_at = statement_timestamp() "
    "WHERE id = %s AND attempt = %s AND state = 'running'"
)


def die_with_parent(parent: int) -> None:
    """Ask the kernel for SIGKILL when the parent dies; exit now if it is already gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(0)


class Beats:
    """Writes beats over one connection, which is made anew after the database was away."""

    def __init__(self, dsn: dict[str, Any], job: int, attempt: int) -> None:
        self.dsn = dsn
        self.job = job
        self.attempt = attempt
        self._connection: psycopg2.extensions.connection | None = None

    def beat(self) -> bool:
        """Write one beat. False: the job is no longer this attempt's."""
        try:
            if self._connection is None:
                self._connection = psycopg2.connect(**self.dsn)
                self._connection.autocommit = True
            with self._connection.cursor() as cursor:
                cursor.execute(BEAT, (self.job, self.attempt))
                return bool(cursor.rowcount)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            self.close()
            return True  # the database is away; its return is worth waiting for

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None


def main() -> None:
    given = json.loads(sys.stdin.readline())
    die_with_parent(given["parent"])
    # Ctrl-C in a terminal reaches the whole group; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    beats = Beats(given["dsn"], given["job"], given["attempt"])
    while beats.beat():
        readable, _, _ = select.select([sys.stdin], [], [], given["seconds"])
        if readable:  # the parent closed the pipe, on purpose or by dying
            break
    beats.close()


if __name__ == "__main__":
    main()
