"""Do people have less to do the longer the loop runs?

    python -m benchmarks.loop [--seeds 3] [--settings procedural,chips] [--data FOLDER] [--quick]

Simulated annotators (``loop_people``: their noise, bias and tolerances) label through the real HTTP API, on real
servers and workers, for three rounds: pictures arrive and are pre-labelled, people sweep and label them, a release
is frozen, a network is trained on it, and the promotion gate decides who pre-labels the next pictures. Beside it,
on the same pictures and with the same people, the loop that never retrains: its pre-labels stay the coarse
provider's. Two platforms run at a time, one for each core.

Two settings, reported apart: ``procedural``, drawn faces with all labels; ``chips``, UTKFace chips of DATA (default:
../shared/data beside the project), where only age, gender, ethnicity and wrong faces are judged: nobody knows the
true box, so the coarse provider's stands in, and nobody gives landmarks. Checks are switched off (the policy's
``checks`` is 0) and so is the blind slice.

The last line is one JSON object. ``rounds``, ``promotions`` and the two ratios are of the procedural setting, means
over seeds with the seeds' own values under ``settings``. ``edits_last_over_never_retrained`` and
``edits_per_face`` count the pictures that were pre-labelled; ``..._with_test`` add those of the test split, which
the retrained loop labels without any pre-label and the other with the coarse one.
"""

from __future__ import annotations

import argparse
import json
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from benchmarks.coarse import DEFAULT_DATA
from benchmarks.loop_measure import mean_and_range
from benchmarks.loop_pictures import PictureSet, chip_set, procedural_set
from benchmarks.loop_platform import LearningPlatform
from benchmarks.loop_rounds import Plan, Round, run_seed

AT_A_TIME: Final = 2
"""Platforms, each with one training thread."""


def training(preset: str, steps: Mapping[str, Mapping[str, int]], **more: Any) -> dict[str, Any]:
    """The order of a training run on one core; the stages are those that steps names."""
    return {"preset": preset, "stages": list(steps), "steps": steps, "threads": 1, **more}


DRAWN: Final = {"S1": {"steps": 280, "batch": 8}}
PROCEDURAL: Final = Plan(
    "procedural",
    rounds=3,
    size=100,
    first=training("tiny", DRAWN, start="random"),
    order=training("tiny", DRAWN),
)
CHIPS: Final = Plan(
    "chips",
    rounds=3,
    size=180,
    first=training(
        "fast",
        {"S1": {"steps": 80, "batch": 8, "short_side": 112}, "S4": {"steps": 200, "batch": 64}},
        start="centerface",
    ),
    order=training("fast", {"S4": {"steps": 300, "batch": 64}}),
)
FEW: Final = {"S1": {"steps": 40, "batch": 8}}
QUICK: Final = Plan(
    "procedural",
    rounds=2,
    size=30,
    first=training("tiny", FEW, start="random"),
    order=training("tiny", FEW),
)


def pictures_of(plan: Plan, data: Path, seed: int) -> PictureSet:
    """The pictures of a seed: one batch for each round and one that is only pre-labelled."""
    if plan.setting == "procedural":
        return procedural_set(seed=seed, batches=plan.rounds + 1, size=plan.size)
    return chip_set(data, seed=seed, batches=plan.rounds + 1, size=plan.size)


class Lane(threading.Thread):
    """One platform that works through what is left to do; ``error`` is what ended it, if anything did."""

    def __init__(self, number: int, folder: Path, todo: queue.SimpleQueue[tuple[Plan, int]], data: Path):
        super().__init__(name=f"lane {number}")
        self.folder, self.todo, self.data = folder / f"lane-{number}", todo, data
        self.found: dict[tuple[str, int], list[Round]] = {}
        self.error: BaseException | None = None
        self.is_up = threading.Event()

    def run(self) -> None:
        try:
            self.folder.mkdir()
            with LearningPlatform(self.folder) as platform:
                admin = platform.wait_until_learning()
                self.is_up.set()
                while not self.todo.empty():
                    plan, seed = self.todo.get()
                    pictures = pictures_of(plan, self.data, seed)
                    self.found[plan.setting, seed] = run_seed(platform, admin, plan, pictures, seed)
        except BaseException as error:
            self.error = error
            raise
        finally:
            self.is_up.set()


def summary(seeds: Sequence[Sequence[Round]]) -> dict[str, Any]:
    """Figures of one setting over its seeds, each with the seeds' own values."""
    last_first = [found[-1].edits["total"] / found[0].edits["total"] for found in seeds]
    last_never = [found[-1].edits["total"] / found[-1].edits_never["total"] for found in seeds]
    with_test = [found[-1].edits_all / found[-1].edits_all_never for found in seeds]
    return {
        "rounds": [_round([found[number] for found in seeds]) for number in range(len(seeds[0]))],
        "promotions": sum(one.run["decision"] == "promoted" for found in seeds for one in found),
        "edits_last_over_first": mean_and_range(last_first),
        "edits_last_over_never_retrained": mean_and_range(last_never),
        "edits_last_over_never_retrained_with_test": mean_and_range(with_test),
    }


def _round(seeds: Sequence[Round]) -> dict[str, Any]:
    quality = ("nme", "ap50", "recall", "age_mae", "gender_error", "ethnicity_error")
    return {
        "round": seeds[0].number,
        "faces": [one.faces for one in seeds],
        "edits_per_face": mean_and_range([one.edits["total"] for one in seeds]),
        "edits_per_face_never_retrained": mean_and_range([one.edits_never["total"] for one in seeds]),
        "edits_by_kind": [one.edits for one in seeds],
        "edits_per_face_with_test": mean_and_range([one.edits_all for one in seeds]),
        "edits_per_face_with_test_never_retrained": mean_and_range([one.edits_all_never for one in seeds]),
        **{f"prelabel_{name}": mean_and_range([one.quality[name] for one in seeds]) for name in quality},
        **{
            f"prelabel_{name}_never_retrained": mean_and_range([one.quality_never[name] for one in seeds])
            for name in quality
        },
        "gate": [one.run for one in seeds],
        "seconds": [one.seconds for one in seeds],
    }


def means(rounds: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rounds with means only, as the top of the JSON gives them; ``gate`` lists the seeds' decisions."""
    names = ("edits_per_face", "edits_per_face_never_retrained", "prelabel_nme", "prelabel_ap50")
    more = ("prelabel_age_mae", "prelabel_gender_error", "prelabel_ethnicity_error")
    return [
        {name: one[name]["mean"] for name in (*names, *more)}
        | {"gate": [run["decision"] for run in one["gate"]]}
        for one in rounds
    ]


def measure(plans: Sequence[Plan], seeds: int, data: Path, folder: Path) -> dict[str, Any]:
    """Every seed of every plan; the summary of each setting. Raises RuntimeError if a lane broke off."""
    todo: queue.SimpleQueue[tuple[Plan, int]] = queue.SimpleQueue()
    for plan in plans:
        for seed in range(seeds):
            todo.put((plan, seed))
    lanes = [Lane(number, folder, todo, data) for number in range(min(AT_A_TIME, len(plans) * seeds))]
    for lane in lanes:
        lane.start()
        lane.is_up.wait()  # the first one builds the front end, if it has to be built
    for lane in lanes:
        lane.join()
    broken = [lane.error for lane in lanes if lane.error is not None]
    if broken:
        raise RuntimeError(f"A loop broke off: {broken[0]!r}") from broken[0]
    found = {key: rounds for lane in lanes for key, rounds in lane.found.items()}
    return {
        plan.setting: summary([found[plan.setting, seed] for seed in range(seeds)]) | {"plan": asdict(plan)}
        for plan in plans
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loop", description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--settings", default="procedural,chips", help="which, with a comma between")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder laid out like shared/data")
    parser.add_argument("--quick", action="store_true", help="two small rounds of one procedural seed")
    options = parser.parse_args(arguments)
    plans = {"procedural": PROCEDURAL, "chips": CHIPS}
    wanted = [plans[name] for name in options.settings.split(",")]
    if options.quick:
        wanted, options.seeds = [QUICK], 1
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="jfa-loop-", dir="/tmp") as folder:
        settings = measure(wanted, options.seeds, options.data, Path(folder))
    top = settings[wanted[0].setting]
    figures = {
        "rounds": means(top["rounds"]),
        "promotions": top["promotions"],
        "edits_last_over_first": top["edits_last_over_first"]["mean"],
        "edits_last_over_never_retrained": top["edits_last_over_never_retrained"]["mean"],
        "edits_last_over_never_retrained_with_test": top["edits_last_over_never_retrained_with_test"]["mean"],
        "seeds": options.seeds,
        "settings": settings,
        "seconds": round(time.monotonic() - started, 1),
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
