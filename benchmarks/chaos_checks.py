"""What must hold in the database and among the processes while a loop is killed at, and after it."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg2

from benchmarks.platform_under_test import Platform

TRAINING_MODULES: Final = ("annotator.learning.engine.train", "annotator.learning.engine.judge")
GRACE_SECONDS: Final = 10.0
"""Between a lost attempt and the end of its processes: a worker looks twice a second, then has four seconds for
SIGTERM, and may wait for a core."""

LIVE_JOBS: Final = (
    "SELECT id, kind, state, attempt, message FROM jobs_job WHERE state IN ('queued', 'running')"
)

CHECKS: Final[tuple[tuple[str, str], ...]] = (
    (
        "a job that ended without saying when",
        "SELECT id FROM jobs_job WHERE state IN ('done', 'failed', 'cancelled') AND finished_at IS NULL",
    ),
    (
        "a training run that is done and has no model",
        "SELECT r.id FROM training_trainingrun r JOIN jobs_job j ON j.id = r.job_id"
        " WHERE j.state = 'done' AND r.model_id IS NULL",
    ),
    (
        "a training run with more than one model",
        "SELECT training_run_id FROM learning_modelversion GROUP BY training_run_id HAVING count(*) > 1",
    ),
    (
        "a model that its run does not name",
        "SELECT m.id FROM learning_modelversion m LEFT JOIN training_trainingrun r"
        " ON r.id = m.training_run_id AND r.model_id = m.id WHERE r.id IS NULL",
    ),
    (
        "an iteration told twice",
        "SELECT min(id) FROM training_trainingpoint WHERE kind = 'loss'"
        " GROUP BY run_id, stage, step HAVING count(*) > 1",
    ),
    (
        "a point of an attempt that its job never had",
        "SELECT p.id FROM training_trainingpoint p JOIN training_trainingrun r ON r.id = p.run_id"
        " JOIN jobs_job j ON j.id = r.job_id WHERE p.attempt > j.attempt",
    ),
    (
        "an image with more than one sweep",
        "SELECT image_id FROM work_workitem WHERE kind = 'sweep' GROUP BY image_id HAVING count(*) > 1",
    ),
    (
        "an image pre-labelled twice",
        "SELECT f.id FROM faces_face f JOIN faces_revision r ON r.face_id = f.id AND r.kind = 'prelabel'"
        " GROUP BY f.id HAVING count(*) > 1",
    ),
    (
        "a release that is ready and has no files",
        "SELECT id FROM releases_release WHERE state = 'ready' AND folder = ''",
    ),
    (
        "a run that waits for a release that has ended",
        "SELECT r.id FROM training_trainingrun r JOIN releases_release l ON l.id = r.release_id"
        " JOIN jobs_job j ON j.id = l.job_id"
        " WHERE r.phase = 'waiting_release' AND j.state NOT IN ('queued', 'running')",
    ),
)


class TrainingPlatform(Platform):
    """The platform with its learning worker, which gives up a silent worker's job after six seconds."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.environment |= {
            "JFA_SKIP_TORCH": "0",
            "JFA_TORCH_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "JFA_JOB_LOST_AFTER_SECONDS": "6",
        }

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Rows of the platform's database, to check by; nobody works through it."""
        return self._rows(query, values)

    def pid_of(self, service: str) -> int | None:
        """The process of a service that runs now."""
        return self._pids().get(service)

    def wait_for(self, condition: Any, what: str) -> None:
        """Wait until something holds; raises TimeoutError, or RuntimeError if the platform ended."""
        self._wait(condition, what)

    def training_processes(self) -> list[psutil.Process]:
        """The processes that train or judge for this platform, those under torchrun too."""
        mine = os.fspath(self.data)
        found = []
        for process in psutil.process_iter():
            try:
                command = process.cmdline()
            except psutil.Error:
                continue
            if any(module in command for module in TRAINING_MODULES) and any(
                mine in part for part in command
            ):
                found.append(process)
        return found


@dataclass
class Outliving:
    """Watches for training processes whose attempt is over: of another attempt, or of a job that does not run."""

    platform: TrainingPlatform
    faults: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    _stale_since: dict[int, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Outliving:
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.25):
            processes = self.platform.training_processes()
            self.seen |= {process.pid for process in processes}
            try:
                running = self.platform.rows(
                    "SELECT r.id, j.attempt FROM training_trainingrun r JOIN jobs_job j ON j.id = r.job_id"
                    " WHERE j.state = 'running'"
                )
            except psycopg2.Error:
                continue  # PostgreSQL was killed; nothing can be said now
            self._look(processes, {f"run-{run}": attempt for run, attempt in running})

    def _look(self, processes: list[psutil.Process], running: dict[str, int]) -> None:
        now = time.monotonic()
        stale: dict[int, float] = {}
        for process in processes:
            try:
                order = Path(process.cmdline()[-1])
            except (psutil.Error, IndexError):
                continue
            run, attempt = order.parts[-3], int(order.parts[-2].split("-")[-1])
            if running.get(run) != attempt:
                stale[process.pid] = self._stale_since.get(process.pid, now)
                if now - stale[process.pid] > GRACE_SECONDS:
                    module = next((part for part in process.cmdline() if part in TRAINING_MODULES), "?")
                    fault = f"process {process.pid} ({module}) of {run} outlived attempt {attempt}"
                    if fault not in self.faults:
                        self.faults.append(fault)
        self._stale_since = stale


def loop_faults(platform: TrainingPlatform) -> list[str]:
    """Every way in which the loop's rows and files are not as they must be, once nothing runs any more."""
    faults = [f"{what}: {row[0]}" for what, query in CHECKS for row in platform.rows(query)]
    for number, digest, name in platform.rows("SELECT number, sha256, file FROM learning_modelversion"):
        path = platform.data / "files" / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            faults.append(f"the file of model m{number} is not the one that was registered")
    faults += [f"training process {process.pid} is still there" for process in platform.training_processes()]
    return faults
