"""Images over HTTP: the pictures themselves, rows, provenance, verdicts, near duplicates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.common.errors import Invalid, NotFound
from annotator.common.paging import PAGE_PARAMETERS, keyset_page, page_of
from annotator.datasets.access import EVERYONE, STAFF, dataset_access, role_in
from annotator.datasets.models import Role
from annotator.images import serializers as shapes
from annotator.images.models import Image, NearDuplicate, PairDecision, Verdict
from annotator.images.selectors import (
    faces_of,
    image_access,
    image_list,
    image_rows,
    near_duplicate_access,
    near_duplicate_list,
    pair_images,
)
from annotator.images.services.derivatives import crop_jpeg, image_jpeg, image_scale
from annotator.images.services.duplicates import near_duplicate_decide
from annotator.images.services.provenance import image_provenance_update
from annotator.images.services.verdicts import image_quarantine, image_readmit, image_reject
from annotator.images.services.viewing import THUMBNAIL, crop_view_note, view_note
from jfa_pipeline.core.pixels import PixelsRefused

SIDES: Final = (256, 1024, 2048, 4096)
ADMIN: Final = (Role.ADMIN,)


class RegionSerializer(serializers.Serializer[Any]):
    x = serializers.FloatField(help_text="Left edge in pixels of the upright image; may lie outside it.")
    y = serializers.FloatField()
    w = serializers.FloatField()
    h = serializers.FloatField()
    pixels = serializers.IntegerField(help_text="Width of the answer, 16 to 2048.")


class ImageFileApi(APIView):
    @extend_schema(
        operation_id="image_file",
        parameters=[OpenApiParameter("side", int, enum=SIDES, description="Longest side in pixels.")],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, image_id: int) -> HttpResponse:
        """The upright picture without metadata, never enlarged; ``X-Scale`` is its factor to image pixels."""
        user = signed_in(request)
        image = image_access(user=user, image_id=image_id, roles=EVERYONE)
        side = request.query_params.get("side", "1024")
        if side not in map(str, SIDES):
            raise Invalid("side", f"side is one of {', '.join(map(str, SIDES))}.")
        answer = _picture(image, lambda: image_jpeg(image, int(side)))
        if int(side) > THUMBNAIL:
            view_note(image=image, user=user)
        answer["X-Scale"] = f"{image_scale(image, int(side)):.6f}"
        return answer


class ImageCropApi(APIView):
    @extend_schema(
        operation_id="image_crop",
        parameters=[RegionSerializer],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, image_id: int) -> HttpResponse:
        """A region of the upright picture, black outside it."""
        user = signed_in(request)
        image = image_access(user=user, image_id=image_id, roles=EVERYONE)
        region = RegionSerializer(data=request.query_params)
        region.is_valid(raise_exception=True)
        asked = region.validated_data
        answer = _picture(image, lambda: crop_jpeg(image, **asked))
        corners = (asked["x"], asked["y"], asked["w"], asked["h"])
        crop_view_note(image=image, user=user, region=corners, pixels=asked["pixels"])
        return answer


class ImageListApi(APIView):
    @extend_schema(
        operation_id="image_list",
        parameters=[
            *PAGE_PARAMETERS,
            OpenApiParameter("verdict", str, enum=["none", "rejected", "quarantined"]),
            OpenApiParameter("state", str, enum=["prelabelled", "waiting", "failed", "complete"]),
            OpenApiParameter("split", str, enum=["train", "val", "test"]),
            OpenApiParameter("q", str, description="Part of the name."),
        ],
        responses=page_of(shapes.ImageRowSerializer),
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """The images of a dataset, newest first."""
        dataset, _ = dataset_access(user=signed_in(request), dataset_id=dataset_id, roles=STAFF)
        filters = {name: request.query_params.get(name) for name in ("verdict", "state", "split", "q")}
        page = keyset_page(
            image_rows(image_list(dataset=dataset, **filters)), request=request, newest_first=True
        )
        return Response({"results": [shapes.image_json(row) for row in page.results], "next": page.next})


class ImageApi(APIView):
    @extend_schema(operation_id="image_get", responses=shapes.ImageDetailSerializer)
    def get(self, request: Request, image_id: int) -> Response:
        """One image with its faces. Ages are shown to admins and adjudicators only."""
        user = signed_in(request)
        image = image_access(user=user, image_id=image_id, roles=STAFF)
        return Response(_detail(image, role_in(user=user, dataset=image.dataset)))

    @extend_schema(
        operation_id="image_update",
        request=shapes.ProvenanceSerializer,
        responses=shapes.ImageDetailSerializer,
    )
    def patch(self, request: Request, image_id: int) -> Response:
        """Correct where the image comes from."""
        user = signed_in(request)
        image = image_access(user=user, image_id=image_id, roles=ADMIN)
        given = shapes.ProvenanceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        image_provenance_update(image=image, changes=given.validated_data, actor=user)
        return Response(_detail(image, Role.ADMIN))


class ImageVerdictApi(APIView):
    @extend_schema(
        operation_id="image_verdict",
        request=shapes.VerdictChangeSerializer,
        responses=shapes.ImageDetailSerializer,
    )
    def post(self, request: Request, image_id: int) -> Response:
        """Reject or quarantine an image, or take its verdict back with an empty one."""
        user = signed_in(request)
        image = image_access(user=user, image_id=image_id, roles=ADMIN)
        given = shapes.VerdictChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        decide = {Verdict.REJECTED: image_reject, Verdict.QUARANTINED: image_quarantine}
        change = decide.get(given.validated_data["verdict"], image_readmit)
        change(image=image, actor=user, reason=given.validated_data["reason"])
        return Response(_detail(image, Role.ADMIN))


class NearDuplicateListApi(APIView):
    @extend_schema(
        operation_id="near_duplicate_list",
        parameters=[
            *PAGE_PARAMETERS,
            OpenApiParameter("decision", str, enum=["open", "keep", "link", "reject"]),
        ],
        responses=page_of(shapes.NearDuplicateSerializer),
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """Pairs of images that look alike, oldest first."""
        dataset, _ = dataset_access(user=signed_in(request), dataset_id=dataset_id, roles=ADMIN)
        decision = request.query_params.get("decision")
        page = keyset_page(near_duplicate_list(dataset=dataset, decision=decision), request=request)
        images = pair_images(pairs=page.results)
        return Response(
            {"results": [shapes.pair_json(pair, images) for pair in page.results], "next": page.next}
        )


class NearDuplicateDecideApi(APIView):
    @extend_schema(
        operation_id="near_duplicate_decide",
        request=shapes.DecisionSerializer,
        responses=shapes.NearDuplicateSerializer,
    )
    def post(self, request: Request, pair_id: int) -> Response:
        """Keep both, link both as one subject's, or reject the later one."""
        user = signed_in(request)
        pair = near_duplicate_access(user=user, pair_id=pair_id, roles=ADMIN)
        given = shapes.DecisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        decided: NearDuplicate = near_duplicate_decide(
            pair=pair, decision=PairDecision(given.validated_data["decision"]), actor=user
        )
        return Response(shapes.pair_json(decided, pair_images(pairs=[decided])))


def _detail(image: Image, role: Role | None) -> dict[str, Any]:
    row = image_rows(Image.objects.filter(pk=image.pk)).get()
    shows_ages = role in (Role.ADMIN, Role.ADJUDICATOR)
    return shapes.image_detail_json(row, faces_of(image=image), shows_ages=shows_ages)


def _picture(image: Image, make: Callable[[], bytes]) -> HttpResponse:
    try:
        return HttpResponse(make(), content_type="image/jpeg")
    except FileNotFoundError as error:
        raise NotFound(
            "file_gone", f"The stored file of image {image.pk} is gone; an admin can import it again."
        ) from error
    except PixelsRefused as error:
        raise NotFound("file_damaged", f"The stored file of image {image.pk} is damaged: {error}") from error
