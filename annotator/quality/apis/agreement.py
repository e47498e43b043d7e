"""Endpoints of the agreement report."""

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
from annotator.quality.agreement_serializers import AgreementSerializer
from annotator.quality.selectors.agreement import COLUMNS, agreement_get, agreement_json, agreement_rows

READERS = (Role.ADMIN, Role.ADJUDICATOR, Role.RESEARCHER)
NAMED_TO = (Role.ADMIN, Role.ADJUDICATOR)
"""Who reads which two people a figure is about."""


class AgreementApi(APIView):
    @extend_schema(operation_id="agreement_get", responses=AgreementSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """How far people agree: overall, by group of faces, and by pair of people (not for researchers)."""
        dataset, role = dataset_access(user=request.user, dataset_id=dataset_id, roles=READERS)
        return Response(agreement_json(agreement_get(dataset=dataset, with_pairs=role in NAMED_TO)))


class AgreementCsvApi(APIView):
    @extend_schema(operation_id="agreement_csv", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, dataset_id: int) -> StreamingHttpResponse:
        """The whole report, a row for each figure with its interval and number of faces."""
        dataset, role = dataset_access(user=request.user, dataset_id=dataset_id, roles=READERS)
        found = agreement_get(dataset=dataset, with_pairs=role in NAMED_TO)
        download_note(actor=signed_in(request), target=dataset, dataset_id=dataset.pk, what="agreement.csv")
        return csv_answer(
            filename=f"{dataset.slug}-agreement.csv", columns=COLUMNS, rows=agreement_rows(found)
        )
