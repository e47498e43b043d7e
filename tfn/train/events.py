"""What training says: a progress line on a terminal, one JSON object a line everywhere else."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, TextIO

BAR_WIDTH = 24


class Events(Protocol):
    """Where a trainer reports to."""

    def step(self, stage: str, step: int, steps: int, values: dict[str, float]) -> None:
        """Losses and counts of one iteration."""
        ...

    def note(self, event: str, **facts: Any) -> None:
        """Anything that happens between iterations."""
        ...


class JsonLines:
    """One JSON object a line: {"event": "step", "stage": "S1", "step": 10, ...}."""

    def __init__(self, stream: TextIO, every: int = 1) -> None:
        self.stream = stream
        self.every = every

    def step(self, stage: str, step: int, steps: int, values: dict[str, float]) -> None:
        if step % self.every == 0 or step == steps:
            self.note("step", stage=stage, step=step, steps=steps, **values)

    def note(self, event: str, **facts: Any) -> None:
        self.stream.write(json.dumps({"event": event, **facts}) + "\n")
        self.stream.flush()


class ProgressBar:
    """One line that is drawn over and over, for people."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.started = time.monotonic()
        self.first: int | None = None

    def step(self, stage: str, step: int, steps: int, values: dict[str, float]) -> None:
        if self.first is None or step < self.first:
            self.first, self.started = step - 1, time.monotonic()
        done = BAR_WIDTH * step // max(steps, 1)
        pace = (time.monotonic() - self.started) / max(step - self.first, 1)
        bar = "#" * done + "." * (BAR_WIDTH - done)
        left = f"{pace * (steps - step):.0f} s left"
        self.stream.write(f"\r{stage} [{bar}] {step}/{steps} loss {values.get('loss', 0):.3f} {left}\x1b[K")
        self.stream.flush()

    def note(self, event: str, **facts: Any) -> None:
        told = ", ".join(f"{key} {value}" for key, value in facts.items())
        self.stream.write(f"\r{event}: {told}\x1b[K\n")
        self.stream.flush()


class Silent:
    """Says nothing; for the processes of a group other than the first, and for tests."""

    def step(self, stage: str, step: int, steps: int, values: dict[str, float]) -> None:
        pass

    def note(self, event: str, **facts: Any) -> None:
        pass


class WithTensorBoard:
    """Passes everything on and writes each loss as a TensorBoard scalar as well.

    Raises ImportError with a sentence if the package is not installed.
    """

    def __init__(self, inner: Events, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise ImportError(
                "TensorBoard was asked for and is not installed: `pip install tensorboard`, or leave the option out."
            ) from error
        self.inner = inner
        self.writer = SummaryWriter(str(folder))

    def step(self, stage: str, step: int, steps: int, values: dict[str, float]) -> None:
        self.inner.step(stage, step, steps, values)
        for name, value in values.items():
            self.writer.add_scalar(f"{stage}/{name}", value, step)

    def note(self, event: str, **facts: Any) -> None:
        self.inner.note(event, **facts)

    def __enter__(self) -> WithTensorBoard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.close()


def default_events(stream: TextIO | None = None) -> Events:
    """A progress bar if the stream (default: standard error) is a terminal, else JSON lines."""
    where = stream if stream is not None else sys.stderr
    return ProgressBar(where) if where.isatty() else JsonLines(where)
