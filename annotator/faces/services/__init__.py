"""Writes of faces and their revisions. Work items are the business of annotator.work."""

from annotator.faces.services.editing import (
    CLOSED,
    accepted_is_closed,
    base_check,
    face_import,
    face_lock,
    face_provenance_update,
    face_reject,
    faces_add,
    faces_lock,
    revision_create,
)
from annotator.faces.services.prelabelling import face_relabel, faces_prelabel, faces_prelabel_many
from annotator.faces.services.suggesting import suggestions_replace

__all__ = [
    "CLOSED",
    "accepted_is_closed",
    "base_check",
    "face_import",
    "face_lock",
    "face_provenance_update",
    "face_reject",
    "face_relabel",
    "faces_add",
    "faces_lock",
    "faces_prelabel",
    "faces_prelabel_many",
    "revision_create",
    "suggestions_replace",
]
