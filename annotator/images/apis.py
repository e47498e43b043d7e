"""Images over HTTP: the pictures themselves, rows, provenance."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.common.errors import Invalid, NotFound
from annotator.datasets.access import EVERYONE
from annotator.images.models import Image
from annotator.images.selectors import image_access
from annotator.images.services.derivatives import crop_jpeg, image_jpeg, image_scale
from jfa_pipeline.core.pixels import PixelsRefused

SIDES = (256, 1024, 2048, 4096)


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
        image = image_access(user=signed_in(request), image_id=image_id, roles=EVERYONE)
        side = request.query_params.get("side", "1024")
        if side not in map(str, SIDES):
            raise Invalid("side", f"side is one of {', '.join(map(str, SIDES))}.")
        answer = _picture(image, lambda: image_jpeg(image, int(side)))
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
        image = image_access(user=signed_in(request), image_id=image_id, roles=EVERYONE)
        region = RegionSerializer(data=request.query_params)
        region.is_valid(raise_exception=True)
        return _picture(image, lambda: crop_jpeg(image, **region.validated_data))


def _picture(image: Image, make: Any) -> HttpResponse:
    try:
        return HttpResponse(make(), content_type="image/jpeg")
    except FileNotFoundError as error:
        raise NotFound(
            "file_gone", f"The stored file of {image.name} is gone; an admin can import it again."
        ) from error
    except PixelsRefused as error:
        raise NotFound("file_damaged", f"The stored file of {image.name} is damaged: {error}") from error


__all__ = ["ImageCropApi", "ImageFileApi", "Response"]
