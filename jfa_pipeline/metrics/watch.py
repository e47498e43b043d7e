"""When to warn a person and when to pause them: a test of their gold answers that may be read after every answer.

An answer passes or fails in each respect (box, landmarks, age, ..., a planted wrong label waved through). The admin
says which share of failures is acceptable. The evidence against "fails no more often than that" is a betting score: it
starts at 1 and, whenever a person is acceptable, its expectation never grows, so by Ville's inequality it ever
reaches 1 / a with probability a at most. That bounds the false alarms of a person's whole career, however often
anyone looks, which a rule on a running share cannot. A person may become worse later: the score is a mixture over
all answers at which that may have begun, answer k with weight 1 / (k (k + 1)), and over three sizes of the change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

from jfa_pipeline.core.boxes import iou
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.landmarks import nme
from jfa_pipeline.metrics.skill import ATTRIBUTES, GoldAnswer

CHECKS: Final = "planted_checks"
SWEEPS: Final = "sweeps"
FRACTIONS_TO_CERTAIN: Final = (0.25, 0.5, 0.9)
"""The failure rates that are betted on lie so far on the way from the acceptable one to 1."""


class Verdict(StrEnum):
    """What follows from a person's gold answers."""

    FINE = "fine"
    WARN = "warn"
    PAUSE = "pause"


def _default_shares() -> dict[str, float]:
    return {
        "box": 0.1,
        "landmarks": 0.1,
        "age": 0.15,
        "gender": 0.1,
        "ethnicity": 0.2,
        "flags": 0.15,
        CHECKS: 0.35,
        SWEEPS: 0.25,
    }


@dataclass(frozen=True, slots=True)
class WatchRule:
    """The admin's thresholds. acceptable: share of failures that is still fine, in each respect that is watched.

    warn_false_alarms, pause_false_alarms: probability that a person who is fine in every respect is ever warned or
    ever paused, all respects together. answers_min: nobody is judged in a respect before that many answers in it.
    age_years_max: an age further from the trusted one than this fails. Box and landmarks fail by the policy's
    thresholds. Raises ValueError for a number that makes no sense.
    """

    acceptable: Mapping[str, float] = field(default_factory=_default_shares)
    warn_false_alarms: float = 0.05
    pause_false_alarms: float = 0.001
    answers_min: int = 10
    age_years_max: float = 12.0

    def __post_init__(self) -> None:
        if not self.acceptable or not all(0 < share < 1 for share in self.acceptable.values()):
            raise ValueError("acceptable: for each respect a share of failures between 0 and 1.")
        if not 0 < self.pause_false_alarms <= self.warn_false_alarms < 1:
            raise ValueError(
                "A pause needs a probability of false alarms above 0, and no larger than a warning's."
            )
        if self.answers_min < 1 or not self.age_years_max > 0:
            raise ValueError("answers_min: at least 1. age_years_max: more than 0.")


@dataclass(frozen=True, slots=True)
class Watched:
    """One respect. evidence: 1 is none; warn_at, pause_at: the evidence that leads to it, once judged.

    warned_after, paused_after: answers until the verdict was first reached, None if it was not.
    """

    respect: str
    verdict: Verdict
    failures: int
    n: int
    acceptable: float
    evidence: float
    warned_after: int | None
    paused_after: int | None

    @property
    def sentence(self) -> str:
        """For the person and the admin."""
        share = f"{self.failures} of {self.n} gold answers failed in {self.respect.replace('_', ' ')}"
        return f"{share}; {100 * self.acceptable:.0f} % is acceptable."


@dataclass(frozen=True, slots=True)
class WatchReport:
    """verdict: the worst over all respects. watched: each respect in which there was an answer."""

    verdict: Verdict
    watched: tuple[Watched, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """A sentence for each respect that is not fine, worst first."""
        bad = [each for each in self.watched if each.verdict != Verdict.FINE]
        return tuple(each.sentence for each in sorted(bad, key=lambda each: -each.evidence))


def watch(failures: Mapping[str, Sequence[bool]], rule: WatchRule | None = None) -> WatchReport:
    """Judge one person by what failed, oldest answer first, in each respect.

    failures: respect -> whether each answer failed. A verdict once reached stays until the admin lifts it, after
    which the caller passes the answers since then. Respects that the rule does not name are left out.
    """
    used = rule or WatchRule()
    watched = tuple(
        _watched(respect, failures[respect], used)
        for respect in used.acceptable
        if len(failures.get(respect, ()))
    )
    order = list(Verdict)
    worst = max((each.verdict for each in watched), key=order.index, default=Verdict.FINE)
    return WatchReport(worst, watched)


def _watched(respect: str, failed: Sequence[bool], rule: WatchRule) -> Watched:
    acceptable = rule.acceptable[respect]
    respects = len(rule.acceptable)
    scores = evidence(failed, acceptable)
    judged = np.arange(1, len(scores) + 1) >= rule.answers_min
    after = {
        verdict: next(iter(np.flatnonzero(judged & (scores >= respects / alarms)) + 1), None)
        for verdict, alarms in (
            (Verdict.WARN, rule.warn_false_alarms),
            (Verdict.PAUSE, rule.pause_false_alarms),
        )
    }
    paused, warned = after[Verdict.PAUSE], after[Verdict.WARN]
    verdict = Verdict.FINE if warned is None else Verdict.WARN if paused is None else Verdict.PAUSE
    return Watched(
        respect=respect,
        verdict=verdict,
        failures=sum(map(bool, failed)),
        n=len(failed),
        acceptable=acceptable,
        evidence=float(scores[-1]),
        warned_after=None if warned is None else int(warned),
        paused_after=None if paused is None else int(paused),
    )


def evidence(failed: Sequence[bool], acceptable: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """(N,) evidence after each answer that failures are more frequent than ``acceptable``.

    For any true rate up to ``acceptable``, whatever the past, P(it ever reaches x) <= 1 / x.
    """
    rates = acceptable + (1 - acceptable) * np.array(FRACTIONS_TO_CERTAIN)
    begun = np.zeros(len(rates))
    found = np.empty(len(failed))
    for k, fails in enumerate(failed, start=1):
        factor = rates / acceptable if fails else (1 - rates) / (1 - acceptable)
        begun = np.minimum((begun + 1 / (k * (k + 1))) * factor, 1e300)
        found[k - 1] = begun.mean() + 1 / (k + 1)
    return found


def failures_of(
    answers: Iterable[GoldAnswer],
    policy: Policy,
    rule: WatchRule | None = None,
    *,
    planted_checks: Sequence[bool] = (),
    swept_faces: Sequence[bool] = (),
) -> dict[str, list[bool]]:
    """Which gold answers failed, in each respect, oldest first, for ``watch``.

    A label that the trusted labels do not carry is not judged; one that they carry and the answer lacks fails.
    planted_checks: whether each planted wrong label was let pass. swept_faces: whether each known missed face was
    found.
    """
    used = rule or WatchRule()
    failed: dict[str, list[bool]] = {respect: [] for respect in used.acceptable}

    def note(respect: str, fails: bool) -> None:
        if respect in failed:
            failed[respect].append(fails)

    for answer in answers:
        given, truth = answer.given, answer.truth
        note("box", iou(given.box, truth.box) < policy.box_iou_min)
        note("flags", given.flags != truth.flags)
        if truth.landmarks is not None:
            error = (
                float("nan")
                if given.landmarks is None
                else nme(given.landmarks, truth.landmarks, normaliser="box_side", box=truth.box)
            )
            note("landmarks", not error <= policy.landmark_nme_max)
        if truth.age is not None:
            note("age", given.age is None or abs(given.age - truth.age) > used.age_years_max)
        for name in ATTRIBUTES:
            if getattr(truth, name) is not None:
                note(name, getattr(given, name) != getattr(truth, name))
    for passed in planted_checks:
        note(CHECKS, passed)
    for was_found in swept_faces:
        note(SWEEPS, not was_found)
    return failed
