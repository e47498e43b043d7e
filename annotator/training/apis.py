"""Training runs over HTTP: start, list, look, curve points, cancel; and when runs start by themselves."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.common.errors import Invalid
from annotator.common.paging import PAGE_PARAMETERS, keyset_page, page_json, page_of
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Role
from annotator.releases.models import Release
from annotator.training import selectors
from annotator.training import serializers as shapes
from annotator.training.services.runs import Resources, run_cancel, run_create
from annotator.training.services.triggering import settings_change

RESOURCES = ("threads", "gpus", "max_seconds", "max_memory_bytes", "min_free_bytes")
ADMIN = (Role.ADMIN,)


class TrainingRunListApi(APIView):
    @extend_schema(
        operation_id="training_runs_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of(shapes.TrainingRunSerializer),
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """The training runs of a dataset, newest first."""
        dataset, _ = dataset_access(user=signed_in(request), dataset_id=dataset_id, roles=selectors.READERS)
        page = keyset_page(selectors.run_list(dataset=dataset), request=request, newest_first=True)
        return Response(page_json(page, shapes.run_json))

    @extend_schema(
        operation_id="training_runs_create",
        request=shapes.NewTrainingRunSerializer,
        responses={201: shapes.TrainingRunSerializer},
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """Start a run on a release, or on the faces that are accepted now."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=ADMIN)
        form = shapes.NewTrainingRunSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(form.validated_data)
        resources = Resources(**{name: given.pop(name) for name in RESOURCES})
        release = None
        if (number := given.pop("release")) is not None:
            release = (
                Release.objects.select_related("job", "policy").filter(dataset=dataset, number=number).first()
            )
            if release is None:
                raise Invalid("no_release", f"This dataset has no release {number}.")
        run = run_create(dataset=dataset, actor=user, release=release, resources=resources, **given)
        return Response(shapes.run_json(run), status=201)


class TrainingRunApi(APIView):
    @extend_schema(operation_id="training_run_get", responses=shapes.TrainingRunSerializer)
    def get(self, request: Request, run_id: int) -> Response:
        """One run with its job, the gate's report and its model."""
        return Response(shapes.run_json(selectors.run_access(user=signed_in(request), run_id=run_id)))


class TrainingRunCancelApi(APIView):
    @extend_schema(operation_id="training_run_cancel", request=None, responses=shapes.TrainingRunSerializer)
    def post(self, request: Request, run_id: int) -> Response:
        """Stop a run: at once while it waits, within seconds while it trains."""
        user = signed_in(request)
        run = selectors.run_access(user=user, run_id=run_id, roles=ADMIN)
        run_cancel(run=run, actor=user)
        return Response(shapes.run_json(selectors.run_access(user=user, run_id=run_id)))


class TrainingPointsApi(APIView):
    @extend_schema(
        operation_id="training_run_points",
        parameters=[
            OpenApiParameter("after", int, description="`seq` of the last point seen; 0 for the first page."),
            OpenApiParameter("limit", int, description=f"Points a page, 1 to {shapes.POINTS_MOST}."),
        ],
        responses=shapes.TrainingPointsSerializer,
    )
    def get(self, request: Request, run_id: int) -> Response:
        """The points of a run's curves in the order they were written."""
        run = selectors.run_access(user=signed_in(request), run_id=run_id)
        after = _whole(request, "after", default=0, low=0, high=2**31 - 1)
        limit = _whole(request, "limit", default=shapes.POINTS_MOST, low=1, high=shapes.POINTS_MOST)
        points = selectors.points_after(run=run, after=after, limit=limit + 1)
        shown = points[:limit]
        return Response(
            {
                "results": shapes.TrainingPointSerializer(shown, many=True).data,
                "next": shown[-1].seq if len(points) > limit else None,
            }
        )


class TrainingSettingsApi(APIView):
    @extend_schema(operation_id="training_settings_get", responses=shapes.TrainingSettingsSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """When the dataset starts a run by itself, and how."""
        dataset, _ = dataset_access(user=signed_in(request), dataset_id=dataset_id, roles=selectors.READERS)
        found = selectors.settings_of(dataset=dataset)
        return Response(shapes.TrainingSettingsSerializer(found).data)

    @extend_schema(
        operation_id="training_settings_put",
        request=shapes.TrainingSettingsSerializer,
        responses=shapes.TrainingSettingsSerializer,
    )
    def put(self, request: Request, dataset_id: int) -> Response:
        """Change them; what is left out stays."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=ADMIN)
        form = shapes.TrainingSettingsSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        changed = settings_change(dataset=dataset, actor=user, changes=form.validated_data)
        return Response(shapes.TrainingSettingsSerializer(changed).data)


def _whole(request: Request, name: str, *, default: int, low: int, high: int) -> int:
    asked = request.query_params.get(name)
    if asked is None:
        return default
    if not (asked.isascii() and asked.isdigit() and low <= int(asked) <= high):
        raise Invalid(name, f"{name} is a whole number from {low} to {high}.")
    return int(asked)
