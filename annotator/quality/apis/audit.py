"""Endpoints about what was done in a dataset and which photographs were viewed; for its admins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, TypeVar

from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.accounts.models import AuditEntry
from annotator.accounts.selectors import AuditFilter, audit_choices, audit_list
from annotator.accounts.services import download_note
from annotator.common.paging import PAGE_PARAMETERS, keyset_page, page_json, page_of
from annotator.common.spreadsheets import csv_answer
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Dataset, Role
from annotator.images.models import ImageView
from annotator.images.selectors import view_list
from annotator.quality import audit_serializers as shapes

Row = TypeVar("Row", bound=Model)

CHUNK: Final = 1000


def _dataset(request: Request, dataset_id: int) -> Dataset:
    dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=(Role.ADMIN,))
    return dataset


def _asked(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = shape(data=request.query_params)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _entries(request: Request, dataset: Dataset) -> QuerySet[AuditEntry]:
    wanted = AuditFilter(**_asked(shapes.AuditFilterSerializer, request))
    return audit_list(dataset_id=dataset.pk, wanted=wanted)


def _views(request: Request, dataset: Dataset) -> QuerySet[ImageView]:
    return view_list(dataset_id=dataset.pk, **_asked(shapes.ViewFilterSerializer, request))


def _newest_first(rows: QuerySet[Row]) -> Iterator[Row]:
    """All rows in keyset chunks, so that no transaction stays open however long the download takes."""
    rows = rows.order_by("-pk")
    found = list(rows[:CHUNK])
    while found:
        yield from found
        found = list(rows.filter(pk__lt=found[-1].pk)[:CHUNK])


class AuditApi(APIView):
    @extend_schema(
        operation_id="audit_list",
        parameters=[shapes.AuditFilterSerializer, *PAGE_PARAMETERS],
        responses=shapes.AuditPageSerializer,
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """Who did what in this dataset, newest first; the first page with what the filter can be set to."""
        dataset = _dataset(request, dataset_id)
        page = keyset_page(_entries(request, dataset), request=request, newest_first=True)
        choices = None
        if not request.query_params.get("cursor"):
            verbs, people = audit_choices(dataset_id=dataset.pk)
            named = [{"id": person.pk, "username": person.username} for person in people]
            choices = {"verbs": verbs, "people": named}
        rows = page_json(page, lambda entry: shapes.AuditEntrySerializer(entry).data)
        return Response({**rows, "choices": choices})


class AuditCsvApi(APIView):
    @extend_schema(
        operation_id="audit_csv",
        parameters=[shapes.AuditFilterSerializer],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, dataset_id: int) -> StreamingHttpResponse:
        """Every entry that meets the conditions, newest first; details as JSON."""
        dataset = _dataset(request, dataset_id)
        entries = _entries(request, dataset)
        download_note(actor=signed_in(request), target=dataset, dataset_id=dataset.pk, what="audit.csv")
        rows = (
            (
                entry.pk,
                entry.at.isoformat(),
                None if entry.actor is None else entry.actor.username,
                entry.verb,
                entry.target_type,
                entry.target_id,
                json.dumps(entry.details, ensure_ascii=False),
            )
            for entry in _newest_first(entries)
        )
        return csv_answer(filename=f"{dataset.slug}-audit.csv", columns=shapes.AUDIT_COLUMNS, rows=rows)


class ViewsApi(APIView):
    @extend_schema(
        operation_id="image_view_list",
        parameters=[shapes.ViewFilterSerializer, *PAGE_PARAMETERS],
        responses=page_of(shapes.ImageViewSerializer),
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """Who was shown which photograph, newest first: an entry for each person, image and hour."""
        dataset = _dataset(request, dataset_id)
        page = keyset_page(_views(request, dataset), request=request, newest_first=True)
        return Response(page_json(page, lambda view: shapes.ImageViewSerializer(view).data))


class ViewsCsvApi(APIView):
    @extend_schema(
        operation_id="image_view_csv",
        parameters=[shapes.ViewFilterSerializer],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, dataset_id: int) -> StreamingHttpResponse:
        """Every viewing that meets the conditions, newest first."""
        dataset = _dataset(request, dataset_id)
        views = _views(request, dataset)
        download_note(actor=signed_in(request), target=dataset, dataset_id=dataset.pk, what="views.csv")
        rows = (
            (view.pk, view.at.isoformat(), view.user.username, view.image_id, view.hour.isoformat())
            for view in _newest_first(views)
        )
        return csv_answer(filename=f"{dataset.slug}-views.csv", columns=shapes.VIEW_COLUMNS, rows=rows)
