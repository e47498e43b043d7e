"""The labelling policy: label schema, rules enforced on save, checks and thresholds (J06, J07, A22, A23)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from jfa_pipeline.core.labels import FaceLabels

LABELS: Final = ("landmarks", "age", "gender", "ethnicity")
"""What a face can carry beside its box; each flag names which of them it removes."""

LONGEST_NAME: Final = 40
"""Characters of the name of a class or flag."""

LARGEST_SIDE: Final = 10_000
"""Pixels; no size rule asks for larger faces."""

ORDERS: Final = ("arrival", "learning")
"""How open faces are offered: as they came, or those first that a model learns most from."""

DISTRIBUTIONS: Final = ("pull", "even")
"""Who gets how much: whoever asks, or everybody active the same number of each pass."""

MAY_BE_BLIND: Final = ("landmarks", "gender", "ethnicity")
"""What a check may be asked for without being shown; age is always asked blind."""

ON_DISAGREEMENT: Final = ("adjudicate", "another_check")
ATTRIBUTES_BY: Final = ("majority", "dawid_skene")
REGION_NAMES: Final = ("jaw", "brows", "nose", "eyes", "lips")
WATCHED: Final = ("box", "landmarks", "age", "gender", "ethnicity", "flags", "planted_checks", "sweeps")
"""Respects in which gold answers can fail (``metrics.watch``)."""

WORD_FIELDS: Final = ("genders", "ethnicities", "required", "blind_in_checks")

NOT_A_FACE: Final = "not_a_face"
TOO_SMALL: Final = "too_small"


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that a set of labels breaks: a stable code, the label it is about, what to change."""

    code: str
    label: str
    message: str


class PolicyInvalid(ValueError):
    """A policy that cannot be used; the message says which field and why."""


def _default_flags() -> dict[str, tuple[str, ...]]:
    return {
        "occluded": LABELS,
        "blurred": LABELS,
        "profile": ("landmarks",),
        NOT_A_FACE: LABELS,
    }


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a dataset's policy. Field names are the keys of its JSON form.

    genders, ethnicities: attribute classes. cannot_tell: the answer for "I cannot tell", offered for both.
    flags: flag name -> labels that the flag removes (J07). min_side_px: a face is offered only if the
    smaller box side is longer than this (A23: strictly). checks: cross-checks per face by different people,
    none of them the author (A22). box_iou_min, landmark_nme_max, age is never compared: a check that differs
    more than this from what it checked goes to adjudication; landmark_nme_max is the mean point distance over
    sqrt(box area). lease_minutes: how long a claimed item is held without a heartbeat.
    test_share: part of the images drawn into the test split when they arrive, which nobody pre-labels.
    blind_share: part of the pre-labelled faces of which people see the box only. order: one of ORDERS; with
    "learning", random_share of the faces keeps the order of arrival, so that a part of the work stays an
    unbiased sample. distribution: one of DISTRIBUTIONS.

    Cross-check. blind_in_checks: labels that a checker gives without seeing anybody's. region_nme_max: tolerances
    for single regions, in box sides, on top of the whole face's; a region that is not named has none.
    on_disagreement: one of ON_DISAGREEMENT; with "another_check" a face that people differ about is checked again,
    up to checks_max checks, before an adjudicator decides. age_error_max: more people are asked for the age until the
    standard error of its mean is at most so many years, or age_people_max people gave one; 0 never asks for more.
    attributes_by: one of ATTRIBUTES_BY, how several people's blind words become one.

    Gold. gold_share: part of the handed out items that are gold. resweep_share: part of the sweeps that somebody
    else does again. watch_acceptable: respect of WATCHED -> share of failed gold answers that is fine, where
    the default of ``metrics.watch`` is not wanted. watch_pauses: whether a person far below is paused, or only
    warned about. gold_age_years_max: an age on gold that is further off than this fails.

    tutorial_required: whether people are handed nothing before they have gone through the tutorial, where there is one.
    """

    genders: tuple[str, ...] = ("female", "male")
    ethnicities: tuple[str, ...] = ("asian", "black", "white")
    cannot_tell: str = "unsure"
    flags: dict[str, tuple[str, ...]] = field(default_factory=_default_flags)
    required: tuple[str, ...] = LABELS
    min_side_px: float = 30.0
    checks: int = 2
    box_iou_min: float = 0.7
    landmark_nme_max: float = 0.05
    lease_minutes: int = 10
    test_share: float = 0.0
    blind_share: float = 0.0
    order: str = "arrival"
    random_share: float = 0.2
    distribution: str = "pull"
    blind_in_checks: tuple[str, ...] = ()
    region_nme_max: dict[str, float] = field(default_factory=dict)
    on_disagreement: str = "adjudicate"
    checks_max: int = 4
    age_error_max: float = 0.0
    age_people_max: int = 6
    attributes_by: str = "majority"
    gold_share: float = 0.0
    resweep_share: float = 0.0
    watch_acceptable: dict[str, float] = field(default_factory=dict)
    watch_pauses: bool = True
    gold_age_years_max: float = 12.0
    tutorial_required: bool = False

    @classmethod
    def of_new_dataset(cls) -> Policy:
        """What a new dataset starts with; a policy stored without these shares goes on meaning "none"."""
        return cls(test_share=0.1, blind_share=0.02)

    def __post_init__(self) -> None:
        """Raises PolicyInvalid for a policy that could not be enforced."""
        self._check_types()
        for name in ("genders", "ethnicities"):
            classes = getattr(self, name)
            if not classes or len(set(classes)) != len(classes) or not all(classes):
                raise PolicyInvalid(f"{name}: give at least one class, each named once.")
            if self.cannot_tell in classes:
                raise PolicyInvalid(f"{name}: {self.cannot_tell!r} is the word for 'cannot tell'.")
        if NOT_A_FACE not in self.flags:
            raise PolicyInvalid(f"flags: {NOT_A_FACE!r} is needed, it is how a false detection is rejected.")
        for flag, removed in self.flags.items():
            if unknown := set(removed) - set(LABELS):
                raise PolicyInvalid(f"flags: {flag} removes unknown labels {sorted(unknown)}.")
        if unknown := set(self.required) - set(LABELS):
            raise PolicyInvalid(f"required: unknown labels {sorted(unknown)}.")
        if not 0 <= self.checks <= 10:
            raise PolicyInvalid("checks: a whole number from 0 to 10.")
        if not 0 <= self.box_iou_min <= 1:
            raise PolicyInvalid("box_iou_min: between 0 and 1.")
        if not self.landmark_nme_max > 0:
            raise PolicyInvalid("landmark_nme_max: more than 0.")
        if not 0 <= self.min_side_px <= LARGEST_SIDE:
            raise PolicyInvalid(f"min_side_px: from 0 to {LARGEST_SIDE} pixels.")
        if not 1 <= self.lease_minutes <= 24 * 60:
            raise PolicyInvalid("lease_minutes: from 1 to 1440.")
        if not 0 <= self.test_share <= 0.5:
            raise PolicyInvalid(
                "test_share: from 0 to 0.5, the part of the images that models are tested on."
            )
        if not 0 <= self.blind_share <= 1:
            raise PolicyInvalid("blind_share: from 0 to 1, the part of the faces shown without a pre-label.")
        if self.order not in ORDERS:
            raise PolicyInvalid(f"order: one of {', '.join(ORDERS)}.")
        if not 0.05 <= self.random_share <= 1:
            raise PolicyInvalid(
                "random_share: from 0.05 to 1; a smaller part would say nothing about the rest."
            )
        self._check_cross_checks()
        self._check_gold()

    def _check_cross_checks(self) -> None:
        if self.distribution not in DISTRIBUTIONS:
            raise PolicyInvalid(f"distribution: one of {', '.join(DISTRIBUTIONS)}.")
        if unknown := set(self.blind_in_checks) - set(MAY_BE_BLIND):
            raise PolicyInvalid(f"blind_in_checks: unknown labels {sorted(unknown)}.")
        if unknown := set(self.region_nme_max) - set(REGION_NAMES):
            raise PolicyInvalid(f"region_nme_max: unknown regions {sorted(unknown)}.")
        if not all(limit > 0 for limit in self.region_nme_max.values()):
            raise PolicyInvalid("region_nme_max: more than 0 for each region.")
        if self.on_disagreement not in ON_DISAGREEMENT:
            raise PolicyInvalid(f"on_disagreement: one of {', '.join(ON_DISAGREEMENT)}.")
        if not 1 <= self.checks_max <= 20:
            raise PolicyInvalid("checks_max: a whole number from 1 to 20.")
        if not 0 <= self.age_error_max <= 50:
            raise PolicyInvalid("age_error_max: from 0 (ask nobody more) to 50 years.")
        if not 1 <= self.age_people_max <= 50:
            raise PolicyInvalid("age_people_max: a whole number from 1 to 50.")
        if self.attributes_by not in ATTRIBUTES_BY:
            raise PolicyInvalid(f"attributes_by: one of {', '.join(ATTRIBUTES_BY)}.")

    def _check_gold(self) -> None:
        if not 0 <= self.gold_share <= 0.5:
            raise PolicyInvalid("gold_share: from 0 to 0.5, the part of the handed out items that are gold.")
        if not 0 <= self.resweep_share <= 1:
            raise PolicyInvalid("resweep_share: from 0 to 1, the part of the sweeps that are done twice.")
        if unknown := set(self.watch_acceptable) - set(WATCHED):
            raise PolicyInvalid(f"watch_acceptable: unknown names {sorted(unknown)}.")
        if not all(0 < share < 1 for share in self.watch_acceptable.values()):
            raise PolicyInvalid("watch_acceptable: a share of failures between 0 and 1 for each.")
        if not 0 < self.gold_age_years_max <= 100:
            raise PolicyInvalid("gold_age_years_max: more than 0, at most 100 years.")

    def _check_types(self) -> None:
        """Raises PolicyInvalid for a value of the wrong type, and for a name that no column could hold."""
        for name in ("checks", "lease_minutes", "checks_max", "age_people_max"):
            if type(getattr(self, name)) is not int:
                raise PolicyInvalid(f"{name}: a whole number.")
        for name in (
            "min_side_px",
            "box_iou_min",
            "landmark_nme_max",
            "test_share",
            "blind_share",
            "random_share",
            "age_error_max",
            "gold_share",
            "resweep_share",
            "gold_age_years_max",
        ):
            if not _is_number(getattr(self, name)):
                raise PolicyInvalid(f"{name}: a number.")
        for name in ("region_nme_max", "watch_acceptable"):
            given = getattr(self, name)
            if not isinstance(given, Mapping) or not all(_is_number(value) for value in given.values()):
                raise PolicyInvalid(f"{name}: names, each with a number.")
        for name in ("watch_pauses", "tutorial_required"):
            if type(getattr(self, name)) is not bool:
                raise PolicyInvalid(f"{name}: true or false.")
        for name in ("genders", "ethnicities", "flags"):
            if any(len(word) > LONGEST_NAME for word in getattr(self, name)):
                raise PolicyInvalid(f"{name}: a name has at most {LONGEST_NAME} characters.")
        if not isinstance(self.cannot_tell, str) or not 1 <= len(self.cannot_tell) <= LONGEST_NAME:
            raise PolicyInvalid(f"cannot_tell: a word of 1 to {LONGEST_NAME} characters.")

    def removed_by(self, flags: frozenset[str]) -> frozenset[str]:
        """The labels that these flags take away from a face."""
        return frozenset(label for flag in flags for label in self.flags.get(flag, ()))

    def is_offered(self, labels: FaceLabels) -> bool:
        """True if the face is large enough to be labelled: min(w, h) > min_side_px (A23)."""
        return labels.box.min_side > self.min_side_px

    def violations(self, labels: FaceLabels) -> list[Violation]:
        """Every rule that these labels break, as a person saving them should read it; none: may be saved."""
        found = [
            Violation("unknown_flag", "flags", f"The flag '{flag}' is not part of this policy.")
            for flag in sorted(labels.flags - set(self.flags))
        ]
        removed = self.removed_by(labels.flags)
        for label in LABELS:
            value = getattr(labels, label)
            name = label.replace("landmarks", "landmark points")
            if label in removed and value is not None:
                flag = next(f for f in sorted(labels.flags) if label in self.flags.get(f, ()))
                found.append(
                    Violation(
                        f"{label}_on_{flag}",
                        label,
                        f"A face flagged '{flag}' carries no {name}: remove the {name}, or clear the flag.",
                    )
                )
            elif label in self.required and label not in removed and value is None:
                found.append(
                    Violation(
                        f"{label}_missing",
                        label,
                        f"This face still needs {name}: give it, or set a flag that says why it is absent.",
                    )
                )
        for label, classes in (("gender", self.genders), ("ethnicity", self.ethnicities)):
            value = getattr(labels, label)
            if value is not None and value not in (*classes, self.cannot_tell):
                allowed = ", ".join((*classes, self.cannot_tell))
                found.append(
                    Violation(
                        f"{label}_unknown",
                        label,
                        f"'{value}' is not one of this policy's {label} classes: {allowed}.",
                    )
                )
        return found

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types; inverse of ``from_json``."""
        data = asdict(self)
        data["flags"] = {name: list(removed) for name, removed in self.flags.items()}
        for key in WORD_FIELDS:
            data[key] = list(data[key])
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Policy:
        """Raises PolicyInvalid if a key is unknown or a value cannot be used."""
        if unknown := set(data) - set(cls.__dataclass_fields__):
            raise PolicyInvalid(f"Unknown policy fields: {', '.join(sorted(unknown))}.")
        values = dict(data)
        try:
            for key in WORD_FIELDS:
                if key in values:
                    values[key] = _words(key, values[key])
            if "flags" in values:
                if not isinstance(values["flags"], Mapping):
                    raise PolicyInvalid("flags: each flag with a list of the labels that it removes.")
                values["flags"] = {str(k): _words(f"flags: {k}", r) for k, r in values["flags"].items()}
            return cls(**values)
        except TypeError as error:
            raise PolicyInvalid(f"This policy cannot be read: {error}.") from error


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < float("inf")


def _words(name: str, given: Any) -> tuple[str, ...]:
    if not isinstance(given, list | tuple) or not all(isinstance(word, str) for word in given):
        raise PolicyInvalid(f"{name}: a list of words.")
    return tuple(given)
