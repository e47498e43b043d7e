"""The tie between a training process and the worker that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from annotator.learning.engine import process
from annotator.learning.engine.orders import CHECKPOINT_FILE, TrainOrder
from tfn.train import loop

PATIENCE_S = 30
PARENT = """
import os, subprocess, sys
environment = {**os.environ, "JFA_TRAINING_PARENT": str(os.getpid())}
child = subprocess.Popen([sys.executable, "-m", *sys.argv[1:]], env=environment)
print(child.pid, flush=True)
child.wait()
"""


@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.0])
def test_it_dies_with_its_parent_even_while_it_is_still_starting(tmp_path: Path, seconds: float) -> None:
    order = TrainOrder(folder=tmp_path, release=tmp_path, stages=("S1",), preset="tiny").write()
    command = [process.__name__, "annotator.learning.engine.train", os.fspath(order)]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=settings.BASE_DIR,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(seconds)  # the moment of the kill is what this test varies
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + PATIENCE_S
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, f"process {child} outlived its parent"
        assert (tmp_path / "result.json").exists() is False
        time.sleep(0.02)


def test_it_runs_nothing_but_the_learning_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "die_with_parent", lambda parent: None)
    monkeypatch.setenv(process.PARENT, str(os.getppid()))
    with pytest.raises(ValueError, match="os is none of"):
        process.main(["os"])


def test_an_attempt_takes_over_checkpoints_under_the_trainers_own_name() -> None:
    assert CHECKPOINT_FILE == loop.CHECKPOINT
