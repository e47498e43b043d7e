"""One child process that is to be running, and when to start it again after it ended."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_FIRST_DELAY = 0.1
_LONGEST_DELAY = 5.0
# A child that lived this long had started properly: its next end is a new story, not the same one again.
_SETTLED_AFTER = 4.0


@dataclass
class Service:
    """`start` launches the child and returns at once; `stop_signals` are tried in order, with their patience."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    stop_signals: tuple[tuple[int, float], ...]
    process: subprocess.Popen[bytes] | None = None
    ends_in_a_row: int = 0
    started_at: float = 0.0
    restart_at: float | None = field(default=None)

    def launch(self) -> None:
        self.process = self.start()
        self.started_at = time.monotonic()
        self.restart_at = None

    def note_end(self, now: float) -> float:
        """The child ended at `now`: plan the next start and return the delay in seconds (doubling from 0.1 to 5)."""
        if now - self.started_at >= _SETTLED_AFTER:
            self.ends_in_a_row = 0
        self.ends_in_a_row += 1
        delay = min(_FIRST_DELAY * 2.0 ** (self.ends_in_a_row - 1), _LONGEST_DELAY)
        self.restart_at = now + delay
        return delay
