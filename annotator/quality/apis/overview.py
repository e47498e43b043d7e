"""Endpoints about progress: overview and blocked work."""

from __future__ import annotations

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.common.paging import PAGE_PARAMETERS, cursor_of, page_bounds, page_of
from annotator.datasets.access import STAFF, dataset_access
from annotator.datasets.models import Role
from annotator.jobs.serializers import JobSerializer
from annotator.quality import serializers as shapes
from annotator.quality.selectors import overview
from annotator.quality.selectors.edits import edit_distances
from annotator.quality.selectors.tallies import tallies
from annotator.work.selectors.blocked import blocked_count, blocked_list


class OverviewApi(APIView):
    @extend_schema(operation_id="overview_get", responses=shapes.OverviewSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """All numbers of the overview page in one call (admin, adjudicator, researcher)."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=STAFF)
        counted = tallies(dataset=dataset)
        by_state = overview.face_counts(counted=counted)
        return Response(
            {
                "images": overview.image_counts(counted=counted),
                "faces": shapes.face_counts_json(by_state, blocked_count(dataset=dataset)),
                "passes": overview.pass_counts(dataset=dataset, counted=counted),
                "distributions": overview.distributions(counted=counted),
                "edits": [asdict(distance) for distance in edit_distances(dataset=dataset, counted=counted)],
                "jobs": JobSerializer(overview.jobs_shown(dataset=dataset), many=True).data,
                "near_duplicates_open": overview.near_duplicates_open(dataset=dataset),
                "imports": overview.imports_count(dataset=dataset),
            }
        )


class BlockedApi(APIView):
    @extend_schema(
        operation_id="blocked_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of(shapes.BlockedSerializer),
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """Open items that nobody active may take, each with what it needs."""
        dataset, _ = dataset_access(
            user=request.user, dataset_id=dataset_id, roles=(Role.ADMIN, Role.ADJUDICATOR)
        )
        after, limit = page_bounds(request)
        found = blocked_list(dataset=dataset, after=after or 0, limit=limit + 1)
        following = cursor_of(found[limit - 1].item_id) if len(found) > limit else None
        return Response({"results": [asdict(item) for item in found[:limit]], "next": following})
