"""Endpoints about what accepted faces cost."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.accounts.services import download_note
from annotator.common.spreadsheets import csv_answer
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Role
from annotator.quality.economy_serializers import EconomyFilterSerializer, EconomySerializer
from annotator.quality.selectors.economy import economy_get, economy_json, economy_rows

READERS = (Role.ADMIN, Role.RESEARCHER)


def _weeks(request: Request) -> int | None:
    given = EconomyFilterSerializer(data=request.query_params)
    given.is_valid(raise_exception=True)
    weeks: int | None = given.validated_data.get("weeks")
    return weeks


class EconomyApi(APIView):
    @extend_schema(
        operation_id="economy_get", parameters=[EconomyFilterSerializer], responses=EconomySerializer
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """Distance, edits and seconds per accepted face by the pre-label's model (admin, researcher)."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=READERS)
        return Response(economy_json(economy_get(dataset=dataset, weeks=_weeks(request))))


class EconomyCsvApi(APIView):
    @extend_schema(
        operation_id="economy_csv",
        parameters=[EconomyFilterSerializer],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, dataset_id: int) -> StreamingHttpResponse:
        """A row per model: each measure with its interval and number of faces (admin, researcher)."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=READERS)
        columns, rows = economy_rows(dataset=dataset, weeks=_weeks(request))
        download_note(actor=signed_in(request), target=dataset, dataset_id=dataset.pk, what="economy.csv")
        return csv_answer(filename=f"{dataset.slug}-economy.csv", columns=columns, rows=rows)
