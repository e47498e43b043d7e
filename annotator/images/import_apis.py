"""Imports over HTTP: upload, progress, report."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.accounts.services import download_note
from annotator.common.paging import PAGE_PARAMETERS, keyset_page, page_json, page_of
from annotator.common.spreadsheets import csv_answer
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Role
from annotator.images import serializers as shapes
from annotator.images.models import Import, Outcome
from annotator.images.selectors import entry_list, import_access, import_list, outcome_counts, report_rows
from annotator.images.services.candidates import PROVENANCE
from annotator.images.services.portions import portion_store, upload_finish
from annotator.images.services.uploads import upload_create

ADMIN: Final = (Role.ADMIN,)
REPORT_COLUMNS: Final = ("entry_id", "name", "outcome", "code", "message", "sha256", "image_id")


class ImportListApi(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="import_list", parameters=PAGE_PARAMETERS, responses=page_of(shapes.ImportSerializer)
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """The imports of a dataset, newest first, each with its job and counts."""
        dataset, _ = dataset_access(user=signed_in(request), dataset_id=dataset_id, roles=ADMIN)
        page = keyset_page(import_list(dataset=dataset), request=request, newest_first=True)
        counts = outcome_counts(imports=page.results)
        return Response(page_json(page, lambda batch: shapes.import_json(batch, counts[batch.pk])))

    @extend_schema(
        operation_id="import_upload",
        request={"multipart/form-data": shapes.UploadSerializer},
        responses={201: shapes.ImportSerializer},
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """Upload photographs. The answer comes once every byte is on the server's disk; a job imports them."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=ADMIN)
        given = shapes.UploadSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        batch = upload_create(
            dataset=dataset,
            files=data["files"],
            names=data.get("paths", []),
            defaults={field: data.get(field, "") for field in PROVENANCE},
            actor=user,
        )
        return Response(_import_json(batch), status=201)


class PortionApi(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="upload_portion",
        request={"multipart/form-data": shapes.PortionSerializer},
        responses=shapes.PortionStoredSerializer,
    )
    def post(self, request: Request, dataset_id: int, upload: UUID, portion: int) -> Response:
        """One portion of an upload; the answer comes once it is on the server's disk. The same again replaces it."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=ADMIN)
        given = shapes.PortionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        return Response(
            portion_store(
                dataset=dataset,
                actor=user,
                upload=upload,
                portion=portion,
                files=data["files"],
                names=data["paths"],
                pieces=data.get("pieces", []),
            )
        )


class UploadFinishApi(APIView):
    @extend_schema(
        operation_id="upload_finish",
        request=shapes.UploadFinishSerializer,
        responses={201: shapes.ImportSerializer},
    )
    def post(self, request: Request, dataset_id: int, upload: UUID) -> Response:
        """Import an upload whose portions are all there; a repeat answers with the same import."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=ADMIN)
        given = shapes.UploadFinishSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        batch = upload_finish(
            dataset=dataset,
            actor=user,
            upload=upload,
            portions=data["portions"],
            defaults={field: data.get(field, "") for field in PROVENANCE},
        )
        return Response(_import_json(batch), status=201)


class ImportApi(APIView):
    @extend_schema(operation_id="import_get", responses=shapes.ImportSerializer)
    def get(self, request: Request, import_id: int) -> Response:
        """One import with its job and counts."""
        return Response(
            _import_json(import_access(user=signed_in(request), import_id=import_id, roles=ADMIN))
        )


class ImportEntryListApi(APIView):
    @extend_schema(
        operation_id="import_entry_list",
        parameters=[*PAGE_PARAMETERS, OpenApiParameter("outcome", str, enum=Outcome.values)],
        responses=page_of(shapes.ImportEntrySerializer),
    )
    def get(self, request: Request, import_id: int) -> Response:
        """What became of each file, in the order they were read."""
        batch = import_access(user=signed_in(request), import_id=import_id, roles=ADMIN)
        entries = entry_list(batch=batch, outcome=request.query_params.get("outcome"))
        page = keyset_page(entries, request=request)
        return Response(page_json(page, lambda entry: shapes.ImportEntrySerializer(entry).data))


class ImportReportApi(APIView):
    @extend_schema(operation_id="import_report", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, import_id: int) -> StreamingHttpResponse:
        """The whole report as CSV."""
        user = signed_in(request)
        batch = import_access(user=user, import_id=import_id, roles=ADMIN)
        download_note(actor=user, target=batch, dataset_id=batch.dataset_id, what="report.csv")
        name = f"import-{batch.pk}-report.csv"
        return csv_answer(filename=name, columns=REPORT_COLUMNS, rows=report_rows(batch=batch))


def _import_json(batch: Import) -> dict[str, object]:
    return shapes.import_json(batch, outcome_counts(imports=[batch])[batch.pk])
