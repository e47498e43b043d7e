"""``python -m benchmarks.gate``: planted challengers against the promotion gate, 20 seeds each.

Drawn faces whose errors are known to the benchmark and not to the gate (``planted_challengers``), 2,000 in the
test split unless said:

* worse: a challenger that is worse in every task by a stated amount;
* group_landmarks, group_missed, group_gender: better in every task, but for one group worse in one of them;
* equal: a challenger of the champion's very quality, which nobody should promote often;
* better: truly better in every task and every group; how often it is refused is the price of the above;
* slightly_better: a third of that, or less;
* better_small_test: the better one with a test split of 300 faces.

The last line is JSON: ``refused`` of so many seeds for each of them, ``refused_with_reason``: those refused
for the very thing that was planted, what was planted in how many faces, and the seconds that one comparison
of 5,000 faces with 1,000 resamples takes.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from benchmarks.planted_challengers import GROUP_SHARES, Plan, Quality, drawn_test, judged
from jfa_pipeline.metrics.gate import Comparison, compare
from jfa_pipeline.metrics.gate_report import reasons

CHAMPION: Final = Quality()
BETTER: Final = replace(CHAMPION, found=0.95, nme=0.044, years=5.4, gender=0.905, ethnicity=0.835)
WORSE: Final = replace(CHAMPION, found=0.91, nme=0.055, years=6.5, gender=0.86, ethnicity=0.77)
SLIGHTLY: Final = replace(CHAMPION, found=0.935, nme=0.0485, years=5.9, gender=0.885, ethnicity=0.81)
FACES: Final = 2000
FEW_FACES: Final = 300
POWER: Final = {35: (0.4, 0.45, 0.5), 100: (0.2, 0.25), 300: (0.12, 0.15)}
"""Faces in a group, and shares of its answers on gender that it loses."""


@dataclass(frozen=True, slots=True)
class Case:
    """A challenger. group, task: where it is worse, empty for everywhere; reason: the code it must be refused
    with, empty for one that should pass."""

    quality: Quality
    faces: int = FACES
    reason: str = ""
    group: tuple[str, str] = ("", "")
    task: str = ""
    there: Quality | None = None

    @property
    def plan(self) -> Plan:
        return Plan(self.quality, {} if self.there is None else {self.group: self.there})

    def is_meant(self, reason: dict[str, Any]) -> bool:
        """Whether a reason of the gate is what was planted here."""
        where = (reason.get("group", ""), reason.get("value", ""))
        return reason["code"] == self.reason and where == self.group and self.task in ("", reason["task"])


CASES: Final = {
    "worse": Case(WORSE, reason="worse_overall"),
    "group_landmarks": Case(
        BETTER,
        reason="worse_for_group",
        group=("age_band", "65+"),
        task="landmarks",
        there=replace(BETTER, nme=0.08),
    ),
    "group_missed": Case(
        BETTER,
        reason="worse_for_group",
        group=("face_size", "small"),
        task="detection",
        there=replace(BETTER, found=0.83),
    ),
    "group_gender": Case(
        BETTER,
        reason="worse_for_group",
        group=("ethnicity", "black"),
        task="gender",
        there=replace(BETTER, gender=0.74),
    ),
    "equal": Case(CHAMPION),
    "better": Case(BETTER),
    "slightly_better": Case(SLIGHTLY),
    "better_small_test": Case(BETTER, FEW_FACES),
}


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--seeds", type=int, default=20)
    options.add_argument("--power", action="store_true", help="how large a loss of a group is seen; minutes")
    given = options.parse_args()
    if given.power:
        power(given.seeds)
        return
    started = time.monotonic()
    refused: dict[str, int] = {}
    with_reason: dict[str, int] = {}
    planted: dict[str, Any] = {}
    for name, case in CASES.items():
        found = [one(case, seed) for seed in range(given.seeds)]
        refused[name] = sum(result.decision == "keep" for result in found)
        print(f"{name}: refused in {refused[name]} of {given.seeds} seeds, {case.faces} test faces")
        told = [reasons(result) for result in found]
        for reason in told[0][:3]:
            print(f"  seed 0: {reason['sentence']}")
        planted[name] = {"quality": asdict(case.quality), "test_faces": case.faces}
        if case.reason:
            with_reason[name] = sum(any(map(case.is_meant, each)) for each in told)
        if case.there is not None:
            sizes = [_size(result, case) for result in found]
            planted[name] |= {
                "group": list(case.group),
                "group_faces": [min(sizes), max(sizes)],
                "in_the_group": asdict(case.there),
            }
    answer = {
        "seeds": given.seeds,
        "refused": refused,
        "refused_with_reason": with_reason,
        "worst_planted_refused_share": min(with_reason.values()) / given.seeds,
        "better_refused_share": refused["better"] / given.seeds,
        "slightly_better_refused_share": refused["slightly_better"] / given.seeds,
        "better_small_test_refused_share": refused["better_small_test"] / given.seeds,
        "champion": asdict(CHAMPION),
        "planted": planted,
        "seconds_5000_faces_1000_resamples": _seconds(5000, 1000),
        "seconds": round(time.monotonic() - started, 1),
    }
    print(json.dumps(answer))


def power(seeds: int) -> None:
    """How often a group that loses some of its right answers on gender is called worse, by its size."""
    found = []
    for group_faces, losses in POWER.items():
        faces = round(group_faces / GROUP_SHARES["age_band"]["0-12"])
        for loss in losses:
            there = replace(CHAMPION, gender=CHAMPION.gender - loss)
            case = Case(CHAMPION, faces, "worse_for_group", ("age_band", "0-12"), "gender", there)
            told = [reasons(one(case, seed)) for seed in range(seeds)]
            seen = sum(any(map(case.is_meant, each)) for each in told) / seeds
            print(f"{group_faces} faces, {loss:.2f} of the answers lost: seen in {seen:.2f} of {seeds} seeds")
            found.append({"group_faces": group_faces, "loss": loss, "seen": seen})
    print(json.dumps({"seeds": seeds, "power": found}))


def one(case: Case, seed: int) -> Comparison:
    """One test split, one champion, one challenger."""
    random = np.random.default_rng([seed, case.faces])
    test = drawn_test(case.faces, random)
    champion = judged(test, Plan(CHAMPION), random)
    return compare(judged(test, case.plan, random), champion, seed=seed)


def _size(result: Comparison, case: Case) -> int:
    """Faces of the planted group."""
    return next(cell.n for cell in result.groups if (cell.group, cell.value) == case.group)


def _seconds(faces: int, resamples: int) -> float:
    random = np.random.default_rng(0)
    test = drawn_test(faces, random)
    first, second = (judged(test, Plan(quality), random) for quality in (BETTER, CHAMPION))
    started = time.monotonic()
    compare(first, second, resamples=resamples)
    return round(time.monotonic() - started, 2)


if __name__ == "__main__":
    main()
