"""The whole launcher with the real web server, database and queue: kill -9 comes back, Ctrl-C leaves nothing."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from annotator.embedded.launch_settings import ROOT, read_settings
from annotator.embedded.redis import free_port
from annotator.embedded.spawn import wait_until
from annotator.embedded.status import is_up, read_status


class Copy:
    """One running copy on a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.pids_file = folder / "data" / "run" / "pids.json"
        self.environment = {
            **{
                key: value
                for key, value in os.environ.items()
                if not key.startswith(("JFA_", "DATABASE_", "REDIS_"))
            },
            "DATA": os.fspath(folder / "data"),
            "PORT": str(free_port()),
            "JFA_SKIP_TORCH": "1",
        }
        self.settings = read_settings(self.environment)
        self.log = folder / "terminal.log"
        self.start()

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "annotator.embedded", "run"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        assert wait_until(self.answers, patience=60, process=self.process), self.log.read_text()

    def pids(self) -> dict[str, int]:
        return dict(json.loads(self.pids_file.read_text()))

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.settings.address, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def is_whole(self) -> bool:
        return is_up(read_status(self.settings)) and self.answers()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture(scope="module")
def copy() -> Iterator[Copy]:
    with TemporaryDirectory(prefix="jfa-run-") as name:
        started = Copy(Path(name))
        yield started
        if started.process.poll() is None:
            started.process.terminate()
            started.process.wait(timeout=40)


def test_it_writes_no_password_into_a_log(copy: Copy) -> None:
    told = copy.settings.run / "logins.json"
    assert wait_until(told.exists, patience=90, process=copy.process)
    secrets = [login["password"] for login in json.loads(told.read_text())]
    secrets += [(copy.settings.data / name).read_text() for name in ("secret", "postgres/password")]
    assert len(secrets) == 8
    for log in copy.settings.logs.iterdir():
        found = log.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in found], log


@pytest.mark.parametrize("name", ["web", "postgres", "redis"])
def test_it_brings_back_what_was_killed(copy: Copy, name: str) -> None:
    assert wait_until(lambda: name in copy.pids(), patience=10)
    killed = copy.pids()[name]
    os.kill(killed, signal.SIGKILL)
    assert wait_until(lambda: copy.pids().get(name, killed) != killed, patience=10)
    assert wait_until(copy.is_whole, patience=20), copy.log.read_text()


def test_it_keeps_its_data_private(copy: Copy) -> None:
    for name in ("secret", "postgres/password", "redis/password", "redis/valkey.conf"):
        assert (copy.settings.data / name).stat().st_mode & 0o077 == 0, name
    for name in ("files", "log", "run", "demo"):
        assert (copy.settings.data / name).stat().st_mode & 0o077 == 0, name


def test_it_leaves_nothing_after_ctrl_c_and_keeps_the_data(copy: Copy) -> None:
    family = copy.family()
    assert len(family) > 5
    copy.process.send_signal(signal.SIGINT)
    assert copy.process.wait(timeout=30) == 0, copy.log.read_text()
    _gone, alive = psutil.wait_procs(family, timeout=10)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    assert not is_up(read_status(copy.settings))
    copy.start()
    assert "Preparing the database" not in copy.log.read_text()
    assert wait_until(copy.is_whole, patience=20)
