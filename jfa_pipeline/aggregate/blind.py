"""What a checker is shown where the policy asks for labels blind, and what a blind answer replaces."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from jfa_pipeline.aggregate.agreement import compare
from jfa_pipeline.aggregate.combining import CombinedFace, combine
from jfa_pipeline.core.keys import Key
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy

PersonKey = TypeVar("PersonKey", bound=Key)
"""What names a person."""

WORDS: Final = ("gender", "ethnicity")


def shown_to_checker(base: FaceLabels, prelabel: FaceLabels | None, policy: Policy) -> FaceLabels:
    """The labels that a check starts from: ``base`` without what ``policy.blind_in_checks`` asks for blind.

    Blind landmarks start where the annotator's did, from the pre-label's points, so that everybody's answer has the
    same beginning; without a pre-label, or where a flag of ``base`` removes landmarks, there are none. Blind words
    start empty. Age is never shown. prelabel: as people may see it (box only for a blind face).
    """
    shown = without_blind(base, policy)
    start = None if prelabel is None else prelabel.landmarks
    if (
        start is None
        or "landmarks" not in policy.blind_in_checks
        or "landmarks" in policy.removed_by(base.flags)
    ):
        return shown
    assert prelabel is not None  # noqa: S101  # it has landmarks
    return replace(shown, landmarks=prelabel.landmarks, visibility=prelabel.visibility)


def without_blind(labels: FaceLabels, policy: Policy) -> FaceLabels:
    """``labels`` as a checker may see them: without age and without what is asked blind."""
    return _with_parts(labels.without_age(), FaceLabels(box=labels.box), policy.blind_in_checks)


def with_own(base: FaceLabels, given: FaceLabels, policy: Policy) -> FaceLabels:
    """``base`` with the checker's own age and blind answers: what a checker agrees to who changes nothing seen."""
    return _with_parts(base, given, policy.blind_in_checks).with_age(given.age)


def _with_parts(labels: FaceLabels, source: FaceLabels, parts: Collection[str]) -> FaceLabels:
    """``labels`` with the named parts taken from ``source``."""
    if not parts:
        return labels
    if "landmarks" in parts:
        labels = replace(labels, landmarks=source.landmarks, visibility=source.visibility)
    return replace(labels, **{word: getattr(source, word) for word in WORDS if word in parts})


def supported_version(versions: Sequence[FaceLabels], policy: Policy) -> int | None:
    """The index of the version that more than half of the people agree with, its own author among them.

    versions: one labelling for each person, oldest first. Agreeing is ``compare`` within the policy's thresholds.
    Of several such versions the one with most supporters, of those the newest. None without a majority.
    """
    support = [sum(compare(own, other, policy).agrees for other in versions) for own in versions]
    best = max(range(len(versions)), key=lambda at: (support[at], at), default=None)
    return best if best is not None and 2 * support[best] > len(versions) else None


def combine_blind(
    current: FaceLabels,
    given: Mapping[PersonKey, FaceLabels],
    policy: Policy,
    *,
    parts: Collection[str] | None = None,
) -> tuple[FaceLabels, tuple[str, ...], CombinedFace[PersonKey]]:
    """``current`` with its blind labels combined from what several people gave independently.

    Landmarks: geometric median of each point; words: majority (``combining.combine``). Returned are the labels
    without age, the blind labels that are tied and go to a person, and everything that ``combine`` found.
    What a flag of ``current`` removes stays away. parts: the labels to combine, without it the policy's blind ones.
    Raises ValueError without people.
    """
    combined = combine(given, policy)
    wanted = set(policy.blind_in_checks if parts is None else parts) - policy.removed_by(current.flags)
    if combined.labels.landmarks is None:
        wanted -= {"landmarks"}
    tied = tuple(part for part in combined.undecided if part in wanted)
    labels = _with_parts(current.without_age(), combined.labels, wanted - set(tied))
    return labels, tied, combined
