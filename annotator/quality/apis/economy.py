"""Endpoints about what accepted faces cost."""

from __future__ import annotations

import csv
import io

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.common.spreadsheets import spreadsheet_cell
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
    def get(self, request: Request, dataset_id: int) -> HttpResponse:
        """A row per model: each measure with its interval and number of faces (admin, researcher)."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=READERS)
        columns, rows = economy_rows(dataset=dataset, weeks=_weeks(request))
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(columns)
        for row in rows:
            table.writerow([spreadsheet_cell(cell) for cell in row])
        return HttpResponse(
            text.getvalue(),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{dataset.slug}-economy.csv"'},
        )
