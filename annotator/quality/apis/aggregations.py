"""Endpoints of aggregations: count, write, take back. Only for admins, and never by themselves."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Role
from annotator.jobs.serializers import JobSerializer
from annotator.quality import aggregation_serializers as shapes
from annotator.quality.selectors.aggregations import aggregation_access, aggregations_json
from annotator.quality.services.aggregating import aggregation_start, aggregation_undo_start


class AggregationsApi(APIView):
    @extend_schema(operation_id="aggregations_list", responses=shapes.AggregationsSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """The newest aggregations, and what the last dry run counted."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=(Role.ADMIN,))
        return Response(aggregations_json(dataset=dataset))

    @extend_schema(
        operation_id="aggregation_start",
        request=shapes.AggregationStartSerializer,
        responses={202: JobSerializer},
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """Combine the accepted faces again from everything people said, or count what that would change."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=(Role.ADMIN,))
        given = shapes.AggregationStartSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        job = aggregation_start(dataset=dataset, actor=signed_in(request), **given.validated_data)
        return Response(JobSerializer(job).data, status=202)


class AggregationUndoApi(APIView):
    @extend_schema(
        operation_id="aggregation_undo",
        request=shapes.AggregationUndoSerializer,
        responses={202: JobSerializer},
    )
    def post(self, request: Request, aggregation_id: int) -> Response:
        """Take an aggregation back; faces that were worked on since stay as they are."""
        aggregation = aggregation_access(user=request.user, aggregation_id=aggregation_id)
        given = shapes.AggregationUndoSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        job = aggregation_undo_start(
            aggregation=aggregation, actor=signed_in(request), **given.validated_data
        )
        return Response(JobSerializer(job).data, status=202)
