"""The picture of a face. Lists and the face page stand above the work queue: annotator.quality.apis.faces."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from annotator.common.errors import Invalid, NotFound
from annotator.faces.selectors import face_access, thumbnail_region
from annotator.images.services.derivatives import crop_jpeg
from jfa_pipeline.core.pixels import PixelsRefused

LARGEST_SIDE = 1024


class FaceCropApi(APIView):
    @extend_schema(
        operation_id="face_crop",
        parameters=[
            OpenApiParameter("side", int, description=f"Pixels, 16 to {LARGEST_SIDE}; 256 if left out.")
        ],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, face_id: int) -> HttpResponse:
        """A square JPEG of the current box with a quarter of its longer side around it; for every member."""
        face, _, _ = face_access(user=request.user, face_id=face_id)
        asked = request.query_params.get("side", "256")
        if not (asked.isascii() and asked.isdigit() and 16 <= int(asked) <= LARGEST_SIDE):
            raise Invalid("side", f"side is a whole number of pixels from 16 to {LARGEST_SIDE}.")
        x, y, width, height = thumbnail_region(face)
        try:
            content = crop_jpeg(face.image, x, y, width, height, int(asked))
        except (FileNotFoundError, PixelsRefused) as error:
            raise NotFound(
                "file_gone", f"The stored file of {face.image.name} is gone or damaged: import it again."
            ) from error
        return HttpResponse(content, content_type="image/jpeg")
