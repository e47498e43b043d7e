"""What people said about accepted faces in the round that was accepted, read in chunks from the immutable revisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from annotator.datasets.models import Dataset, PolicyVersion
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.work.models import Gold, Pass, PassKind
from annotator.work.selectors.versions import COUNTED_KINDS, blind_labels
from annotator.work.selectors.withdrawn import not_taken_back

CHUNK: Final = 500

FREE_KINDS: Final = (RevisionKind.ANNOTATE, RevisionKind.CHECK, RevisionKind.AGGREGATE)
"""A current version of another kind was decided by one person (an adjudicator, a restore, an import) and stands."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """One person's words and age, in years, about one face. ``blind``: the labels given without seeing anybody's."""

    person: int
    age: float | None
    gender: str | None
    ethnicity: str | None
    blind: frozenset[str]


@dataclass(frozen=True, slots=True)
class AcceptedFace:
    """An accepted face, its current words and what each person said of it; ``is_free``: see FREE_KINDS."""

    face_id: int
    current_id: int
    is_free: bool
    gender: str | None
    ethnicity: str | None
    flags: frozenset[str]
    opinions: tuple[Opinion, ...]


def accepted_faces(*, dataset: Dataset) -> Iterator[list[AcceptedFace]]:
    """All accepted faces of a dataset by id, CHUNK at a time; two queries a chunk, none of them a long one."""
    policies = {version.pk: version for version in PolicyVersion.objects.filter(dataset=dataset)}
    after = 0
    while True:
        faces = list(
            Face.objects.filter(
                dataset=dataset, state=FaceState.ACCEPTED, pk__gt=after, current__isnull=False
            )
            .order_by("pk")
            .values_list(
                "pk",
                "round",
                "current_id",
                "current__kind",
                "current__gender",
                "current__ethnicity",
                "current__flags",
            )[:CHUNK]
        )
        if not faces:
            return
        after = faces[-1][0]
        said = _opinions({face[0]: face[1] for face in faces}, policies)
        yield [
            AcceptedFace(
                face_id=pk,
                current_id=current or 0,
                is_free=kind in FREE_KINDS,
                gender=gender,
                ethnicity=ethnicity,
                flags=frozenset(flags or ()),
                opinions=tuple(said[pk]),
            )
            for pk, _, current, kind, gender, ethnicity, flags in faces
        ]


def _opinions(
    round_of: Mapping[int, int], policies: Mapping[int, PolicyVersion]
) -> dict[int, Sequence[Opinion]]:
    """The last opinion of each person about each face in its round."""
    made = (
        Revision.objects.filter(
            not_taken_back(), face_id__in=round_of, kind__in=COUNTED_KINDS, author__isnull=False
        )
        .order_by("pk")
        .only("face_id", "round", "kind", "author_id", "policy_id", "age", "gender", "ethnicity")
    )
    found: dict[int, dict[int, Opinion]] = defaultdict(dict)
    for revision in made:
        if revision.round != round_of[revision.face_id] or revision.author_id is None:
            continue
        if revision.policy_id is not None:
            revision.policy = policies.get(revision.policy_id)
        found[revision.face_id][revision.author_id] = Opinion(
            person=revision.author_id,
            age=revision.age,
            gender=revision.gender,
            ethnicity=revision.ethnicity,
            blind=blind_labels(revision),
        )
    return defaultdict(tuple, {face: tuple(of.values()) for face, of in found.items()})


@dataclass(frozen=True, slots=True)
class GoldOpinions:
    """Trusted labels of gold faces, and what people answered to them: years, and words of first labellings."""

    ages: dict[int, float]
    words: dict[str, dict[int, str]]
    given_ages: list[tuple[int, int, float]]
    given_words: dict[str, list[tuple[int, int, str]]]


def gold_opinions(*, dataset: Dataset) -> GoldOpinions:
    """Of all gold faces of a dataset and every answer to them; two queries.

    Ages are asked blind wherever they are asked. Words count from gold that was labelled for the first time: a
    check showed some.
    """
    found = GoldOpinions({}, {"gender": {}, "ethnicity": {}}, [], {"gender": [], "ethnicity": []})
    for gold in Gold.objects.filter(dataset=dataset).exclude(kind=PassKind.SWEEP).select_related("truth"):
        if gold.truth.age is not None:
            found.ages[gold.face_id] = gold.truth.age
        for word, known in found.words.items():
            if (value := getattr(gold.truth, word)) is not None:
                known[gold.face_id] = value
    answers = (
        Pass.objects.filter(dataset=dataset, is_gold=True, counted=True, revision__isnull=False)
        .exclude(kind=PassKind.SWEEP)
        .order_by("pk")
        .values_list("face_id", "user_id", "kind", "revision__age", "revision__gender", "revision__ethnicity")
    )
    for face, person, kind, age, gender, ethnicity in answers:
        if face is None:
            continue
        if age is not None:
            found.given_ages.append((face, person, age))
        if kind == PassKind.ANNOTATE:
            for word, value in (("gender", gender), ("ethnicity", ethnicity)):
                if value is not None:
                    found.given_words[word].append((face, person, value))
    return found
