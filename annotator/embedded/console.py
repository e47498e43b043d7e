"""Progress lines on the terminal: seconds since the start, then a sentence."""

import os
import sys
import time

_STARTED = "JFA_STARTED_AT"


def start_clock() -> None:
    """Start counting, unless a process before this one in the same start already did."""
    os.environ.setdefault(_STARTED, repr(time.time()))


def seconds_since_start() -> float:
    return time.time() - float(os.environ.get(_STARTED, time.time()))


def say(text: str) -> None:
    """One progress line. A reader that went away (a closed pipe) does not stop the platform."""
    try:
        sys.stdout.write(f"[{seconds_since_start():6.1f} s] {text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - stands in for the terminal until the process ends
