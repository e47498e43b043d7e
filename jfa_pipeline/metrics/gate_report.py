"""The gate's comparison in words and plain JSON, as it is stored with a training run and shown on its page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from jfa_pipeline.metrics.gate import Cell, Comparison
from jfa_pipeline.metrics.judged import AGE_CAP_YEARS, NME_CAP

TASK_WORDS: Final = {
    "detection": "finding faces",
    "landmarks": "landmarks",
    "age": "age",
    "gender": "gender",
    "ethnicity": "ethnicity",
}
GROUP_WORDS: Final = {
    "age_band": "faces aged {}",
    "gender": "faces of gender {}",
    "ethnicity": "faces of ethnicity {}",
    "face_size": "{} faces",
}
MEASURE_WORDS: Final = {
    "ap50": "AP50",
    "recall": "share found",
    "nme_interocular": "NME",
    "age_mae": "years off",
    "gender_acc": "share right",
    "ethnicity_acc": "share right",
}
NO_TEST_FACES: Final = (
    "The release has no face in its test split, so nothing can be compared. Set the policy's test share, import "
    "photographs (the split is drawn when they arrive), label the test images and freeze a new release; or promote "
    "the model by hand with a reason."
)


def report_json(
    comparison: Comparison,
    *,
    challenger: dict[str, Any],
    against: dict[str, Any],
    release: int | None,
    images: int,
    unreadable: Sequence[str] = (),
) -> dict[str, Any]:
    """The report. challenger, against: ``kind`` (model or coarse), ``name`` and ``number`` (None for coarse)."""
    return {
        "decision": comparison.decision,
        "reasons": reasons(comparison),
        "overall": {cell.task: _cell_json(cell) for cell in comparison.overall},
        "groups": [
            {"group": cell.group, "value": cell.value, "task": cell.task, **_cell_json(cell)}
            for cell in comparison.groups
        ],
        "challenger": challenger,
        "against": against,
        "release": release,
        "test_faces": comparison.faces,
        "test_images": images,
        "unreadable": list(unreadable),
        "seed": comparison.seed,
        "method": {
            **comparison.method(),
            "caps": {"nme_interocular": NME_CAP, "age_years": AGE_CAP_YEARS},
            "sentence": _method_sentence(comparison),
        },
    }


def not_compared(
    code: str, sentence: str, *, challenger: dict[str, Any], against: dict[str, Any], release: int | None
) -> dict[str, Any]:
    """The report of a challenger that is kept because nothing could be compared."""
    return {
        "decision": "keep",
        "reasons": [reason(code, sentence)],
        "overall": {},
        "groups": [],
        "challenger": challenger,
        "against": against,
        "release": release,
        "test_faces": 0,
        "test_images": 0,
        "unreadable": [],
        "seed": 0,
        "method": {},
    }


def reason(code: str, sentence: str, cell: Cell | None = None) -> dict[str, Any]:
    """One reason: a stable code, a sentence for people, and the task and group it is about, if any."""
    found: dict[str, Any] = {"code": code, "sentence": sentence}
    if cell is not None:
        found["task"] = cell.task
        if cell.group:
            found |= {"group": cell.group, "value": cell.value}
    return found


def reasons(comparison: Comparison) -> list[dict[str, Any]]:
    """What decided, most important first, then what could not be told."""
    found = [reason(code, _obstacle(code, cell, comparison), cell) for code, cell in comparison.obstacles()]
    if not found:
        found = [
            reason("better_overall", f"Better overall: {cell_in_words(cell)}.", cell)
            for cell in comparison.overall
            if cell.verdict == "better"
        ]
        found.append(reason("no_group_worse", "No group is worse in any task beyond its interval."))
    unsure = [cell for cell in comparison.groups if cell.verdict == "not_enough_evidence"]
    if unsure:
        by_group = Counter((cell.group, cell.value) for cell in unsure)
        named = ", ".join(GROUP_WORDS[group].format(value) for group, value in by_group)
        sentence = (
            f"Not enough evidence in {len(unsure)} of {len(comparison.groups)} groups and tasks: {named}. "
            "A loss there can be neither shown nor excluded; more test faces of these groups would tell."
        )
        found.append(reason("not_enough_evidence", sentence))
    return found


def _obstacle(code: str, cell: Cell | None, comparison: Comparison) -> str:
    if cell is not None:
        where = "overall" if not cell.group else f"for {GROUP_WORDS[cell.group].format(cell.value)}"
        return f"Worse {where}: {cell_in_words(cell)}."
    if code == "no_test_faces":
        return NO_TEST_FACES
    if code == "too_few_test_faces":
        least = comparison.method()
        return (
            f"The test split has {comparison.faces} faces of {comparison.clusters} subjects or images; a comparison "
            f"needs {least['least_faces']} labelled ones of {least['least_clusters']}. Label more test images and "
            "freeze a new release, or promote the model by hand with a reason."
        )
    if code == "not_better_overall":
        return "In no task is it better beyond the interval of the difference."
    return (
        f"Better in one task, but not on balance: over all tasks the mean gain is {comparison.balance:.2f} "
        "standard errors."
    )


def cell_in_words(cell: Cell) -> str:
    """Both candidates' figures and the gain: shares and NME in percent, ages in years."""
    is_age = cell.task == "age"

    def shown(value: float) -> str:
        return f"{value if is_age else 100 * value:.1f}"

    percent, unit = ("", "years") if is_age else (" %", "points")
    text = (
        f"{TASK_WORDS[cell.task]}, {MEASURE_WORDS[cell.measure]} {shown(cell.challenger)}{percent} instead of "
        f"{shown(cell.champion)}{percent} on {cell.n} faces"
    )
    if cell.low is None or cell.high is None:
        return text
    gain, low, high = (shown(value) for value in (cell.difference, cell.low, cell.high))
    return f"{text} (gain {gain} {unit}, interval {low} to {high})"


def _method_sentence(comparison: Comparison) -> str:
    return (
        f"Paired bootstrap over {comparison.clusters} subjects or images, {comparison.resamples} resamples; intervals "
        "that hold at once with 95 % for all tasks, and for all groups and tasks. A gain is positive where the "
        "challenger is better. A missed face counts as wrong, as an NME of "
        f"{NME_CAP:.0%} or {AGE_CAP_YEARS:.0f} years off."
    )


def _cell_json(cell: Cell) -> dict[str, Any]:
    return {
        "measure": cell.measure,
        "n": cell.n,
        "challenger": cell.challenger,
        "champion": cell.champion,
        "difference": cell.difference,
        "low": cell.low,
        "high": cell.high,
        "verdict": cell.verdict,
        "needed": cell.needed,
    }
