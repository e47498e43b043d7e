"""INT, TERM and HUP as one question that the main flow asks, and a wait that a signal or a child's end cuts short.

Handlers are installed explicitly: a process that a script starts in the background has INT ignored.
"""

import os
import select
import signal
from types import FrameType

ASKS_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """Somebody pressed Ctrl-C or sent TERM or HUP."""


class SignalWatch:
    """Remembers a request to stop; raises it only where the main flow asks, never in the middle of a start."""

    def __init__(self) -> None:
        self._asked = False
        self._reader, writer = os.pipe()
        for end in (self._reader, writer):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in ASKS_TO_STOP:
            signal.signal(number, self._remember)
        signal.signal(signal.SIGCHLD, self._wake)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [*ASKS_TO_STOP, signal.SIGCHLD])

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self._asked = True

    def _wake(self, number: int, frame: FrameType | None) -> None:
        """The wake-up pipe does the work; SIGCHLD only needs some handler."""

    @property
    def asked(self) -> bool:
        return self._asked

    def check(self) -> None:
        """Raise `StopRequested` when somebody asked."""
        if self._asked:
            raise StopRequested

    def wait(self, seconds: float) -> None:
        """Wait until a signal arrives, a child ends, or `seconds` are over."""
        ready, _, _ = select.select([self._reader], [], [], max(seconds, 0.0))
        if ready:
            os.read(self._reader, 4096)
