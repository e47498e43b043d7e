"""Reads about faces: the explorer's filter, its facets, one face with its chain of versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from annotator.accounts.models import User
from annotator.common.errors import NotAllowed, NotFound
from annotator.datasets.access import EVERYONE, STAFF, dataset_access
from annotator.datasets.models import Dataset, PolicyVersion, Role
from annotator.faces.models import IN_WORK, Face, FaceState, Revision, RevisionKind
from annotator.images.models import ImportEntry
from jfa_pipeline.core.labels import FaceLabels

READ_ONLY: Final = (FaceState.ACCEPTED, FaceState.REJECTED, FaceState.TOO_SMALL)
"""States in which nobody is asked about the face any more."""

NONE: Final = "none"
"""In filters and facets: the face has no such value."""

PERSON: Final = "person"
"""In filters and facets by maker: no model or import made the face, a person added it in a sweep."""

LEVELS: Final = {"urgent": 20, "normal": 0, "later": -10}
"""``Face.chosen_level`` by its name in filters; the numbers are those of work.Priority."""

DISAGREEMENTS: Final = ("disputed", "corrected")

MARGIN: Final = 0.25
"""Of the longer side of a box, around it in a thumbnail."""

CARD_COLUMNS_LEFT_OUT: Final = (
    *(
        f"{row}__{column}"
        for row in ("current", "prelabel")
        for column in ("landmarks", "visibility", "point_spread")
    ),
    *(f"prelabel__{column}" for column in ("comment", "flags", "gender", "ethnicity", "age")),
)


FACETS: Final = {
    "state": "shown_state",
    "flag": "current__flags",
    "gender": "shown_gender",
    "ethnicity": "shown_ethnicity",
    "made_by": "origin",
}
"""Conditions that are counted value by value, and the column of each."""


@dataclass(frozen=True, slots=True)
class FaceFilter:
    """What the explorer asks for; None leaves a condition out. Field names are the query keys.

    person: id of somebody who made a version of the face. flag, gender, ethnicity: of the current version.
    age_min, age_max: years, of the mean over people, so closed faces only. batch: id of an import that
    brought the image (query key ``import``). made_by: the model or import that made the first labels.
    did: what the person did, or somebody if no person is named: annotate, check, adjudicate or sweep.
    closed_from, closed_to: first and last day, UTC, on which the face was accepted or rejected. policy_version:
    of the policy that it was closed under; policy_before: under any earlier one than that. delivery: id of the
    one its image belongs to. assigned: id of the person its open work is reserved for. level: a key of LEVELS.
    disagreement: ``disputed`` (an adjudicator decides, or decided in its present round) or ``corrected`` (a
    checker changed the labels). age_sd_min: years, of the ages of closed faces. ids: only these faces.
    """

    state: FaceState | None = None
    person: int | None = None
    flag: str | None = None
    gender: str | None = None
    ethnicity: str | None = None
    age_min: float | None = None
    age_max: float | None = None
    batch: int | None = None
    image: int | None = None
    made_by: str | None = None
    did: RevisionKind | None = None
    closed_from: date | None = None
    closed_to: date | None = None
    policy_version: int | None = None
    policy_before: int | None = None
    delivery: int | None = None
    assigned: int | None = None
    level: str | None = None
    disagreement: str | None = None
    age_sd_min: float | None = None
    ids: tuple[int, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """The conditions that are set, in JSON types; ``from_json`` reads them again."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in given.items()
            if value is not None
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FaceFilter:
        given = dict(data)
        for name in ("closed_from", "closed_to"):
            if name in given:
                given[name] = date.fromisoformat(given[name])
        if "ids" in given:
            given["ids"] = tuple(given["ids"])
        return cls(**given)


def face_access(
    *, user: User | AnonymousUser, face_id: int, roles: tuple[Role, ...] = EVERYONE
) -> tuple[Face, Dataset, Role]:
    """The face with its image, its dataset, and the person's role there.

    Raises NotFound where ``dataset_access`` would, NotAllowed for a role not among ``roles``.
    """
    face = (
        Face.objects.select_related("image", "current__author", "prelabel", "accepted_policy")
        .filter(pk=face_id)
        .first()
    )
    if face is None:
        raise NotFound()
    dataset, role = dataset_access(user=user, dataset_id=face.dataset_id, roles=roles)
    return face, dataset, role


def face_read_access(*, user: User | AnonymousUser, face_id: int) -> tuple[Face, Dataset, Role]:
    """As ``face_access``; an annotator may read only faces they made a version of (NotAllowed otherwise)."""
    face, dataset, role = face_access(user=user, face_id=face_id)
    if role in (Role.ANNOTATOR, Role.WORKER) and not made_by_person(user.pk, face=face).exists():
        raise NotAllowed(
            "not_your_face", "You can open the faces that you worked on; an admin can open every face."
        )
    return face, dataset, role


def made_by_person(person: int | None, **which: object) -> QuerySet[Revision]:
    """Versions that a person made of faces; an answer to a gold item is none."""
    return Revision.objects.filter(author=person, **which).exclude(kind=RevisionKind.PLANTED)


def ages_are_open(*, role: Role, state: str) -> bool:
    """True if this role may see other people's and models' ages of a face in this state.

    Apparent age is asked blind (design section 4), and admins and adjudicators give ages as well: they see
    those of others only once nobody is asked any more.
    """
    return role in (Role.ADMIN, Role.ADJUDICATOR) and state in READ_ONLY


def mean_age_is_open(*, role: Role, state: str) -> bool:
    """True if this role may see the mean age of a face in this state: closed faces, for all but annotators."""
    return state in READ_ONLY and role in STAFF


def origin_is_open(*, role: Role) -> bool:
    """True if this role may see where a photograph comes from and whom it shows.

    File name, source, licence, subject key and consent: personal data that nobody needs for labelling.
    """
    return role in STAFF


def shown_labels(revision: Revision, *, face: Face, reader: User, ages_open: bool) -> FaceLabels:
    """The labels of a face's revision as ``reader`` may see them.

    Without the age unless it is theirs or open; the box alone of a pre-label that people work without.
    """
    own = revision.author_id is not None and revision.author_id == reader.pk
    labels = face.labels_shown(revision)
    return labels if ages_open or own else labels.without_age()


PRELABEL_HIDDEN: Final = Q(is_blind=True, round=1, state__in=IN_WORK, current__kind=RevisionKind.PRELABEL)
"""Faces whose current labels nobody sees yet, as ``Face.hides_prelabel``; they count as having no attribute."""


def faces_matching(
    *, dataset: Dataset, wanted: FaceFilter, worked_on_by: User | None = None, leave_out: str = ""
) -> QuerySet[Face]:
    """The faces of a dataset that meet every condition but the one named ``leave_out``; unordered.

    ``worked_on_by``: only faces that this person made a version of, or answered as gold (``is_only_tested``). Each
    face has ``origin`` (who made its first labels, empty for a person), ``shown_state`` (what this person may know of
    its state), ``shown_gender`` and ``shown_ethnicity`` (None while its pre-label is hidden).
    """
    state: Any = F("state")
    if worked_on_by is not None:
        state = Case(When(is_only_tested=True, then=Value(FaceState.CHECKING)), default=F("state"))
    faces = Face.objects.filter(dataset=dataset)
    if worked_on_by is not None:
        made = Exists(made_by_person(worked_on_by.pk, face=OuterRef("pk")))
        tested = Revision.objects.filter(face=OuterRef("pk"), author=worked_on_by, kind=RevisionKind.PLANTED)
        faces = faces.filter(made | Exists(tested)).annotate(is_only_tested=~made)
    faces = faces.annotate(
        shown_state=state,
        origin=Coalesce("prelabel__made_by", "current__made_by", Value("")),
        **{
            f"shown_{name}": Case(When(PRELABEL_HIDDEN, then=Value(None)), default=F(f"current__{name}"))
            for name in ("gender", "ethnicity")
        },
    )
    if wanted.person is not None or wanted.did is not None:
        whose = {} if wanted.person is None else {"author": wanted.person}
        what = {} if wanted.did is None else {"kind": wanted.did}
        versions = Revision.objects.filter(face=OuterRef("pk"), **whose, **what)
        faces = faces.filter(Exists(versions.exclude(kind=RevisionKind.PLANTED)))
    if wanted.state is not None and leave_out != "state":
        faces = faces.filter(shown_state=wanted.state)
    if wanted.flag is not None and leave_out != "flag":
        faces = faces.filter(current__flags__contains=[wanted.flag])
    for name in ("gender", "ethnicity"):
        value = getattr(wanted, name)
        if value is not None and leave_out != name:
            absent = Q(**{f"shown_{name}": None}) if value == NONE else Q()
            faces = faces.filter(Q(**{f"shown_{name}": value}) | absent)
    if wanted.made_by is not None and leave_out != "made_by":
        faces = faces.filter(origin="" if wanted.made_by == PERSON else wanted.made_by)
    if wanted.age_min is not None or wanted.age_max is not None:
        faces = faces.filter(state__in=READ_ONLY)
    if wanted.age_min is not None:
        faces = faces.filter(age_mean__gte=wanted.age_min)
    if wanted.age_max is not None:
        faces = faces.filter(age_mean__lte=wanted.age_max)
    if wanted.ids is not None:
        faces = faces.filter(pk__in=wanted.ids)
    if wanted.image is not None:
        faces = faces.filter(image=wanted.image)
    if wanted.batch is not None:
        faces = faces.filter(Exists(ImportEntry.objects.filter(image=OuterRef("image"), batch=wanted.batch)))
    return _chosen_for_redo(faces, wanted, dataset=dataset)


def _chosen_for_redo(faces: QuerySet[Face], wanted: FaceFilter, *, dataset: Dataset) -> QuerySet[Face]:
    """The conditions that say how a face was worked on, and how its work is handed out."""
    if wanted.closed_from is not None:
        faces = faces.filter(closed_at__gte=_midnight(wanted.closed_from))
    if wanted.closed_to is not None:
        faces = faces.filter(closed_at__lt=_midnight(wanted.closed_to) + timedelta(days=1))
    if wanted.policy_version is not None or wanted.policy_before is not None:
        # By their ids: the planner knows how many faces have each, but nothing about a version's number.
        versions = PolicyVersion.objects.filter(dataset=dataset)
        if wanted.policy_version is not None:
            versions = versions.filter(version=wanted.policy_version)
        if wanted.policy_before is not None:
            versions = versions.filter(version__lt=wanted.policy_before)
        faces = faces.filter(accepted_policy__in=list(versions.values_list("pk", flat=True)))
    if wanted.delivery is not None:
        faces = faces.filter(image__delivery__delivery=wanted.delivery)
    if wanted.assigned is not None:
        reserved = Face.objects.filter(
            pk=OuterRef("pk"),
            work_items__state="open",
            work_items__gold__isnull=True,
            work_items__reserved_for=wanted.assigned,
        )
        faces = faces.filter(Exists(reserved))
    if wanted.level is not None:
        faces = faces.filter(chosen_level=LEVELS[wanted.level])
    if wanted.age_sd_min is not None:
        faces = faces.filter(state__in=READ_ONLY, age_sd__gte=wanted.age_sd_min)
    if wanted.disagreement == "disputed":
        # Decisions are few and have an index of their own: read once, not face by face.
        decisions = Revision.objects.filter(
            kind=RevisionKind.ADJUDICATE, face__dataset=dataset, round=F("face__round")
        )
        faces = faces.filter(Q(state=FaceState.DISPUTED) | Q(pk__in=decisions.values("face")))
    if wanted.disagreement == "corrected":
        # The version of a check that changed nothing is in nobody's chain.
        corrections = Revision.objects.filter(
            Q(kind=RevisionKind.CHECK, pk=OuterRef("current")) | Q(parent__kind=RevisionKind.CHECK),
            face=OuterRef("pk"),
        )
        faces = faces.filter(Exists(corrections))
    return faces


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def with_card_columns(faces: QuerySet[Face]) -> QuerySet[Face]:
    """The rows with everything a card shows, and no landmarks."""
    return faces.select_related("image", "current__author", "prelabel").defer(*CARD_COLUMNS_LEFT_OUT)


def face_facets(
    *, dataset: Dataset, wanted: FaceFilter, worked_on_by: User | None = None
) -> tuple[int, dict[str, dict[str, int]]]:
    """(number of matching faces, counts by state, flag, gender, ethnicity and maker).

    Each facet's counts meet all conditions but its own. One query groups by every column at once and answers
    for all facets without a condition, so the rows are read once; each facet with a condition adds a query.
    """
    filtered = [name for name in FACETS if getattr(wanted, name) is not None]
    free = [name for name in FACETS if name not in filtered]
    groups = _facet_groups(faces_matching(dataset=dataset, wanted=wanted, worked_on_by=worked_on_by), free)
    total = sum(count for _, count in groups)
    facets = {name: _facet(name, [(key[place], n) for key, n in groups]) for place, name in enumerate(free)}
    for name in filtered:
        others = faces_matching(dataset=dataset, wanted=wanted, worked_on_by=worked_on_by, leave_out=name)
        facets[name] = _facet(name, [(key[0], n) for key, n in _facet_groups(others, [name])])
    return total, {name: facets[name] for name in FACETS}


def _facet_groups(faces: QuerySet[Face], names: list[str]) -> list[tuple[tuple[Any, ...], int]]:
    """The combinations of values of these facets and how many faces have each."""
    if not names:
        return [((), faces.count())]
    columns = [FACETS[name] for name in names]
    rows = faces.order_by().values_list(*columns).annotate(faces=Count("pk"))
    return [(tuple(row[:-1]), row[-1]) for row in rows]


def _facet(name: str, groups: list[tuple[Any, int]]) -> dict[str, int]:
    """Counts by value, most frequent first."""
    counts: Counter[str] = Counter()
    for value, count in groups:
        for one in value if name == "flag" else [value or (PERSON if name == "made_by" else NONE)]:
            counts[one] += count
    return dict(counts.most_common())


def revision_list(*, face: Face) -> QuerySet[Revision]:
    """The versions of a face that its chain shows, oldest first: all but what belongs to gold items."""
    chain = Revision.objects.filter(face=face).exclude(kind=RevisionKind.PLANTED)
    return chain.select_related("author", "policy").order_by("id")


def thumbnail_region(face: Face) -> tuple[float, float, float, float]:
    """x, y, width, height (pixels of the upright image) of the square around the current box.

    Its side is one and a half times the longer side of the box; it may reach outside the image.
    """
    current = face.current
    assert current is not None  # noqa: S101  # a face without a version is never committed
    box = current.labels.box
    centre_x, centre_y = box.centre
    side = (1 + 2 * MARGIN) * max(box.width, box.height)
    return centre_x - side / 2, centre_y - side / 2, side, side
