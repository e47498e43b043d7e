"""The picture and the provenance of a face. Lists and its page are in annotator.quality.apis.faces."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.common.errors import Invalid, NotFound
from annotator.datasets.models import Role
from annotator.faces.selectors import face_access, thumbnail_region
from annotator.faces.serializers import FaceProvenanceChangeSerializer, FaceProvenanceSerializer
from annotator.faces.services import face_provenance_update
from annotator.images.services.derivatives import crop_jpeg
from annotator.images.services.viewing import crop_view_note
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
                "file_gone", f"The stored file of image {face.image_id} is gone or damaged: import it again."
            ) from error
        crop_view_note(
            image=face.image, user=signed_in(request), region=(x, y, width, height), pixels=int(asked)
        )
        return HttpResponse(content, content_type="image/jpeg")


class FaceProvenanceApi(APIView):
    @extend_schema(
        operation_id="face_provenance",
        request=FaceProvenanceChangeSerializer,
        responses=FaceProvenanceSerializer,
    )
    def patch(self, request: Request, face_id: int) -> Response:
        """Whose face this is and what they agreed to, where it differs from the image's (admin)."""
        face, _, _ = face_access(user=request.user, face_id=face_id, roles=(Role.ADMIN,))
        given = FaceProvenanceChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if not given.validated_data:
            raise Invalid("nothing_to_change", "Send subject_key, consent, or both.")
        face = face_provenance_update(face=face, changes=given.validated_data, actor=signed_in(request))
        return Response({"id": face.pk, "subject_key": face.subject_key, "consent": face.consent})
