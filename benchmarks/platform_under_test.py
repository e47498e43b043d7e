"""The whole platform as `make up` starts it, on a folder of its own, to be killed and looked into."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import psutil
import psycopg2

from annotator.embedded.launch_settings import ROOT, read_settings
from annotator.embedded.up import PIDS_FILE, embedded_postgres
from benchmarks.http_person import HttpPerson, NoAnswer, Refused
from benchmarks.ledger import Ledger

KILLABLE: Final = ("web", "worker-cpu", "postgres")
PATIENCE_SECONDS: Final = 120.0
SAMPLE_SECONDS: Final = 2.0
"""Between two looks at the processor time of the workers."""


class Platform:
    """A started platform. Use as a context manager: leaving it stops every process as Ctrl-C does.

    command: "up", or "run" for an environment and front end that are there already.
    """

    def __init__(self, folder: Path, *, command: str = "up") -> None:
        self.command = command
        self.data = folder / "var"
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}/"
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "IMAGES"}},
            "DATA": os.fspath(self.data),
            "PORT": str(self.port),
            "JFA_SKIP_TORCH": "1",
        }
        self.settings = read_settings(self.environment)
        self.log = folder / "up.log"

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "annotator.embedded", self.command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise
        if error is not None:
            print(self.log.read_text()[-2000:], file=sys.stderr)

    def wait_until_up(self) -> None:
        """Wait until the log-ins are known and the web server answers."""
        logins = self.settings.run / "logins.json"
        self._wait(lambda: logins.exists() and self.answers(), "the platform to start")

    def admin(self) -> HttpPerson:
        """The demo's admin, signed in."""
        logins = json.loads((self.settings.run / "logins.json").read_text())
        login = next(one for one in logins if one["role"] == "admin")
        person = HttpPerson(self.address, login["username"], login["password"])
        person.sign_in()
        return person

    def answers(self) -> bool:
        """Whether the web server and its database answer."""
        try:
            HttpPerson(self.address, "", "").probe("/healthz")
        except (NoAnswer, Refused):
            return False
        return True

    def wait_until_idle(self) -> None:
        """Wait until the demo is labelled and the workers take less than a tenth of a core.

        Raises TimeoutError after PATIENCE_SECONDS.
        """
        busy = "SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'running')"
        images = "SELECT count(*) FROM images_image WHERE prelabelled_at IS NULL AND verdict = ''"
        self._wait(
            lambda: self._rows(busy) == [(0,)] and self._rows(images) == [(0,)], "the demo to be labelled"
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        before = self._workers_seconds()
        while time.monotonic() < deadline:
            time.sleep(SAMPLE_SECONDS)
            after = self._workers_seconds()
            if after - before < 0.1 * SAMPLE_SECONDS:
                return
            before = after
        raise TimeoutError(f"the workers were still busy after {PATIENCE_SECONDS:.0f} s")

    def _workers_seconds(self) -> float:
        return sum(seconds for name, seconds in self.cpu_seconds().items() if name.startswith("worker"))

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time of each service's processes since they started, by the names of the services."""
        found = {}
        services = self._pids()
        services.pop("supervisor", None)  # the parent of all others
        for name, pid in services.items():
            leader = psutil.Process(pid)
            used = [process.cpu_times() for process in (leader, *leader.children(recursive=True))]
            found[name] = sum(times.user + times.system for times in used)
        return found

    def kill(self, name: str) -> float:
        """SIGKILL one process; the seconds until its successor does the same work again."""
        pid = self._pids()[name]
        killed = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        self._wait(lambda: self._pids().get(name, pid) != pid, f"{name} to be started again")
        if name.startswith("worker"):
            self._wait(lambda: self._reports(self._pids().get(name, -1)), f"{name} to report")
        else:
            self._wait(self.answers, f"an answer after {name} was killed")
        return time.monotonic() - killed

    def check_against(self, ledger: Ledger) -> list[str]:
        """Every way in which the database differs from what was acknowledged."""
        faults = list(ledger.faults)
        stored = self._rows(
            "SELECT submission_id::text, count(*), min(revision_id), min(face_id), min(kind)"
            " FROM work_pass GROUP BY submission_id"
        )
        by_id = {row[0]: row for row in stored}
        for submission, answer in ledger.acknowledged.items():
            row = by_id.get(submission)
            if row is None:
                faults.append(f"submission {submission} was acknowledged and is not stored")
            elif row[1] != 1:
                faults.append(f"submission {submission} is stored {row[1]} times")
            elif answer["revision"] != row[2] and row[4] != "sweep":
                faults.append(
                    f"submission {submission}: answered revision {answer['revision']}, stored {row[2]}"
                )
        faults += [f"stored submission {key} was never sent" for key in by_id if key not in ledger.sent]
        checks: tuple[tuple[str, str], ...] = (
            (
                "a person twice on one face",
                "SELECT face_id FROM work_pass WHERE face_id IS NOT NULL AND counted"
                " GROUP BY face_id, round, user_id HAVING count(*) > 1",
            ),
            (
                "a revision by a person without a pass",
                "SELECT r.id FROM faces_revision r WHERE r.author_id IS NOT NULL AND r.kind NOT IN ('sweep', 'side')"
                " AND NOT EXISTS (SELECT 1 FROM work_pass p WHERE p.revision_id = r.id)",
            ),
            (
                "an accepted face without three people",
                "SELECT f.id FROM faces_face f WHERE f.state = 'accepted' AND (SELECT count(DISTINCT user_id)"
                " FROM work_pass p WHERE p.face_id = f.id AND p.counted) <> 3",
            ),
            (
                "an accepted face whose age is not the mean of three votes",
                "SELECT f.id FROM faces_face f JOIN work_pass p ON p.face_id = f.id AND p.counted"
                " JOIN faces_revision r ON r.id = p.revision_id WHERE f.state = 'accepted'"
                " GROUP BY f.id HAVING f.age_n <> 3 OR abs(f.age_mean - avg(r.age)) > 1e-6",
            ),
        )
        for what, query in checks:
            faults += [f"{what}: {row[0]}" for row in self._rows(query)]
        return faults

    def processes_left(self) -> int:
        """Processes that still name this platform's data folder after it was stopped."""
        left = 0
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                try:
                    command = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                left += os.fsencode(self.data) in command
        return left

    def _reports(self, pid: int) -> bool:
        try:
            return bool(
                self._rows(
                    "SELECT 1 FROM learning_workernode WHERE pid = %s AND last_seen > started_at", (pid,)
                )
            )
        except psycopg2.OperationalError:
            return False

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(embedded_postgres(self.settings).url(), connect_timeout=5)
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, values)
                return cursor.fetchall()
        finally:
            connection.close()

    def _pids(self) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.settings.run / PIDS_FILE).read_text())
        return found

    def _wait(self, condition: Any, what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if self.process.poll() is not None:
                raise RuntimeError(f"the platform ended by itself:\n{self.log.read_text()[-2000:]}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {PATIENCE_SECONDS:.0f} s for {what}")
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
