"""A face's history: bringing an earlier version back."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.datasets.models import Role
from annotator.faces.selectors import face_access
from annotator.faces.serializers import FaceCardSerializer, face_card_json
from annotator.quality.face_serializers import RestoreSerializer
from annotator.work.services.restoring import face_restore


class FaceRestoreApi(APIView):
    @extend_schema(operation_id="face_restore", request=RestoreSerializer, responses=FaceCardSerializer)
    def post(self, request: Request, face_id: int) -> Response:
        """Make an earlier version current again, as a new version, with a reason (admin, adjudicator)."""
        roles = (Role.ADMIN, Role.ADJUDICATOR)
        face, _, role = face_access(user=request.user, face_id=face_id, roles=roles)
        given = RestoreSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        face_restore(face=face, actor=signed_in(request), **given.validated_data)
        face, _, role = face_access(user=request.user, face_id=face_id, roles=roles)
        return Response(face_card_json(face, role=role))
