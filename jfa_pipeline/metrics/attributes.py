"""Attributes on faces matched to a detection, with their coverage (T47)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AttributeScore:
    """value: the figure (years or a share) over ``n`` faces; labelled_n: faces that carry a true label."""

    value: float | None
    n: int
    labelled_n: int

    @property
    def coverage(self) -> float | None:
        """Share of the labelled faces that the figure is about."""
        return self.n / self.labelled_n if self.labelled_n else None


def age_errors(pairs: Iterable[tuple[float | None, float | None]]) -> list[float]:
    """Absolute errors in years of (found, true) pairs that have both."""
    return [abs(found - true) for found, true in pairs if found is not None and true is not None]


def age_mae(pairs: Iterable[tuple[float | None, float | None]]) -> AttributeScore:
    """Mean absolute error in years of (found, true) ages; a face not found has None."""
    known = [pair for pair in pairs if pair[1] is not None]
    errors = age_errors(known)
    return AttributeScore(sum(errors) / len(errors) if errors else None, len(errors), len(known))


def accuracy(pairs: Iterable[tuple[str | None, str | None]]) -> AttributeScore:
    """Share of equal (found, true) classes; a face not found, or without an answer, has None."""
    known = [pair for pair in pairs if pair[1] is not None]
    answered = [(found, true) for found, true in known if found is not None]
    right = sum(found == true for found, true in answered)
    return AttributeScore(right / len(answered) if answered else None, len(answered), len(known))


def confusion(pairs: Iterable[tuple[str | None, str | None]]) -> dict[tuple[str, str], int]:
    """How often each (found, true) pair of classes occurs, over pairs that have both."""
    return dict(Counter((f, t) for f, t in pairs if f is not None and t is not None))
