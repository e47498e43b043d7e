"""Every acknowledged save survives `kill -9`, exactly once.

    python -m benchmarks.kill_nine [--kills 21] [--submissions 2000] [--annotators 8]

Starts the platform as `make up` does, on a data folder of its own. Scripted annotators label, check and sweep
through the public HTTP API while the web server, a Celery worker and PostgreSQL are killed in turn with SIGKILL.
An annotator that gets no answer sends the same submission again, with the same submission id; one acknowledged
submission in ten is sent once more on purpose. At the end the database must hold every acknowledged submission
exactly once, with its revision, and nothing that was not sent. Recovery: seconds from the kill until the platform
answers again (web, PostgreSQL) or the worker reports again.

The last line of the output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.ledger import Ledger
from benchmarks.platform_under_test import KILLABLE, Platform
from benchmarks.scripted_people import Annotator, prepare_dataset

KILL_EVERY_SECONDS = 1.5


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="jfa-kill-", dir="/tmp") as folder:
        with Platform(Path(folder)) as platform:
            platform.wait_until_up()
            dataset, people = prepare_dataset(
                platform, annotators=arguments.annotators, submissions=arguments.submissions
            )
            ledger = Ledger()
            enough = threading.Event()
            threads = [
                threading.Thread(
                    target=Annotator(platform.address, dataset, person, ledger, seed=seed).work_until,
                    args=(enough,),
                )
                for seed, person in enumerate(people)
            ]
            began = time.monotonic()
            for thread in threads:
                thread.start()
            recoveries: dict[str, list[float]] = {name: [] for name in KILLABLE}
            kills = 0
            while len(ledger) < arguments.submissions or kills < arguments.kills:
                if not any(thread.is_alive() for thread in threads):
                    break
                if kills < arguments.kills:
                    victim = KILLABLE[kills % len(KILLABLE)]
                    seconds = platform.kill(victim)
                    recoveries[victim].append(seconds)
                    kills += 1
                    print(
                        f"kill {kills:2d}: {victim:8s} back after {seconds:5.2f} s, "
                        f"{len(ledger)} submissions acknowledged",
                        flush=True,
                    )
                time.sleep(KILL_EVERY_SECONDS if kills < arguments.kills else 0.5)
            enough.set()
            for thread in threads:
                thread.join(timeout=120)
            seconds = time.monotonic() - began
            faults = platform.check_against(ledger)
        left = platform.processes_left()
    for fault in faults:
        print(f"FAULT: {fault}", file=sys.stderr)
    every = [s for values in recoveries.values() for s in values]
    figure = {
        "kills": kills,
        "acknowledged": len(ledger),
        "retries": ledger.retries,
        "repeats_sent_on_purpose": ledger.repeats,
        "refused": ledger.refused,
        "stored_exactly_once": len(ledger) - len(faults),
        "faults": len(faults),
        "seconds": round(seconds, 1),
        "recovery_median_s": round(statistics.median(every), 2) if every else None,
        "recovery_worst_s": {k: round(max(v), 2) for k, v in recoveries.items() if v},
        "processes_left": left,
    }
    print(json.dumps(figure))
    enough_done = kills >= arguments.kills and len(ledger) >= arguments.submissions
    return 0 if not faults and enough_done and not left else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=21)
    parser.add_argument("--submissions", type=int, default=2000)
    parser.add_argument("--annotators", type=int, default=8)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
