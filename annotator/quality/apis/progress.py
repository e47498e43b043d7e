"""Endpoints of the progress page and its tables."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.accounts.services import download_note
from annotator.common.spreadsheets import csv_answer
from annotator.datasets.access import STAFF, dataset_access
from annotator.datasets.models import Role
from annotator.quality.progress_serializers import ProgressSerializer, ProgressTableSerializer
from annotator.quality.selectors import overview, progress
from annotator.quality.selectors.progress_tables import TABLES
from annotator.quality.selectors.tallies import tallies
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.statistics.forecast import CONFIDENCE, LEAST_ACTIVE_DAYS


class ProgressApi(APIView):
    @extend_schema(operation_id="progress_get", responses=ProgressSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """Done, open and held by pass and person, pace, forecast, who checks whom (people: admins only)."""
        dataset, role = dataset_access(user=request.user, dataset_id=dataset_id, roles=STAFF)
        today = timezone.now().date()
        counted = tallies(dataset=dataset)
        leases = progress.lease_counts(dataset=dataset)
        work = progress.work_shown(dataset=dataset, today=today)
        checks = (dataset.policy.policy if dataset.policy else Policy()).checks
        ahead = progress.forecast(counted=counted, work=work, checks=checks, today=today)
        people = pairs = None
        if role == Role.ADMIN:
            people = progress.person_lines(dataset=dataset, leases=leases, work=work, today=today)
            pairs = progress.pair_lines(dataset=dataset)
        shown = {
            "images": overview.image_counts(counted=counted),
            "faces": overview.face_counts(counted=counted),
            "passes": progress.pass_lines(counted=counted, leases=leases, work=work),
            "days": progress.day_lines(work=work, today=today),
            "weeks": progress.weeks_shown(today),
            "forecast": asdict(ahead) | {"confidence": CONFIDENCE, "least_active_days": LEAST_ACTIVE_DAYS},
            "people": people,
            "pairs": pairs,
            "pairs_over": progress.NEWEST_CHECKS,
        }
        return Response(ProgressSerializer(shown).data)


class ProgressCsvApi(APIView):
    @extend_schema(
        operation_id="progress_csv",
        parameters=[ProgressTableSerializer],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, dataset_id: int) -> HttpResponseBase:
        """One of the page's tables (admin, adjudicator)."""
        dataset, _ = dataset_access(
            user=request.user, dataset_id=dataset_id, roles=(Role.ADMIN, Role.ADJUDICATOR)
        )
        given = ProgressTableSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        name: str = given.validated_data["table"]
        columns, rows = TABLES[name]
        part = "progress" if name == "people" else f"progress-{name}"
        download_note(actor=signed_in(request), target=dataset, dataset_id=dataset.pk, what=f"{part}.csv")
        return csv_answer(
            filename=f"{dataset.slug}-{part}.csv",
            columns=columns,
            rows=list(rows(dataset, timezone.now().date())),
        )
