"""Endpoints of the agreement report."""

from __future__ import annotations

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.accounts.services import download_note
from annotator.common.spreadsheets import csv_answer
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Role
from annotator.quality.agreement_serializers import AgreementReportSerializer
from annotator.quality.models import ReportKind, StoredReport
from annotator.quality.selectors.agreement import COLUMNS, agreement_rows
from annotator.quality.selectors.reports import is_stale, report_get, report_state, without_pairs
from annotator.quality.services.reports import report_compute, report_request

READERS = (Role.ADMIN, Role.ADJUDICATOR, Role.RESEARCHER)
NAMED_TO = (Role.ADMIN, Role.ADJUDICATOR)
"""Who reads which two people a figure is about."""


KIND = ReportKind.AGREEMENT


def _answer(report: StoredReport, role: Role) -> Response:
    data = report.data
    if data is not None and role not in NAMED_TO:
        data = without_pairs(data)
    return Response({**report_state(report), "report": data})


class AgreementApi(APIView):
    @extend_schema(operation_id="agreement_get", responses=AgreementReportSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """How far people agree: overall, by group of faces, and by pair of people (not for researchers).

        As it was computed last. A report that is missing or older than ten minutes is computed meanwhile: ask again.
        """
        dataset, role = dataset_access(user=request.user, dataset_id=dataset_id, roles=READERS)
        report = report_get(dataset=dataset, kind=KIND)
        if is_stale(report):
            report = report_request(dataset=dataset, kind=KIND)
        return _answer(report, role)

    @extend_schema(operation_id="agreement_refresh", request=None, responses={202: AgreementReportSerializer})
    def post(self, request: Request, dataset_id: int) -> Response:
        """Have the report computed again now."""
        dataset, role = dataset_access(user=request.user, dataset_id=dataset_id, roles=READERS)
        answer = _answer(report_request(dataset=dataset, kind=KIND), role)
        answer.status_code = status.HTTP_202_ACCEPTED
        return answer


class AgreementCsvApi(APIView):
    @extend_schema(operation_id="agreement_csv", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, dataset_id: int) -> StreamingHttpResponse:
        """The stored report, a row for each figure with its interval and number of faces; computed if there is none."""
        dataset, role = dataset_access(user=request.user, dataset_id=dataset_id, roles=READERS)
        report = report_get(dataset=dataset, kind=KIND)
        data: dict[str, Any] = report.data or report_compute(dataset=dataset, kind=KIND).data or {}
        if role not in NAMED_TO:
            data = without_pairs(data)
        download_note(actor=signed_in(request), target=dataset, dataset_id=dataset.pk, what="agreement.csv")
        return csv_answer(
            filename=f"{dataset.slug}-agreement.csv", columns=COLUMNS, rows=agreement_rows(data)
        )
