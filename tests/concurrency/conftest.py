"""Real threads on a real PostgreSQL: each thread has its own connection and commits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Start every call at the same moment in a thread of its own; results or errors, in order."""
    gate = threading.Barrier(len(calls), timeout=30)

    def run(call: Callable[[], T]) -> T | Exception:
        try:
            connection.ensure_connection()
            gate.wait()
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout=120) for future in [pool.submit(run, call) for call in calls]]
