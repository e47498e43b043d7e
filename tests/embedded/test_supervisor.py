"""Children that die are started again; after Ctrl-C, TERM, HUP or kill -9 none is left."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotator.embedded.launch_settings import ROOT
from annotator.embedded.service import Service
from annotator.embedded.spawn import is_running, wait_until

# A supervisor of two small services. Each has a child of its own, as the web server and the workers have.
_PROGRAM = """
import signal, sys
from pathlib import Path
from annotator.embedded.console import start_clock
from annotator.embedded.service import Service
from annotator.embedded.spawn import spawn
from annotator.embedded.stopping import SignalWatch, StopRequested
from annotator.embedded.supervisor import Supervisor
CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(300)'])"
start_clock()
watch = SignalWatch()
supervisor = Supervisor(watch, pids_file=Path(sys.argv[1]))
try:
    for name in ("one", "two"):
        supervisor.add(Service(name, lambda: spawn([sys.executable, "-c", CHILD]), ((signal.SIGTERM, 5.0),)))
    supervisor.tend_for_ever()
except StopRequested:
    print("asked to stop", flush=True)
finally:
    supervisor.shut_down((("one",),))
"""


def _group(leader: int) -> list[int]:
    """Living processes of the group that `leader` founded."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and is_running(int(entry.name)):
            try:
                if os.getpgid(int(entry.name)) == leader:
                    found.append(int(entry.name))
            except ProcessLookupError:
                continue
    return found


class Running:
    def __init__(self, folder: Path) -> None:
        self.pids_file = folder / "pids.json"
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, os.fspath(self.pids_file)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert wait_until(lambda: {"one", "two"} <= set(self.pids()), patience=10)
        self.groups = [self.pids()["one"], self.pids()["two"]]
        assert wait_until(lambda: all(len(_group(leader)) == 2 for leader in self.groups), patience=10)

    def pids(self) -> dict[str, int]:
        return dict(json.loads(self.pids_file.read_text())) if self.pids_file.exists() else {}

    def nothing_is_left(self) -> bool:
        return wait_until(lambda: not any(_group(leader) for leader in self.groups), patience=10)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    started = Running(tmp_path)
    yield started
    if started.process.poll() is None:
        started.process.terminate()
    started.process.communicate(timeout=20)


def test_it_starts_a_killed_child_again_and_ends_what_that_child_left(running: Running) -> None:
    before = running.pids()["one"]
    os.kill(before, signal.SIGKILL)
    assert wait_until(lambda: running.pids().get("one", before) != before, patience=5)
    assert _group(before) == []
    assert running.pids()["two"] == running.groups[1]
    running.groups.append(running.pids()["one"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_leaves_nothing_after_a_request_to_stop(running: Running, number: int) -> None:
    running.process.send_signal(number)
    assert running.process.wait(timeout=15) == 0
    assert running.nothing_is_left()
    assert not running.pids_file.exists()


def test_it_stops_on_sigint_where_a_script_started_it_in_the_background(tmp_path: Path) -> None:
    pids = tmp_path / "pids.json"
    shell = subprocess.Popen(
        ["sh", "-c", f"'{sys.executable}' -c \"$PROGRAM\" '{pids}' & echo $!; wait"],
        cwd=ROOT,
        env={**os.environ, "PROGRAM": _PROGRAM},
        stdout=subprocess.PIPE,
    )
    assert shell.stdout is not None
    supervisor = int(shell.stdout.readline())
    assert wait_until(lambda: pids.exists() and "two" in pids.read_text(), patience=10)
    os.kill(supervisor, signal.SIGINT)
    assert shell.communicate(timeout=15)[0] == b"asked to stop\n"


def test_it_leaves_nothing_when_it_is_killed_itself(running: Running) -> None:
    running.process.kill()
    running.process.wait()
    assert running.nothing_is_left()


def test_it_waits_longer_each_time_and_forgets_after_a_proper_run() -> None:
    service = Service("s", lambda: subprocess.Popen(["true"]), ())
    service.started_at = 100.0
    assert [service.note_end(100.5) for _ in range(4)] == [0.1, 0.2, 0.4, 0.8]
    assert max(service.note_end(100.5) for _ in range(20)) == 5.0
    assert service.note_end(105.0) == 0.1
