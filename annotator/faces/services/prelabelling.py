"""Writes of faces by models: first labels, and new ones for a face that nobody has touched."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from annotator.common.copying import ids_draw, rows_copy
from annotator.datasets.models import PolicyVersion
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.images.models import Image
from jfa_pipeline.coarse.protocol import CoarseFace
from jfa_pipeline.coarse.uncertainty import face_uncertainty, spread_stored
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import NOT_A_FACE, Policy


def faces_prelabel(
    *, image: Image, faces: Sequence[CoarseFace], made_by: str, policy_version: PolicyVersion
) -> list[Face]:
    """``faces_prelabel_many`` for one image."""
    return faces_prelabel_many(seen=[(image, faces)], made_by=made_by, policy_version=policy_version)


@transaction.atomic
def faces_prelabel_many(
    *, seen: Sequence[tuple[Image, Sequence[CoarseFace]]], made_by: str, policy_version: PolicyVersion
) -> list[Face]:
    """Store what a provider saw on images of one dataset: for each face a Face and its pre-label revision.

    Boxes are cut to the image; one that lies outside is left out. A face that the policy's size rule does not
    offer becomes ``too_small``. Attribute values that are no class of the policy are dropped: nobody could
    save them. A share of the offered faces becomes blind (``is_drawn_blind``). The caller holds the images' row
    locks and opens the work items. Three statements, two of them COPY, however many images and faces.
    """
    policy = policy_version.policy
    fitted = [
        (image, place, coarse, labels)
        for image, faces in seen
        for place, coarse in enumerate(faces)
        if (labels := labels_fitted(coarse.labels, image, policy)) is not None
    ]
    if not fitted:
        return []
    face_ids, revision_ids = ids_draw(tables=(Face, Revision), count=len(fitted))
    made: list[Face] = []
    revisions: list[Revision] = []
    for face_id, revision_id, (image, place, coarse, labels) in zip(
        face_ids, revision_ids, fitted, strict=True
    ):
        offered = policy.is_offered(labels)
        face = Face(
            pk=face_id,
            dataset_id=image.dataset_id,
            image=image,
            state=FaceState.WAITING if offered else FaceState.TOO_SMALL,
            is_blind=offered and is_drawn_blind(image=image, place=place, share=policy.blind_share),
            **_said(coarse),
        )
        revision = Revision(
            pk=revision_id,
            face=face,
            kind=RevisionKind.PRELABEL,
            made_by=made_by[:60],
            policy=policy_version,
            point_spread=spread_stored(coarse.point_spread_box),
            **Revision.columns_of(labels),
        )
        face.current = face.prelabel = revision
        made.append(face)
        revisions.append(revision)
    rows_copy(rows=made)
    rows_copy(rows=revisions)
    return made


@transaction.atomic
def face_relabel(
    *, face: Face, coarse: CoarseFace, made_by: str, policy_version: PolicyVersion
) -> Revision | None:
    """A newer model's labels for a face that nobody has touched; the older ones stay in its history.

    The caller holds the locks of the image and the face, made sure that no person has worked on it, and brings
    its item up to date: the state follows the size rule. None, and no change, if the new box is outside.
    """
    labels = labels_fitted(coarse.labels, face.image, policy_version.policy)
    if labels is None:
        return None
    revision = Revision.objects.create(
        face=face,
        parent_id=face.current_id,
        kind=RevisionKind.PRELABEL,
        round=face.round,
        made_by=made_by[:60],
        policy=policy_version,
        point_spread=spread_stored(coarse.point_spread_box),
        **Revision.columns_of(labels),
    )
    face.current = face.prelabel = revision
    face.state = FaceState.WAITING if policy_version.policy.is_offered(labels) else FaceState.TOO_SMALL
    said = _said(coarse)
    for name, value in said.items():
        setattr(face, name, value)
    face.save(update_fields=["current", "prelabel", "state", *said])
    return revision


def is_drawn_blind(*, image: Image, place: int, share: float) -> bool:
    """Whether the face at this place of a provider's list is one whose pre-label nobody sees.

    Decided by a hash of the photograph and the place, so it can be repeated and does not depend on the labels.
    """
    digest = hashlib.sha256(f"blind/{image.dataset_id}/{image.sha256}/{place}".encode()).digest()
    return int.from_bytes(digest[:4]) < share * 2**32


def labels_fitted(labels: FaceLabels, image: Image, policy: Policy) -> FaceLabels | None:
    """The part of a machine's labels that fits the image and the policy; None if the box is outside."""
    box = labels.box.clipped(image.width, image.height)
    if not box.is_proper():
        return None
    return replace(
        labels,
        box=box,
        gender=labels.gender if labels.gender in policy.genders else None,
        ethnicity=labels.ethnicity if labels.ethnicity in policy.ethnicities else None,
        flags=frozenset(labels.flags & set(policy.flags)) - {NOT_A_FACE},
    )


def _said(coarse: CoarseFace) -> dict[str, object]:
    """The columns of a face that say how sure the machine was, and why a person has to look (J03)."""
    doubt = ""
    if coarse.needs_person:
        doubt = coarse.reason or "Two detectors only half agree on this face."
    return {
        "detector": coarse.detector[:60],
        "score": coarse.score,
        "needs_person": doubt[:200],
        "uncertainty": face_uncertainty(coarse),
    }
