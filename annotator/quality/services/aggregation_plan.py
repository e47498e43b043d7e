"""What an aggregation would make of a dataset's accepted faces; writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from annotator.datasets.models import Dataset
from annotator.faces.models import Face, Revision, RevisionKind
from annotator.quality.selectors.opinions import AcceptedFace, accepted_faces, gold_opinions
from annotator.work.selectors.versions import OPINIONS, blind_labels
from jfa_pipeline.aggregate.age_bias import AgeModel, fit_age_biases
from jfa_pipeline.aggregate.blind import combine_blind
from jfa_pipeline.aggregate.words import CombinedWords, combine_words
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy

WORDS: Final = ("gender", "ethnicity")
AGE_DIGITS: Final = 4
"""Of stored corrected ages, so that two fits of the same votes agree to the last bit."""

Tick = Callable[[int, str], None]


@dataclass(slots=True)
class AggregationPlan:
    """faces: accepted faces looked at. words: for each word the target of faces that several people answered blind.

    shapes: free faces with blind landmarks of two or more people. ages: (years, standard error) of each face with
    an age. figures: what was found, as JSON.
    """

    faces: int = 0
    words: dict[str, CombinedWords[int]] = field(default_factory=dict)
    changed_words: dict[int, dict[str, str]] = field(default_factory=dict)
    shapes: list[int] = field(default_factory=list)
    ages: dict[int, tuple[float, float]] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)


def aggregation_plan(*, dataset: Dataset, policy: Policy, tick: Tick) -> AggregationPlan:
    """Words by the policy's rule over what was given blind, and ages freed of people's biases, anchored on gold.

    A pure function of revisions, gold and policy. Faces decided by one person (an adjudicator, a restore, an
    import) keep their words and shapes; ages are everybody's. tick: called with the faces seen so far.
    """
    plan = AggregationPlan()
    gold = gold_opinions(dataset=dataset)
    ages = list(gold.given_ages)
    votes = {word: list(gold.given_words[word]) for word in WORDS}
    present: dict[str, dict[int, str | None]] = {word: {} for word in WORDS}
    accepted: set[int] = set()
    for chunk in accepted_faces(dataset=dataset):
        for face in chunk:
            _collect(face, policy, plan, ages=ages, votes=votes, present=present, accepted=accepted)
        plan.faces += len(chunk)
        tick(plan.faces, "Reading what people said")
    classes = {"gender": policy.genders, "ethnicity": policy.ethnicities}
    for word in WORDS:
        found = combine_words(
            votes[word],
            (*classes[word], policy.cannot_tell),
            by=policy.attributes_by,
            known=gold.words[word],
        )
        plan.words[word] = found
        for face_id, now in present[word].items():
            target = found.words.get(face_id)
            if target is not None and target != now:
                plan.changed_words.setdefault(face_id, {})[word] = target
    model = fit_age_biases(ages, gold.ages) if ages else None
    if model is not None:
        plan.ages = {
            face_id: (round(years, AGE_DIGITS), round(model.age_error[face_id], AGE_DIGITS))
            for face_id, years in model.age.items()
            if face_id in accepted
        }
    plan.figures = _figures(plan, present, model, ages)
    return plan


def _collect(
    face: AcceptedFace,
    policy: Policy,
    plan: AggregationPlan,
    *,
    ages: list[tuple[int, int, float]],
    votes: dict[str, list[tuple[int, int, str]]],
    present: dict[str, dict[int, str | None]],
    accepted: set[int],
) -> None:
    """Put one face's opinions with the others'."""
    removed = policy.removed_by(face.flags)
    if "age" not in removed:
        given = [(face.face_id, said.person, said.age) for said in face.opinions if said.age is not None]
        ages += given
        if given:
            accepted.add(face.face_id)
    if not face.is_free:
        return
    for word in WORDS:
        blind = [said for said in face.opinions if word in said.blind and getattr(said, word) is not None]
        if word not in removed and len(blind) > 1:
            votes[word] += [(face.face_id, said.person, getattr(said, word)) for said in blind]
            present[word][face.face_id] = getattr(face, word)
    if "landmarks" not in removed and sum("landmarks" in said.blind for said in face.opinions) > 1:
        plan.shapes.append(face.face_id)


def target_labels(face: Face, revisions: list[Revision], plan: AggregationPlan, policy: Policy) -> FaceLabels:
    """What the aggregation makes of a face's current labels, without age; the revisions are of its round."""
    assert face.current is not None  # noqa: S101  # the caller loads it
    labels = face.current.labels.without_age()
    independent = {
        revision.author_id: revision.labels
        for revision in revisions
        if revision.kind in OPINIONS
        and revision.author_id is not None
        and "landmarks" in blind_labels(revision)
    }
    if len(independent) > 1:
        labels, _, _ = combine_blind(labels, independent, policy, parts=("landmarks",))
    words = plan.changed_words.get(face.pk, {})
    columns = {**Revision.columns_of(labels), **words}
    return Revision(kind=RevisionKind.AGGREGATE, **columns).labels


def _figures(
    plan: AggregationPlan,
    present: dict[str, dict[int, str | None]],
    model: AgeModel[int, int] | None,
    ages: list[tuple[int, int, float]],
) -> dict[str, Any]:
    """Counts, and each person's bias and spread in years with the number of ages behind it."""
    changed = Counter(word for words in plan.changed_words.values() for word in words)
    given = Counter(person for _, person, _ in ages)
    people = [] if model is None else sorted(model.bias)
    return {
        "faces": plan.faces,
        "words": {
            word: {
                "combined": len(present[word]),
                "differ": changed[word],
                "tied": len(plan.words[word].tied & present[word].keys()),
            }
            for word in WORDS
        },
        "shapes": len(plan.shapes),
        "ages": len(plan.ages),
        "gold_faces": 0 if model is None else model.gold_n,
        "bias_sd_years": None if model is None else round(model.bias_sd, 3),
        "people": [
            {
                "person": person,
                "ages": given[person],
                "bias_years": round(model.bias[person], 3),
                "bias_error_years": round(model.bias_error[person], 3),
                "spread_years": round(model.spread[person], 3),
            }
            for person in people
            if model is not None
        ],
    }
