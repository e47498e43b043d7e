"""The training process under the eyes of its worker: start it, hear what it tells, stop it with all it started.

It is the leader of a process group and asks the kernel for SIGKILL when this process dies, and each of several
training processes does the same towards it. So none outlives its attempt, however the attempt ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import psutil
from django.conf import settings

from annotator.jobs.running import JobInterrupted
from annotator.learning.engine import process as process_module
from annotator.training.services.limits import Limits, family

MODULE: Final = "annotator.learning.engine.train"
LOG_FILE: Final = "train.log"
LISTEN_SECONDS: Final = 0.2
STOP_SECONDS: Final = 4.0
LOG_LINES: Final = 5

Event = dict[str, Any]


class TrainingFailed(Exception):
    """The training process ended without a model; the message says why."""


def supervise(
    *,
    order: Path,
    folder: Path,
    limits: Limits,
    check: Callable[[], None],
    hear: Callable[[Event], None],
    module: str = MODULE,
) -> None:
    """Run the training process (or another ``module`` that speaks like it) of an order to its end; each event
    goes to ``hear``.

    ``check`` is called several times a second and may raise to stop the process (JobCancelled, JobLost, a
    database that went away). Whatever leaves this function, the process and all it started have ended. Raises
    TrainingFailed with the process's own sentence, LimitReached, and JobInterrupted if something killed it.
    """
    refusal = _Refusal()
    with _started(order, folder, module) as process:
        lines = _reader(process)
        watched = psutil.Process(process.pid)
        while (event := _next(lines)) is not _END:
            check()
            limits.check(watched)
            if event is None:
                continue
            refusal.look(event)
            hear(event)
        status = process.wait()
    refusal.raise_if_any()
    if status == 0:
        return
    if status < 0:
        raise JobInterrupted(_killed(-status))
    raise TrainingFailed(f"The training process ended with status {status}: {_last_words(folder)}")


class _Refusal:
    """What the processes said about why they end. Of several, the one that saw the cause is believed."""

    def __init__(self) -> None:
        self.sentence = ""
        self.is_elsewhere = True
        self.signal = 0

    def look(self, event: Event) -> None:
        if event["event"] == "refused" and (not self.sentence or self.is_elsewhere):
            self.sentence, self.is_elsewhere = str(event["sentence"]), bool(event["elsewhere"])
        elif event["event"] == "interrupted":
            self.signal = int(event["signal"])

    def raise_if_any(self) -> None:
        if self.sentence:
            raise TrainingFailed(self.sentence)
        if self.signal:
            raise JobInterrupted(_killed(self.signal))


@contextmanager
def _started(order: Path, folder: Path, module: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, process_module.PARENT: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
    with (folder / LOG_FILE).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", process_module.__name__, module, os.fspath(order)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=settings.BASE_DIR,
            env=environment,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    """SIGTERM for the process and all it started, and after STOP_SECONDS SIGKILL for what is left."""
    if process.poll() is not None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        started = family(psutil.Process(process.pid))
        for one in started:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGTERM)
        _, left = psutil.wait_procs(started, timeout=STOP_SECONDS)
        for one in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(left, timeout=STOP_SECONDS)
    process.wait()


_END: Final[Event] = {"event": "end"}


def _reader(process: subprocess.Popen[str]) -> queue.Queue[Event]:
    """The process's events, then _END; read by a thread, so that waiting for the next one can have an end.

    The thread ends with the process: its output is closed when nobody is left to write to it.
    """
    lines: queue.Queue[Event] = queue.Queue()
    output: IO[str] | None = process.stdout
    if output is None:
        raise RuntimeError("The training process has no standard output, although a pipe was asked for.")

    def read() -> None:
        with output:
            for line in output:
                event = _event(line)
                if event is not None:
                    lines.put(event)
        lines.put(_END)

    threading.Thread(target=read, name="training-events", daemon=True).start()
    return lines


def _next(lines: queue.Queue[Event]) -> Event | None:
    """The next event, or None if there is none for a while."""
    try:
        return lines.get(timeout=LISTEN_SECONDS)
    except queue.Empty:
        return None


def _event(line: str) -> Event | None:
    """A line as an event; None for a line that some library printed."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def _killed(number: int) -> str:
    name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
    why = ": most likely the machine ran out of memory" if number == signal.SIGKILL else ""
    return f"The training process was ended by {name}{why}."


def _last_words(folder: Path) -> str:
    lines = (folder / LOG_FILE).read_text(errors="replace").strip().splitlines()
    return " / ".join(lines[-LOG_LINES:]) or "it said nothing"
