"""How fast faces are handed out and taken back over HTTP, and whether the size of the dataset matters.

    python -m benchmarks.queue [--faces 1000000] [--annotators 16] [--seconds 60]

Starts the platform as `make up` does, on a data folder of its own, and fills a half-finished dataset of 10 thousand
faces, one of 100 thousand, and one of ``--faces`` (``queue_filling``), each beside those before it. On each of them
every annotator works without a pause (``queue_people``): holds up to ``--ahead`` faces as the labelling page does,
takes more when few are left, and submits each face by itself with all 68 points. A cycle is one face taken and
submitted. The smaller datasets are measured for at most 20 seconds, so that their work lasts.

Last, as many connections run the bare SQL statements of the same cycles (``queue_ceiling``): no HTTP, no Django.

The last line is one JSON object. ``p95_1m_over_10k`` is the larger of two ratios, of takes and of submits, of the
largest dataset's p95 over that of 10 thousand faces. ``double_leases``: faces that two people held at once.
``lost_submits``: acknowledged submissions that are not stored once with the revision that was told. ``self_checks``:
faces on which somebody has two passes in a round. ``refused_submits``: those that were answered with an error.
``cpu_ms_per_cycle``: processor time by kind of process. The exit status is 0 when none of the four is found.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from annotator.embedded.folders import kept_secret
from annotator.embedded.launch_settings import ROOT
from annotator.embedded.up import embedded_postgres
from benchmarks import queue_checks as checks
from benchmarks.platform_under_test import Platform

if TYPE_CHECKING:
    from annotator.accounts.models import User
    from annotator.datasets.models import Dataset

SMALL_SIZES: Final = (10_000, 100_000)
SMALL_SECONDS: Final = 20.0
WARM_UP_SECONDS: Final = 3.0
FAULTS: Final = ("double_leases", "lost_submits", "self_checks", "refused_submits")
START_SECONDS: Final = 1.5
"""From a plan to the first request: the processes import and connect."""
REFILL_AT: Final = 3
PROCESSES: Final = 2
CEILING_START_SECONDS: Final = 6.0
CEILING_SECONDS: Final = 15.0


def main() -> int:
    arguments = _arguments()
    with (
        tempfile.TemporaryDirectory(prefix="jfa-queue-", dir="/tmp") as folder,
        Platform(Path(folder), command="run") as platform,
    ):
        platform.wait_until_up()
        platform.wait_until_idle()
        connect_django(platform)
        found = _Measurement(platform, arguments).run()
    print(json.dumps(found))
    return 0 if not any(found[name] for name in FAULTS) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queue", description=__doc__.split("\n")[0])
    parser.add_argument("--faces", type=int, default=1_000_000)
    parser.add_argument("--annotators", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--ahead", type=int, default=10, help="faces that a person holds at most")
    return parser.parse_args()


def connect_django(platform: Platform) -> None:
    """Make this process one more client of the platform's database, with its secret: it makes sessions."""
    import django

    os.environ |= {
        "DATABASE_URL": embedded_postgres(platform.settings).url(),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "JFA_SECRET_KEY": os.environ.get("JFA_SECRET_KEY")
        or kept_secret(platform.settings.data / "secret", size=50),
        "JFA_DATA_DIR": os.fspath(platform.data),
        "DJANGO_SETTINGS_MODULE": "annotator.config.settings",
    }
    django.setup()


class _Measurement:
    def __init__(self, platform: Platform, arguments: argparse.Namespace) -> None:
        from annotator.accounts.models import User
        from benchmarks import queue_filling

        self.platform = platform
        self.arguments = arguments
        self.admin = User.objects.create_user(username=f"queue-{secrets.token_hex(4)}", is_superuser=True)
        self.people = queue_filling.people_made(arguments.annotators)
        self.plans = [
            {"id": user.pk, "csrf": token, "cookie": f"jfa_session={_session(user)}; jfa_csrf={token}"}
            for user in self.people
            if (token := secrets.token_hex(16))
        ]
        self.body = _body(queue_filling.LABELS)

    def run(self) -> dict[str, Any]:
        sizes = [size for size in SMALL_SIZES if size < self.arguments.faces] + [self.arguments.faces]
        by_size = {}
        for size in sizes:
            seconds = self.arguments.seconds
            if size < self.arguments.faces:
                seconds = min(SMALL_SECONDS, seconds)
            by_size[size] = self._one_size(size, seconds)
        largest, smallest = by_size[sizes[-1]], by_size[sizes[0]]
        ceiling = self._ceiling(self.dataset)
        ratios = {what: largest[f"p95_{what}_ms"] / smallest[f"p95_{what}_ms"] for what in ("take", "submit")}
        return {
            **largest,
            "cycles_over_sql_ceiling": round(largest["cycles_per_s"] / ceiling["cycles_per_s"], 3),
            "sql_ceiling": ceiling,
            "annotators": len(self.people),
            "ahead": self.arguments.ahead,
            "p95_1m_over_10k": round(max(ratios.values()), 3),
            "p95_ratios": {what: round(ratio, 3) for what, ratio in ratios.items()},
            **{name: sum(found[name] for found in by_size.values()) for name in FAULTS},
            "by_faces": by_size,
        }

    def _one_size(self, faces: int, seconds: float) -> dict[str, Any]:
        from benchmarks import queue_filling

        started = time.monotonic()
        dataset = self.dataset = queue_filling.half_finished(
            faces=faces, people=self.people, admin=self.admin
        )
        filled = time.monotonic() - started
        print(f"{faces:,} faces: filled in {filled:.0f} s", flush=True)
        found = {"faces": faces, "fill_seconds": round(filled, 1), **self._measured(dataset, seconds)}
        print(json.dumps(found, indent=1), flush=True)
        return found

    def _measured(self, dataset: Dataset, seconds: float) -> dict[str, Any]:
        """Let everybody work on a dataset and look at what came of it."""
        since = time.monotonic() + START_SECONDS + WARM_UP_SECONDS
        until = since + seconds
        began = _database_clock()
        processes = [self._people(dataset, number, until) for number in range(PROCESSES)]
        time.sleep(max(0.0, since - time.monotonic()))
        before = self.platform.cpu_seconds()
        time.sleep(max(0.0, until - time.monotonic()))
        after = self.platform.cpu_seconds()
        answers = _answers(processes)
        ledgers = [ledger for answer in answers for ledger in answer["people"]]
        takes = checks.latencies(ledgers, "takes", since, until)
        submits = checks.latencies(ledgers, "submits", since, until)
        if not takes or not submits:
            raise RuntimeError(
                f"Nothing was taken or submitted: {[ledger['refusals'] for ledger in ledgers]}"
            )
        cycles = len(submits)
        whole = until + START_SECONDS + WARM_UP_SECONDS - since
        spent = {name: 1000 * (after[name] - before.get(name, 0)) for name in after}
        refusals = _added(ledger["refusals"] for ledger in ledgers)
        generator = sum(answer["cpu_seconds"] for answer in answers)
        everything = sum(len(ledger["submits"]) for ledger in ledgers)
        return {
            "cycles_per_s": round(cycles / seconds, 1),
            "takes": len(takes),
            **_percentiles("take", takes),
            **_percentiles("submit", submits),
            "cpu_ms_per_cycle": {name: round(ms / cycles, 3) for name, ms in spent.items()}
            | {"generator": round(1000 * generator / everything, 3)},
            "generator_cpu_share": round(generator / (whole * (os.cpu_count() or 1)), 3),
            "refusals": refusals,
            "refused_submits": sum(count for what, count in refusals.items() if what.startswith("submit")),
            **self._faults(dataset, ledgers, began),
        }

    def _ceiling(self, dataset: Dataset) -> dict[str, Any]:
        """The bare statements on the same dataset, by as many connections."""
        since = time.monotonic() + CEILING_START_SECONDS
        until = since + CEILING_SECONDS
        plan = {"dataset": dataset.pk, "since": since, "until": until}
        plan |= {"ahead": self.arguments.ahead, "refill_at": REFILL_AT}
        ids = [user.pk for user in self.people]
        processes = [
            _started("benchmarks.queue_ceiling", {**plan, "people": ids[number::PROCESSES]})
            for number in range(PROCESSES)
        ]
        time.sleep(max(0.0, since - time.monotonic()))
        before = self.platform.cpu_seconds()["postgres"]
        time.sleep(
            max(0.0, until - 1 - time.monotonic())
        )  # the connections are gone at the end, and their times
        spent = (self.platform.cpu_seconds()["postgres"] - before) / (CEILING_SECONDS - 1)
        cycles = sum(answer["cycles"] for answer in _answers(processes)) / CEILING_SECONDS
        if not cycles:
            raise RuntimeError("The bare statements stored nothing.")
        return {"cycles_per_s": round(cycles, 1), "postgres_ms_per_cycle": round(1000 * spent / cycles, 3)}

    def _people(self, dataset: Dataset, number: int, until: float) -> subprocess.Popen[str]:
        plan = {
            "host": "127.0.0.1",
            "port": self.platform.port,
            "dataset": dataset.pk,
            "until": until,
            "ahead": self.arguments.ahead,
            "refill_at": REFILL_AT,
            "body": self.body,
            "people": self.plans[number::PROCESSES],
        }
        return _started("benchmarks.queue_people", plan)

    def _faults(self, dataset: Dataset, ledgers: list[dict[str, Any]], began: Any) -> dict[str, int]:
        held = [
            (item, ledger["person"], since, float("inf") if until is None else until)
            for ledger in ledgers
            for item, since, until in ledger["held"]
        ]
        acknowledged = {
            submission: told for ledger in ledgers for submission, told in ledger["acknowledged"].items()
        }
        ids = [user.pk for user in self.people]
        stored = _rows(checks.STORED, (dataset.pk, ids, began))
        return {
            "double_leases": checks.double_leases(held) + _rows(checks.LEASED_TWICE, (dataset.pk,))[0][0],
            "lost_submits": len(checks.lost_submits(acknowledged, stored)),
            "self_checks": _rows(checks.SELF_CHECKS, (dataset.pk,))[0][0],
            "kept_aside": sum(ledger["kept_aside"] for ledger in ledgers),
        }


def _started(module: str, plan: dict[str, Any]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", module], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None  # a pipe was asked for
    process.stdin.write(json.dumps(plan))
    process.stdin.close()
    process.stdin = None
    return process


def _answers(processes: list[subprocess.Popen[str]]) -> list[dict[str, Any]]:
    said = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise RuntimeError("A process of the benchmark failed; what it said is above.")
    return [json.loads(one) for one in said]


def _session(user: User) -> str:
    """The key of a new session of this person, as a sign-in makes it."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from annotator.accounts.sessions import SessionStore

    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    assert store.session_key is not None  # it was saved
    return store.session_key


def _body(labels: dict[str, Any]) -> str:
    """A submission with the labels moved a little, as a %-template for what differs between faces."""
    points = np.asarray(labels["landmarks"]) + 0.75
    sent = {
        "box": [labels[edge] + 0.5 for edge in ("x1", "y1", "x2", "y2")],
        "landmarks": points.round(2).tolist(),
        "visibility": labels["visibility"].tolist(),
        "gender": labels["gender"],
        "ethnicity": labels["ethnicity"],
        "flags": [],
    }
    text = json.dumps(sent, separators=(",", ":"))[:-1]
    return (
        '{"submission_id": "%(submission)s", "token": "%(token)s", "base_revision": %(base)d, "verdict": "save",'
        f' "comment": "", "active_ms": 20000, "labels": {text}, "age": %(age)d}}}}'
    )


def _percentiles(what: str, values: list[float]) -> dict[str, float]:
    return {
        f"p{round(100 * share)}_{what}_ms": round(checks.percentile(values, share), 2)
        for share in (0.5, 0.95, 0.99)
    }


def _added(counts: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for key, count in one.items():
            total[key] = total.get(key, 0) + count
    return total


def _rows(query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _database_clock() -> Any:
    return _rows("SELECT clock_timestamp()")[0][0]


if __name__ == "__main__":
    sys.exit(main())
