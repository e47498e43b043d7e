"""``python -m benchmarks.planted_annotators``: six people whose faults are known, found and put right.

Drawn faces with true labels; three of the six label each of them, blind to one another. Every person also meets gold
faces, checks with a planted wrong label and gold sweeps with a known missed face, in the stated numbers:

* younger, exact, older: guess ages with a bias of -3, 0 and +5 years, with noise;
* jaw: sets the jaw 5 % of the box side off, and is careful otherwise;
* random: clicks anywhere;
* careless: accepts whatever is shown, and types one age, as ages are asked without being shown.

The platform's functions see labels and gold only. The last line is JSON: ``worst_age_bias_error_years`` of the four
honest people over all seeds, ``worst_jaw_shift_error_nme_box``, in how many seeds random and careless were paused,
how often an honest person was paused or warned, and the error of the aggregated labels over that of the plain mean,
the worst seed of each task. The ratios ``..._honest`` are against a plain mean that already leaves out random and
careless.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.planted_crowd import (
    AGE_BIASES,
    AGE_NOISE_SD,
    HONEST,
    JAW_SHIFT,
    PEOPLE,
    POLICY,
    drawn_face,
    points_of,
    said,
)
from jfa_pipeline.aggregate.age_bias import AgeModel, fit_age_biases
from jfa_pipeline.aggregate.combining import Trust, combine
from jfa_pipeline.aggregate.dawid_skene import dawid_skene
from jfa_pipeline.aggregate.majority import majority
from jfa_pipeline.core.boxes import Box, iou
from jfa_pipeline.core.ibug68 import REGIONS
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.metrics.skill import GoldAnswer, Skill, skill
from jfa_pipeline.metrics.watch import CHECKS, Verdict, WatchReport, failures_of, watch

Floats = NDArray[np.float64]

PEOPLE_PER_FACE: Final = 3


@dataclass(frozen=True, slots=True)
class Size:
    """faces: that three people label. gold_faces, planted_checks, swept_faces: that each person meets."""

    faces: int = 1000
    gold_faces: int = 200
    planted_checks: int = 30
    swept_faces: int = 30


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What the platform found in one seed, and how far from the truth."""

    age_bias_errors: dict[str, float]
    gold_only_age_bias_errors: dict[str, float]
    jaw_shift_error: float
    offsets_invented: int
    verdicts: dict[str, Verdict]
    paused_after: dict[str, int]
    careless_paused_by_checks: bool
    errors: dict[str, dict[str, float]]
    """task -> "aggregated", "plain", "plain_honest" -> mean error."""
    wrong_words: dict[str, float]


def one(seed: int, size: Size) -> Outcome:
    """One crowd on one set of faces."""
    random = np.random.default_rng([seed, 6])
    gold = [drawn_face(random) for _ in range(size.gold_faces)]
    answers = {person: [said(person, truth, random) for truth in gold] for person in PEOPLE}
    reports, skills = judged(gold, answers, size, random)
    faces = [drawn_face(random) for _ in range(size.faces)]
    labelled = [
        {PEOPLE[at]: said(PEOPLE[at], truth, random) for at in sorted(turn)}
        for truth, turn in zip(faces, turns(size.faces, random), strict=True)
    ]
    trust = {person: trust_in(reports[person], skills[person]) for person in PEOPLE}
    ages = fitted_ages(gold, answers, labelled)
    combined = [combine(given, POLICY, trust=trust).labels for given in labelled]
    honest = [{person: labels for person, labels in given.items() if person in HONEST} for given in labelled]
    errors = {
        "age": {
            "aggregated": mean_age_error(faces, [ages.age[number] for number in range(len(faces))]),
            "plain": mean_age_error(faces, [plain_mean(given).age for given in labelled]),
            "plain_honest": mean_age_error(faces, [plain_mean(given).age for given in honest]),
        }
    }
    ways = {
        "aggregated": combined,
        "plain": [plain_mean(given) for given in labelled],
        "plain_honest": [plain_mean(given) for given in honest],
    }
    errors["landmarks"] = {way: mean_nme_box(faces, labels) for way, labels in ways.items()}
    errors["box"] = {way: mean_box_error(faces, labels) for way, labels in ways.items()}
    jaw = skills["jaw"].offsets["jaw"]
    found_shift = np.array([jaw.x.value, jaw.y.value], dtype=np.float64)
    return Outcome(
        age_bias_errors={person: abs(ages.bias[person] - AGE_BIASES[person]) for person in HONEST},
        gold_only_age_bias_errors={
            person: abs((skills[person].age_bias_years.value or math.nan) - AGE_BIASES[person])
            for person in HONEST
        },
        jaw_shift_error=float(np.linalg.norm(found_shift - JAW_SHIFT)),
        offsets_invented=sum(
            skills[person].offsets[region].is_systematic
            for person in HONEST
            for region in REGIONS
            if (person, region) != ("jaw", "jaw")
        ),
        verdicts={person: reports[person].verdict for person in PEOPLE},
        paused_after={person: paused_after(reports[person]) for person in ("random", "careless")},
        careless_paused_by_checks=any(
            each.respect == CHECKS and each.verdict == Verdict.PAUSE for each in reports["careless"].watched
        ),
        errors=errors,
        wrong_words=wrong_words(faces, gold, answers, labelled),
    )


def turns(faces: int, random: np.random.Generator) -> list[Any]:
    """Three different people a face, everybody equally often but for the last few."""
    order = np.concatenate([random.permutation(len(PEOPLE)) for _ in range(faces * PEOPLE_PER_FACE // 6 + 1)])
    return [order[3 * n : 3 * n + 3] for n in range(faces)]


def judged(
    gold: Sequence[FaceLabels],
    answers: Mapping[str, Sequence[FaceLabels]],
    size: Size,
    random: np.random.Generator,
) -> tuple[dict[str, WatchReport], dict[str, Skill]]:
    """Each person's verdict and skill."""
    passing = dict.fromkeys(HONEST, 0.1) | {"random": 0.5, "careless": 1.0}
    finding = dict.fromkeys(HONEST, 0.93) | {"random": 0.4, "careless": 0.0}
    reports, skills = {}, {}
    for person in PEOPLE:
        every = [GoldAnswer(given, truth) for given, truth in zip(answers[person], gold, strict=True)]
        checks = (random.random(size.planted_checks) < passing[person]).tolist()
        sweeps = (random.random(size.swept_faces) < finding[person]).tolist()
        reports[person] = watch(failures_of(every, POLICY, planted_checks=checks, swept_faces=sweeps))
        skills[person] = skill(every, planted_checks=checks, swept_faces=sweeps)
    return reports, skills


def trust_in(report: WatchReport, found: Skill) -> Trust:
    """A paused person's labels are left out; a systematic offset is taken off."""
    offsets = [
        [offset.x.value or 0.0, offset.y.value or 0.0] if offset.is_systematic else [0.0, 0.0]
        for offset in found.offsets.values()
    ]
    return Trust(0.0 if report.verdict == Verdict.PAUSE else 1.0, np.array(offsets))


def paused_after(report: WatchReport) -> int:
    """Answers in the respect that paused first; 0 for nobody paused."""
    return min((each.paused_after for each in report.watched if each.paused_after), default=0)


def fitted_ages(
    gold: Sequence[FaceLabels],
    answers: Mapping[str, Sequence[FaceLabels]],
    labelled: Sequence[Mapping[str, FaceLabels]],
) -> AgeModel[int, str]:
    """All ages that were given, with those of gold faces (keys below zero) as anchors."""
    votes: list[tuple[int, str, float]] = []
    for number, given in enumerate(labelled):
        votes += [(number, person, labels.age) for person, labels in given.items() if labels.age is not None]
    for person, every in answers.items():
        votes += [(-1 - n, person, labels.age) for n, labels in enumerate(every) if labels.age is not None]
    trusted = {-1 - n: truth.age for n, truth in enumerate(gold) if truth.age is not None}
    return fit_age_biases(votes, trusted)


def plain_mean(given: Mapping[str, FaceLabels]) -> FaceLabels:
    """Arithmetic means of everything."""
    return FaceLabels(
        Box(*np.mean([labels.box for labels in given.values()], axis=0)),
        np.mean([points_of(labels) for labels in given.values()], axis=0).astype(np.float32),
        None,
        float(np.mean([labels.age for labels in given.values()])),
    )


def mean_age_error(faces: Sequence[FaceLabels], found: Sequence[float | None]) -> float:
    return float(
        np.mean([abs((age or 0.0) - (face.age or 0.0)) for face, age in zip(faces, found, strict=True)])
    )


def mean_nme_box(faces: Sequence[FaceLabels], found: Sequence[FaceLabels]) -> float:
    errors = [
        np.linalg.norm(points_of(a) - points_of(b), axis=1).mean() / a.box.width
        for a, b in zip(faces, found, strict=True)
    ]
    return float(np.mean(errors))


def mean_box_error(faces: Sequence[FaceLabels], found: Sequence[FaceLabels]) -> float:
    """One minus IoU."""
    return float(np.mean([1 - iou(a.box, b.box) for a, b in zip(faces, found, strict=True)]))


def wrong_words(
    faces: Sequence[FaceLabels],
    gold: Sequence[FaceLabels],
    answers: Mapping[str, Sequence[FaceLabels]],
    labelled: Sequence[Mapping[str, FaceLabels]],
) -> dict[str, float]:
    """Share of faces with the wrong ethnicity, by majority (a tie counts as wrong) and by Dawid and Skene."""
    votes = [
        (number, person, labels.ethnicity or "")
        for number, given in enumerate(labelled)
        for person, labels in given.items()
    ]
    on_gold = [
        (-1 - n, person, labels.ethnicity or "")
        for person, every in answers.items()
        for n, labels in enumerate(every)
    ]
    known = {-1 - n: truth.ethnicity or "" for n, truth in enumerate(gold)}
    found = dawid_skene([*votes, *on_gold], POLICY.ethnicities, known=known, smoothing=1.0)
    likely = found.classes(POLICY.ethnicities)
    by_majority = [majority(labels.ethnicity for labels in given.values()).winner for given in labelled]
    return {
        "majority": float(np.mean([w != f.ethnicity for w, f in zip(by_majority, faces, strict=True)])),
        "dawid_skene": float(np.mean([likely[n] != face.ethnicity for n, face in enumerate(faces)])),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--seeds", type=int, default=20)
    options.add_argument("--faces", type=int, default=Size().faces)
    options.add_argument("--gold-faces", type=int, default=Size().gold_faces)
    given = options.parse_args()
    started = time.monotonic()
    size = Size(faces=given.faces, gold_faces=given.gold_faces)
    found = []
    for seed in range(given.seeds):
        found.append(one(seed, size))
        print(line(seed, found[-1]), flush=True)
    print(json.dumps(summary(found, size) | {"seconds": round(time.monotonic() - started, 1)}))


def line(seed: int, outcome: Outcome) -> str:
    """One seed for the eye."""
    ratios = ", ".join(f"{task} {ratio(outcome, task, 'plain'):.2f}" for task in outcome.errors)
    verdicts = ", ".join(f"{person} {verdict}" for person, verdict in outcome.verdicts.items())
    return (
        f"seed {seed}: age bias within {max(outcome.age_bias_errors.values()):.2f} years, jaw within "
        f"{100 * outcome.jaw_shift_error:.2f} % NME; {verdicts}; error over the plain mean's: {ratios}"
    )


def ratio(outcome: Outcome, task: str, way: str) -> float:
    return outcome.errors[task]["aggregated"] / outcome.errors[task][way]


def summary(found: Sequence[Outcome], size: Size) -> dict[str, Any]:
    """The last line's keys."""
    tasks = tuple(found[0].errors)

    def verdicts(people: Sequence[str], verdict: Verdict) -> int:
        return sum(each.verdicts[person] == verdict for each in found for person in people)

    worst = {task: max(ratio(each, task, "plain") for each in found) for task in tasks}
    return {
        "seeds": len(found),
        "faces": size.faces,
        "people_per_face": PEOPLE_PER_FACE,
        "gold_faces_per_person": size.gold_faces,
        "planted_checks_per_person": size.planted_checks,
        "swept_faces_per_person": size.swept_faces,
        "age_noise_sd_years": AGE_NOISE_SD,
        "worst_age_bias_error_years": round(max(max(each.age_bias_errors.values()) for each in found), 3),
        "worst_age_bias_error_years_gold_only": round(
            max(max(each.gold_only_age_bias_errors.values()) for each in found), 3
        ),
        "worst_jaw_shift_error_nme_box": round(max(each.jaw_shift_error for each in found), 4),
        "offsets_invented": sum(each.offsets_invented for each in found),
        "offsets_tested": len(found) * (len(HONEST) * len(REGIONS) - 1),
        "random_paused": verdicts(["random"], Verdict.PAUSE),
        "careless_paused": verdicts(["careless"], Verdict.PAUSE),
        "careless_paused_by_planted_checks": sum(each.careless_paused_by_checks for each in found),
        "answers_until_paused": {
            person: max(each.paused_after[person] for each in found) for person in ("random", "careless")
        },
        "honest_paused": verdicts(HONEST, Verdict.PAUSE),
        "honest_warned": verdicts(HONEST, Verdict.WARN),
        "aggregated_over_plain_mean": round(max(worst.values()), 3),
        **{f"{task}_over_plain_mean": round(value, 3) for task, value in worst.items()},
        **{
            f"{task}_over_plain_mean_honest": round(
                max(ratio(each, task, "plain_honest") for each in found), 3
            )
            for task in tasks
        },
        "ethnicity_wrong_majority": round(float(np.mean([e.wrong_words["majority"] for e in found])), 4),
        "ethnicity_wrong_dawid_skene": round(
            float(np.mean([e.wrong_words["dawid_skene"] for e in found])), 4
        ),
    }


if __name__ == "__main__":
    main()
