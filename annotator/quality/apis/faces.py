"""The explorer: faces as a filterable list, one face with its chain of versions, reopening."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.accounts.models import User
from annotator.common.errors import NotAllowed
from annotator.common.paging import PAGE_PARAMETERS, keyset_page
from annotator.datasets.access import LABELLERS, STAFF, dataset_access
from annotator.datasets.models import Role
from annotator.faces import selectors as faces
from annotator.faces.models import Face
from annotator.faces.serializers import (
    FaceCardSerializer,
    FaceFilterSerializer,
    FacePageSerializer,
    face_card_json,
    revision_rows_json,
)
from annotator.images.models import Image
from annotator.images.selectors import image_rows
from annotator.images.serializers import image_json
from annotator.quality.face_serializers import (
    FaceDetailSerializer,
    ReopenSerializer,
)
from annotator.quality.selectors.chosen import face_filter
from annotator.quality.selectors.history import check_numbers
from annotator.work.models import ItemState, WorkItem
from annotator.work.selectors.blocked import blocked_reason
from annotator.work.selectors.gold import FaceAnswered, faces_answered
from annotator.work.services.reopening import face_reopen

READERS = (*STAFF, *LABELLERS)


class FacesApi(APIView):
    @extend_schema(
        operation_id="face_list",
        parameters=[FaceFilterSerializer, *PAGE_PARAMETERS],
        responses=FacePageSerializer,
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """Faces that meet every condition, by id; the first page with counts. Annotators: faces they worked on."""
        dataset, role = dataset_access(user=request.user, dataset_id=dataset_id, roles=READERS)
        reader = signed_in(request)
        given = FaceFilterSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        wanted = face_filter(dataset=dataset, given=given.validated_data)
        own: User | None = None
        if role == Role.ANNOTATOR:
            own = reader
            if any(age is not None for age in (wanted.age_min, wanted.age_max, wanted.age_sd_min)):
                raise NotAllowed("role", "Ages are asked blind: annotators cannot choose faces by age.")
        matching = faces.faces_matching(dataset=dataset, wanted=wanted, worked_on_by=own)
        page = keyset_page(faces.with_card_columns(matching), request=request)
        total, facets = None, None
        if not request.query_params.get(
            "cursor"
        ):  # counting reads every matching face: once, not on each page
            total, facets = faces.face_facets(dataset=dataset, wanted=wanted, worked_on_by=own)
        return Response(
            {
                "results": [face_card_json(face, role=role) for face in _as_known(page.results, own)],
                "next": page.next,
                "total": total,
                "facets": facets,
            }
        )


def _as_known(shown: list[Face], reader: User | None) -> list[Face]:
    """Gold faces that this annotator has only been tested with look as they left them; those with an answer that was
    taken back or came too late are not shown.
    """
    tested = [face.pk for face in shown if getattr(face, "is_only_tested", False)]
    if reader is None or not tested:
        return shown
    answered = faces_answered(user=reader, face_ids=tested)
    return [
        answered[face.pk].face if face.pk in answered else face
        for face in shown
        if face.pk in answered or face.pk not in tested
    ]


def _open_item(face: Face) -> dict[str, Any] | None:
    item = (
        WorkItem.objects.select_related("leased_to")
        .filter(face=face, state=ItemState.OPEN, gold=None)
        .first()
    )
    if item is None:
        return None
    holder = None if item.leased_to is None else item.leased_to.name
    return {"kind": item.kind, "pass_number": item.pass_number, "leased_to": holder}


def _detail(face: Face, *, reader: User, role: Role, answered: FaceAnswered | None = None) -> dict[str, Any]:
    versions = answered.versions if answered else list(faces.revision_list(face=face))
    numbers = answered.check_numbers if answered else check_numbers(face=face)
    rows = revision_rows_json(face, versions, reader=reader, role=role, check_numbers=numbers)
    labels = next(row["labels"] for row in rows if row["id"] == face.current_id)
    policy = face.accepted_policy
    image = image_json(image_rows(Image.objects.filter(pk=face.image_id)).get())
    origin = {
        "subject_key": face.image.subject_key if face.subject_key is None else face.subject_key,
        "consent": face.image.consent if face.consent is None else face.consent,
    }
    if not faces.origin_is_open(role=role):
        origin = dict.fromkeys(origin, "")
        image |= dict.fromkeys(("name", "source", "licence", "subject_key", "consent"), "")
    return {
        **face_card_json(face, role=role),
        "labels": labels,
        "current_revision": face.current_id,
        "revisions": rows,
        "open_item": answered.open_item if answered else _open_item(face),
        "blocked_reason": blocked_reason(face=face),
        **origin,
        "image": image,
        "policy_version": None if policy is None else policy.version,
    }


class FaceApi(APIView):
    @extend_schema(operation_id="face_get", responses=FaceDetailSerializer)
    def get(self, request: Request, face_id: int) -> Response:
        """One face with every version and what each changed. Annotators: faces they worked on."""
        reader = signed_in(request)
        try:
            face, _, role = faces.face_read_access(user=reader, face_id=face_id)
        except NotAllowed:
            if (answered := faces_answered(user=reader, face_ids=[face_id]).get(face_id)) is None:
                raise
            detail = _detail(answered.face, reader=reader, role=Role.ANNOTATOR, answered=answered)
            return Response(detail)
        return Response(_detail(face, reader=reader, role=role))


class FaceReopenApi(APIView):
    @extend_schema(operation_id="face_reopen", request=ReopenSerializer, responses=FaceCardSerializer)
    def post(self, request: Request, face_id: int) -> Response:
        """Open a closed face again as a new round, with a reason (admin, adjudicator)."""
        face, _, role = faces.face_access(
            user=request.user, face_id=face_id, roles=(Role.ADMIN, Role.ADJUDICATOR)
        )
        given = ReopenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        face_reopen(face=face, actor=signed_in(request), reason=given.validated_data["reason"])
        face.refresh_from_db()
        return Response(face_card_json(face, role=role))
