"""Writes of faces by people and imports: locks, new versions, rejection, provenance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from annotator.accounts.models import User
from annotator.accounts.services import audit
from annotator.common.errors import Conflict, Invalid, NotFound
from annotator.datasets.models import PolicyVersion
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.faces.rows import REVISIONS
from annotator.images.models import Image, Import
from jfa_pipeline.aggregate.age import AgeSummary, summarise_ages
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import NOT_A_FACE

CLOSED: Final = (FaceState.ACCEPTED, FaceState.REJECTED, FaceState.TOO_SMALL)
IMPORT_STATES: Final = (FaceState.WAITING, FaceState.ACCEPTED, FaceState.REJECTED)

POINT_TO_THE_FIRST = """
UPDATE faces_face AS f SET current_id = r.id, prelabel_id = CASE WHEN r.kind = 'prelabel' THEN r.id END
FROM faces_revision AS r
WHERE f.id = ANY(%s) AND r.face_id = f.id
"""


def face_lock(*, face_id: int) -> Face:
    """The face with a row lock that lasts until the end of the transaction, with its current revision and image.

    Every change of a face starts here; whoever also locks its work item locks the face first. Raises NotFound.
    """
    found = faces_lock(pk=face_id)
    if not found:
        raise NotFound("not_found", "There is no such face, or it is not yours to see.")
    return found[0]


def faces_lock(**which: object) -> list[Face]:
    """Faces that match, locked in the order of their ids, with their current revisions and images.

    FOR NO KEY UPDATE, so that inserts which refer to a face do not wait. Two queries: a join in the locking
    one would pair the newest row of a face that was waited for with the revision of before the wait.
    """
    ids = list(
        Face.objects.select_for_update(no_key=True)
        .filter(**which)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return list(Face.objects.filter(pk__in=ids).select_related("current", "image").order_by("pk"))


@transaction.atomic
def face_import(
    *,
    image: Image,
    labels: FaceLabels,
    batch: Import | None,
    policy_version: PolicyVersion,
    state: FaceState,
    made_by: str = "import",
    ages: AgeSummary | None = None,
) -> Face:
    """A face that comes with labels from elsewhere, as an ``import`` revision.

    ``state``: waiting (people check it like a pre-label), accepted or rejected. ``ages``: mean, SD and n of a
    closed face (the one age of its labels if left out). Raises Invalid for another
    state, for a box outside the image, and for an accepted face whose labels break the policy.
    """
    policy = policy_version.policy
    if state not in IMPORT_STATES:
        raise Invalid("state", f"A face is imported as one of: {', '.join(IMPORT_STATES)}; not as {state}.")
    if not labels.box.clipped(image.width, image.height).is_proper():
        raise Invalid("box_outside", f"The box {tuple(labels.box)} lies outside the image {image.name}.")
    if state == FaceState.ACCEPTED and (broken := policy.violations(labels)):
        raise Invalid("policy", broken[0].message, violations=[v.code for v in broken])
    closed = state != FaceState.WAITING
    if not closed and not policy.is_offered(labels):
        state = FaceState.TOO_SMALL
    if not closed:
        ages = AgeSummary(mean=None, sd=None, n=0)
    elif ages is None:
        ages = summarise_ages([] if labels.age is None else [labels.age])
    face = Face.objects.create(
        dataset_id=image.dataset_id,
        image=image,
        state=state,
        detector=made_by[:60],
        closed_at=timezone.now() if closed else None,
        accepted_policy=policy_version if closed else None,
        age_mean=ages.mean,
        age_sd=ages.sd,
        age_n=ages.n,
    )
    face.current = Revision.objects.create(
        face=face,
        kind=RevisionKind.IMPORT,
        made_by=made_by[:60],
        batch=batch,
        policy=policy_version,
        **Revision.columns_of(labels),
    )
    face.prelabel = None if closed else face.current
    face.save(update_fields=["current", "prelabel"])
    return face


@transaction.atomic
def faces_add(
    *,
    image: Image,
    boxes: Sequence[Box],
    author: User,
    policy_version: PolicyVersion,
    comments: Sequence[str] = (),
) -> list[Face]:
    """Faces that a person drew on an image, each with a ``sweep`` revision that holds the box alone.

    comments: of these revisions, one each, or none at all.
    The caller checked the boxes, holds the image's row lock and opens the work items. Three statements.
    """
    policy = policy_version.policy
    made = Face.objects.bulk_create(
        Face(
            dataset_id=image.dataset_id,
            image=image,
            state=FaceState.WAITING if policy.is_offered(FaceLabels(box=box)) else FaceState.TOO_SMALL,
            detector="person",
        )
        for box in boxes
    )
    revisions = Revision.objects.bulk_create(
        Revision(
            face=face,
            kind=RevisionKind.SWEEP,
            author=author,
            policy=policy_version,
            comment=comment,
            **Revision.columns_of(FaceLabels(box=box)),
        )
        for face, box, comment in zip(made, boxes, comments or [""] * len(boxes), strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(POINT_TO_THE_FIRST, [[face.pk for face in made]])
    for face, revision in zip(made, revisions, strict=True):
        face.current = revision
    return made


@transaction.atomic
def face_reject(
    *, face: Face, author: User, policy_version: PolicyVersion, comment: str, box: Box | None = None
) -> Revision:
    """Close a locked face as not being one: a ``sweep`` revision with its box and the flag ``not_a_face``.

    ``box`` replaces the current one where the image itself was turned. Raises Conflict ``closed`` for an
    accepted face. The caller cancels the open item.
    """
    if face.state == FaceState.ACCEPTED:
        raise accepted_is_closed(face)
    assert face.current is not None  # noqa: S101  # every face is made together with a revision
    labels = FaceLabels(box=box or face.current.labels.box, flags=frozenset({NOT_A_FACE}))
    revision = Revision.objects.create(
        face=face,
        parent=face.current,
        kind=RevisionKind.SWEEP,
        round=face.round,
        author=author,
        policy=policy_version,
        comment=comment[:500],
        **Revision.columns_of(labels),
    )
    face.current = revision
    face.state = FaceState.REJECTED
    face.accepted_policy = policy_version
    face.closed_at = timezone.now()
    face.age_mean = face.age_sd = None
    face.age_n = 0
    face.save(
        update_fields=["current", "state", "accepted_policy", "closed_at", "age_mean", "age_sd", "age_n"]
    )
    return revision


def accepted_is_closed(face: Face) -> Conflict:
    """The refusal to reject an accepted face."""
    return Conflict(
        "closed",
        "An accepted face is read-only. An admin or adjudicator can reopen it with a reason.",
        face=face.pk,
        state=face.state,
    )


def revision_create(
    *,
    face: Face,
    labels: FaceLabels,
    kind: RevisionKind,
    base_revision: int,
    author: User,
    policy_version: PolicyVersion,
    comment: str = "",
    pk: int | None = None,
) -> Revision:
    """Add a person's version of a locked face's labels, made on top of ``base_revision``.

    pk: a number of the table's sequence that was drawn for it, if one was. Whether it becomes current is for the
    caller to store. Raises Conflict ``stale_base`` with both versions if the face has moved on, unless the revision
    is a ``side`` one.
    """
    if kind != RevisionKind.SIDE:
        base_check(face=face, base_revision=base_revision, yours=labels)
    elif not Revision.objects.filter(pk=base_revision, face=face).exists():
        base_revision = face.current_id or 0
    revision = Revision(
        pk=pk,
        face_id=face.pk,
        parent_id=base_revision or None,
        kind=kind,
        round=face.round,
        author_id=author.pk,
        policy_id=policy_version.pk,
        comment=comment[:500],
        **Revision.columns_of(labels),
    )
    return REVISIONS.insert(revision) if pk is None else REVISIONS.add(revision)


def base_check(
    *,
    face: Face,
    base_revision: int,
    yours: FaceLabels,
    hide: Callable[[FaceLabels], FaceLabels] = FaceLabels.without_age,
) -> None:
    """Raise Conflict ``stale_base`` unless ``base_revision`` is the locked face's current revision.

    ``hide`` takes off the other version what the person who saves must not see.
    """
    if face.current_id == base_revision:
        return
    theirs = face.current
    author = "nobody" if theirs is None else theirs.made_by or (theirs.author.name if theirs.author else "")
    raise Conflict(
        "stale_base",
        f"{author} saved other labels for this face after you opened it. Nothing was lost: compare both "
        "versions, then save again on top of the newer one.",
        yours=yours.to_json(),
        theirs=None
        if theirs is None
        else {
            "revision": theirs.pk,
            "author": author,
            "labels": hide(face.labels_shown(theirs)).without_age().to_json(),
        },
        base_revision=base_revision,
    )


@transaction.atomic
def face_provenance_update(*, face: Face, changes: Mapping[str, str | None], actor: User) -> Face:
    """Set a face's own subject key and consent (keys ``subject_key``, ``consent``); None: the image's apply again.

    Locks the face. The old values go into the audit trail.
    """
    locked = face_lock(face_id=face.pk)
    before = {name: getattr(locked, name) for name in changes}
    for name, value in changes.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(changes))
    audit(
        actor=actor,
        verb="face.provenance",
        target=locked,
        dataset_id=locked.dataset_id,
        before=before,
        after=dict(changes),
    )
    return locked
