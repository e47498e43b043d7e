"""The learning loop survives `kill -9` of its parts at random moments.

    python -m benchmarks.loop_chaos [--kills 30] [--seed 1] [--annotators 6] [--steps 60]

Starts the platform as `make up` does, on a data folder of its own. Scripted annotators label through the public
HTTP API and the admin starts one training run after the other (preset tiny, a few iterations on a release frozen
now), while a Celery worker, the learning worker, the training process, PostgreSQL and Redis (which keeps nothing)
are killed with SIGKILL, in an order and at moments drawn from the seed. Then everything is left alone until no job
is live, and one more run has to end well.

It counts: every acknowledged submission stored exactly once; every completed attempt exactly once (one model a
run, each iteration told once, its file under its hash); every job in a final state; no training process that
outlived its attempt. The last line of the output is one JSON object.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg2

from benchmarks.chaos_checks import LIVE_JOBS, Outliving, TrainingPlatform, loop_faults
from benchmarks.http_person import HttpPerson, NoAnswer, Refused
from benchmarks.ledger import Ledger
from benchmarks.scripted_people import Annotator, prepare_dataset

SERVICES: Final = ("worker-cpu", "worker-gpu", "postgres", "redis")
TRAINER: Final = "trainer"
VICTIMS: Final = (*SERVICES, TRAINER)
PAUSE_SECONDS: Final = (0.3, 2.0)
LOOK_SECONDS: Final = 0.3
NOT_NOW: Final = frozenset({"run_live", "nothing_accepted"})


@dataclass
class Loop:
    """One dataset whose admin starts training runs as soon as one may start."""

    platform: TrainingPlatform
    dataset: int
    admin: HttpPerson
    steps: int
    started: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    def start_run(self) -> dict[str, Any] | None:
        """A new run on the faces that are accepted now; None while there is a live one, nothing accepted, or no
        answer (whether it was started is then told by the next try)."""
        order = {
            "release": None,
            "preset": "tiny",
            "start": "random",
            "stages": ["S1"],
            "steps": {"S1": {"steps": self.steps, "batch": 1}},
            "threads": 1,
        }
        try:
            run: dict[str, Any] = self.admin.call("POST", f"/datasets/{self.dataset}/training-runs", order)
        except NoAnswer:
            return None
        except Refused as error:
            if error.status == 401:
                with contextlib.suppress(NoAnswer, Refused):
                    self.admin.sign_in()
                return None
            if error.code not in NOT_NOW:
                raise
            self.refused[error.code] = self.refused.get(error.code, 0) + 1
            return None
        self.started += 1
        return run

    def start_until(self, enough: threading.Event) -> None:
        """Start one run after the other."""
        while not enough.wait(LOOK_SECONDS):
            self.start_run()

    def live_jobs(self) -> list[tuple[Any, ...]]:
        """The jobs that are queued or running; what cannot be asked counts as one."""
        try:
            waiting = (
                "SELECT id, 'run', phase, 0, '' FROM training_trainingrun WHERE phase = 'waiting_release'"
            )
            # In this order: a run that stops waiting between the two questions has its job by then.
            return [*self.platform.rows(waiting), *self.platform.rows(LIVE_JOBS)]
        except psycopg2.Error as error:
            return [(0, "database", str(error), 0, "")]

    def last_run(self) -> dict[str, Any]:
        """One more run with nobody killing anything; as it ended."""
        while (run := self.start_run()) is None:
            time.sleep(LOOK_SECONDS)
        self.platform.wait_for(lambda: not self.live_jobs(), f"training run {run['number']} to end")
        ended: dict[str, Any] = self.admin.call("GET", f"/training-runs/{run['id']}")
        return ended


class Killer:
    """Kills the victims in a random order, each kind once before any comes again."""

    def __init__(self, platform: TrainingPlatform, seed: int) -> None:
        self.platform = platform
        self.random = random.Random(seed)
        self.kills: dict[str, int] = dict.fromkeys(VICTIMS, 0)
        self._order: list[str] = []

    def kill_next(self) -> str:
        """Wait a random while, then kill the next victim; its name."""
        if not self._order:
            self._order = self.random.sample(VICTIMS, len(VICTIMS))
        victim = self._order.pop()
        time.sleep(self.random.uniform(*PAUSE_SECONDS))
        if victim == TRAINER:
            self._kill_trainer()
        else:
            self._kill_service(victim)
        self.kills[victim] += 1
        return victim

    def _kill_service(self, name: str) -> None:
        self.platform.wait_for(lambda: self._pid(name) is not None, f"{name} to run")
        pid = self._pid(name)
        if pid is None:
            raise RuntimeError(f"{name} ended before it could be killed")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.platform.wait_for(lambda: self._pid(name) not in (None, pid), f"{name} to be started again")

    def _pid(self, name: str) -> int | None:
        return self.platform.pid_of(name)

    def _kill_trainer(self) -> None:
        self.platform.wait_for(lambda: bool(self.platform.training_processes()), "a training process")
        for process in self.platform.training_processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)


def chaos(
    *, folder: Path, kills: int, seed: int, annotators: int, steps: int, submissions: int
) -> dict[str, Any]:
    """One loop; its figures, with ``faults`` as sentences. ``submissions``: how much work there is at least."""
    began = time.monotonic()
    with TrainingPlatform(folder) as platform:
        platform.wait_until_up()
        dataset, people = prepare_dataset(platform, annotators=annotators, submissions=submissions)
        platform.wait_for(lambda: platform.pid_of("worker-gpu") is not None, "the learning worker")
        ledger, enough = Ledger(), threading.Event()
        loop = Loop(platform, dataset, platform.admin(), steps)
        killer = Killer(platform, seed)
        threads = [
            threading.Thread(
                target=Annotator(platform.address, dataset, person, ledger, seed=seed + number).work_until,
                args=(enough,),
            )
            for number, person in enumerate(people)
        ]
        threads.append(threading.Thread(target=loop.start_until, args=(enough,)))
        with Outliving(platform) as outliving:
            for thread in threads:
                thread.start()
            try:
                for number in range(1, kills + 1):
                    victim = killer.kill_next()
                    print(
                        f"kill {number:2d}: {victim:10s} {len(ledger)} submissions acknowledged", flush=True
                    )
            finally:
                enough.set()
                for thread in threads:
                    thread.join(timeout=150)
            platform.wait_for(lambda: not loop.live_jobs(), "every job to end")
            last = loop.last_run()
        faults = [*outliving.faults, *platform.check_against(ledger), *loop_faults(platform)]
        if last["state"] != "done":
            faults.append(f"the last run, which nobody disturbed, ended as {last['state']}: {last['error']}")
        ended = dict(
            platform.rows("SELECT state, count(*) FROM jobs_job WHERE kind = 'train' GROUP BY state")
        )
        attempts = platform.rows("SELECT coalesce(sum(attempt), 0) FROM jobs_job WHERE kind = 'train'")[0][0]
        models = platform.rows("SELECT count(*) FROM learning_modelversion")[0][0]
    left = platform.processes_left()
    if left:
        faults.append(f"{left} processes of the platform are left after it was stopped")
    return {
        "seed": seed,
        "kills": killer.kills,
        "acknowledged": len(ledger),
        "retries": ledger.retries,
        "training_runs": ended,
        "training_attempts": int(attempts),
        "training_processes": len(outliving.seen),
        "models": models,
        "faults": faults,
        "seconds": round(time.monotonic() - began, 1),
    }


def main() -> int:
    arguments = _arguments()
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="jfa-chaos-", dir="/tmp") as folder:
        found = chaos(
            folder=Path(folder),
            kills=arguments.kills,
            seed=arguments.seed,
            annotators=arguments.annotators,
            steps=arguments.steps,
            submissions=arguments.submissions,
        )
    for fault in found["faults"]:
        print(f"FAULT: {fault}", file=sys.stderr)
    print(json.dumps({**found, "faults": len(found["faults"])}))
    return 1 if found["faults"] else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--annotators", type=int, default=6)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--submissions", type=int, default=2000)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
