"""The learning loop on a real platform survives `kill -9`; `python -m benchmarks.loop_chaos` is the long one."""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

from benchmarks.loop_chaos import VICTIMS, chaos

SEED = "JFA_CHAOS_SEED"


def test_it_loses_and_doubles_nothing_when_its_parts_are_killed_at_random_moments() -> None:
    seed = int(os.environ.get(SEED) or random.SystemRandom().randrange(1_000_000))
    print(f"{SEED}={seed}")
    with tempfile.TemporaryDirectory(prefix="jfa-chaos-", dir="/tmp") as folder:
        found = chaos(
            folder=Path(folder), kills=len(VICTIMS), seed=seed, annotators=3, steps=12, submissions=120
        )
    assert found["faults"] == [], f"{SEED}={seed}"
    assert set(found["kills"].values()) == {1}
    assert found["acknowledged"] > 0
    assert found["models"] >= 1
