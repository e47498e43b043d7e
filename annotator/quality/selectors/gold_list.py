"""The list of gold with how it fares, and faces that could become gold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Exists, F, OuterRef, QuerySet

from annotator.accounts.models import User
from annotator.common.errors import NotFound
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Dataset, Role
from annotator.faces.models import Face, FaceState, Revision
from annotator.images.models import Verdict
from annotator.quality.selectors.gold_answers import answers_to_gold, failed, rule_of
from annotator.work.models import Gold, Pass, PassKind
from jfa_pipeline.aggregate.agreement import compare
from jfa_pipeline.core.policy import Policy

SUSPICIOUS_FROM: Final = 3
"""So many answers at least, before gold that most people fail is suspicious."""

LOOKED_AT: Final = 300
"""Newest accepted faces among which candidates are looked for."""

CLOSE_SHARE: Final = 0.5
"""Of the policy's tolerance: everybody's points of a candidate lie that close to the accepted ones."""

CLOSE_AGES_SD: Final = 6.0
"""Years: people's ages of a candidate spread no more than this."""


@dataclass(frozen=True, slots=True)
class GoldUse:
    """Gold with the people who answered it, how many of them failed, and in what."""

    gold: Gold
    answers: int = 0
    failed: int = 0
    failed_in: dict[str, int] = field(default_factory=dict)

    @property
    def suspended(self) -> str:
        """Why it is not handed out although it is active; empty if it is."""
        if self.gold.face.state != FaceState.ACCEPTED:
            return f"Its face is {self.gold.face.state} now."
        if self.gold.image.verdict != Verdict.NONE:
            return f"Its image is {self.gold.image.verdict}."
        return ""

    @property
    def is_suspicious(self) -> bool:
        return self.answers >= SUSPICIOUS_FROM and self.failed * 2 > self.answers


@dataclass(frozen=True, slots=True)
class Candidate:
    """An accepted face on which everybody agreed. worst_nme_box: the largest point distance of anybody from the
    accepted points, in box sides; None without points. people: who labelled or checked it."""

    face: Face
    people: int
    worst_nme_box: float | None


def gold_access(*, user: User, gold_id: int) -> Gold:
    """The gold, for admins of its dataset. Raises NotFound or NotAllowed like ``dataset_access``."""
    gold = Gold.objects.filter(pk=gold_id).first()
    if gold is None:
        raise NotFound()
    dataset_access(user=user, dataset_id=gold.dataset_id, roles=(Role.ADMIN,))
    return gold


def gold_list(*, dataset: Dataset) -> QuerySet[Gold]:
    """All gold of a dataset, to be paged by id."""
    return Gold.objects.filter(dataset=dataset).select_related("face", "image", "created_by")


def gold_uses(*, dataset: Dataset, golds: Sequence[Gold], policy: Policy) -> list[GoldUse]:
    """How a page of gold fares; two queries, however many."""
    rule = rule_of(policy)
    failures: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    for answer in answers_to_gold(dataset=dataset, policy=policy, golds=[gold.pk for gold in golds]):
        failures[answer.gold_id or 0].append(failed(answer, policy, rule))
    return [
        GoldUse(
            gold,
            answers=len(failures[gold.pk]),
            failed=sum(bool(each) for each in failures[gold.pk]),
            failed_in=dict(Counter(name for each in failures[gold.pk] for name in each)),
        )
        for gold in golds
    ]


def gold_candidates(*, dataset: Dataset, policy: Policy, kind: PassKind, limit: int = 60) -> list[Candidate]:
    """Accepted faces that are no gold of this kind and that at least two people labelled alike, closest first.

    Alike: the same words and flags, boxes within the policy's overlap, points within CLOSE_SHARE of its tolerance,
    ages within CLOSE_AGES_SD. Looked for among the LOOKED_AT newest; two queries.
    """
    already = Gold.objects.filter(face=OuterRef("pk"), kind=kind)
    faces = {
        face.pk: face
        for face in Face.objects.filter(
            ~Exists(already), dataset=dataset, state=FaceState.ACCEPTED, age_n__gte=2
        )
        .filter(image__verdict=Verdict.NONE, tutorial_face__isnull=True, guide_example__isnull=True)
        .select_related("current__author", "prelabel", "image")
        .order_by("-pk")[:LOOKED_AT]
    }
    said: dict[int, list[Revision]] = defaultdict(list)
    for made in Pass.objects.filter(
        face__in=list(faces), counted=True, is_gold=False, revision__isnull=False, round=F("face__round")
    ).select_related("revision"):
        if made.revision is not None and made.face_id is not None:
            said[made.face_id].append(made.revision)
    found = [_candidate(face, said[pk], policy) for pk, face in faces.items()]
    alike = [candidate for candidate in found if candidate is not None]
    return sorted(alike, key=lambda each: (each.worst_nme_box or 0.0, each.face.pk))[:limit]


def _candidate(face: Face, said: Sequence[Revision], policy: Policy) -> Candidate | None:
    if face.current is None or len(said) < 2 or (face.age_sd or 0.0) > CLOSE_AGES_SD:
        return None
    truth = face.current.labels
    compared = [compare(revision.labels, truth, policy) for revision in said]
    distances = [each.landmark_nme_box for each in compared if each.landmark_nme_box is not None]
    worst = max(distances, default=None)
    if not all(each.agrees for each in compared):
        return None
    if worst is not None and worst > CLOSE_SHARE * policy.landmark_nme_max:
        return None
    return Candidate(face, len(said), worst)
