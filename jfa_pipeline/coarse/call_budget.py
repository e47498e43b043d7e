"""At most so many calls a minute to somebody else's service."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class CallBudget:
    """A token bucket: ``per_minute`` calls a minute on average, at most ``burst`` at once.

    One budget belongs to one process; several workers that share an account divide its quota among them.
    """

    def __init__(
        self,
        per_minute: float,
        *,
        burst: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """clock gives seconds, sleep waits some. Raises ValueError for a budget that allows no call."""
        if not per_minute > 0 or burst < 1:
            raise ValueError("A call budget needs more than 0 calls a minute and a burst of at least 1.")
        self._per_second = per_minute / 60
        self._burst = float(burst)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._tokens = self._burst
        self._filled_at = clock()

    def wait_for_turn(self) -> float:
        """Take one call from the budget, waiting as long as needed. Returns the seconds waited."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._per_second)
            self._filled_at = now
            self._tokens -= 1
            wait = max(0.0, -self._tokens / self._per_second)
        if wait > 0:
            self._sleep(wait)
        return wait
