"""The explorer: faces as a filterable list, one face with its chain of versions, reopening."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.accounts.models import User
from annotator.common.errors import Invalid, NotAllowed
from annotator.common.paging import PAGE_PARAMETERS, keyset_page
from annotator.datasets.access import LABELLERS, STAFF, dataset_access
from annotator.datasets.models import Dataset, Role
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
    ReopenedSerializer,
    ReopenFacesSerializer,
    ReopenSerializer,
)
from annotator.quality.selectors.history import check_numbers
from annotator.work.models import ItemState, WorkItem
from annotator.work.selectors.blocked import blocked_face_ids, blocked_reason
from annotator.work.services.reopening import face_reopen, faces_reopen

READERS = (*STAFF, *LABELLERS)


def _chosen(dataset: Dataset, given: dict[str, Any]) -> faces.FaceFilter:
    """A FaceFilter from validated query keys; ``blocked`` becomes the ids that are blocked now."""
    conditions = dict(given)
    if conditions.pop("blocked", False):
        conditions["ids"] = tuple(blocked_face_ids(dataset=dataset))
    return faces.FaceFilter(**conditions)


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
        wanted = _chosen(dataset, given.validated_data)
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
                "results": [face_card_json(face, role=role) for face in page.results],
                "next": page.next,
                "total": total,
                "facets": facets,
            }
        )


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


def _detail(face: Face, *, reader: User, role: Role) -> dict[str, Any]:
    versions = list(faces.revision_list(face=face))
    numbers = check_numbers(face=face)
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
        "open_item": _open_item(face),
        "blocked_reason": blocked_reason(face=face),
        **origin,
        "image": image,
        "policy_version": None if policy is None else policy.version,
    }


class FaceApi(APIView):
    @extend_schema(operation_id="face_get", responses=FaceDetailSerializer)
    def get(self, request: Request, face_id: int) -> Response:
        """One face with every version and what each changed. Annotators: faces they worked on."""
        face, _, role = faces.face_read_access(user=request.user, face_id=face_id)
        return Response(_detail(face, reader=signed_in(request), role=role))


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


class FacesReopenApi(APIView):
    @extend_schema(operation_id="faces_reopen", request=ReopenFacesSerializer, responses=ReopenedSerializer)
    def post(self, request: Request, dataset_id: int) -> Response:
        """Reopen many closed faces, named by ids or by the explorer's filter; ``dry_run`` only counts (admin)."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=(Role.ADMIN,))
        given = ReopenFacesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        if ("ids" in data) == ("filter" in data):
            raise Invalid("ids_or_filter", "Name the faces by ids or by a filter, one of the two.")
        wanted = (
            faces.FaceFilter(ids=tuple(data["ids"])) if "ids" in data else _chosen(dataset, data["filter"])
        )
        matching = faces.faces_matching(dataset=dataset, wanted=wanted)
        count = faces_reopen(
            dataset=dataset,
            faces=matching,
            actor=signed_in(request),
            reason=data["reason"],
            dry_run=data["dry_run"],
        )
        return Response({"count": count})
