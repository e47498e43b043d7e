"""What a training may use of a machine: disk, memory and time; each ends in a sentence with both numbers."""

from __future__ import annotations

import contextlib
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil
from django.conf import settings

SHARE_OF_MEMORY: Final = 0.9
LOOK_EVERY_SECONDS: Final = 1.0


class LimitReached(Exception):
    """A training needed more than it may use, and was stopped."""


class DiskTooFull(LimitReached):
    """There is less room on the disk than is needed."""


def check_disk(folder: Path, needed: int, min_free: int, what: str) -> None:
    """Raises DiskTooFull if ``needed`` bytes would leave less than ``min_free`` on the disk of ``folder``."""
    free = shutil.disk_usage(folder).free
    if free - needed < min_free:
        raise DiskTooFull(
            f"{what} needs {needed:,} bytes, and {min_free:,} bytes have to stay free, but the disk of the training "
            f"folder has {free:,} bytes free. Make room, then press Retry."
        )


def memory_limit(own: int | None) -> int:
    """Bytes a training may use: its own limit, the setting's, or nine tenths of the machine's memory."""
    return own or settings.JFA_TRAINING_MEMORY_BYTES or int(SHARE_OF_MEMORY * psutil.virtual_memory().total)


@dataclass
class Limits:
    """Looks at a process with all that it started, at most every LOOK_EVERY_SECONDS.

    memory: bytes of resident memory of all of them together. seconds: of this attempt; None for no limit.
    min_free: bytes that have to stay free on the disk of ``folder``.
    """

    folder: Path
    memory: int
    seconds: int | None
    min_free: int
    _began: float = field(default_factory=time.monotonic)
    _looked_at: float = 0.0

    def check(self, process: psutil.Process) -> None:
        """Raises LimitReached or DiskTooFull."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_EVERY_SECONDS:
            return
        self._looked_at = now
        used = resident_bytes(process)
        if used > self.memory:
            raise LimitReached(
                f"The training was stopped because it used {used:,} bytes of memory; its limit is {self.memory:,}. "
                "Give it more, or train with smaller batches or a smaller preset. Its checkpoint is kept."
            )
        if self.seconds is not None and now - self._began > self.seconds:
            raise LimitReached(
                f"The training was stopped after {self.seconds} seconds, its limit. Its checkpoint is kept: press "
                "Retry to go on for as long again."
            )
        check_disk(self.folder, 0, self.min_free, "The next checkpoint")


def resident_bytes(process: psutil.Process) -> int:
    """Resident memory of a process and of everything it started."""
    used = 0
    for one in family(process):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            used += one.memory_info().rss
    return used


def family(process: psutil.Process) -> list[psutil.Process]:
    """A process and everything it started that still runs; empty when it is gone."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
