"""Worker nodes, pre-labelling and the model registry over HTTP."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.accounts.services import download_note
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Role
from annotator.jobs.serializers import JobSerializer
from annotator.learning.selectors.nodes import learning_status, nodes_list
from annotator.learning.selectors.registry import (
    READERS,
    champion_of,
    model_access,
    model_list,
    model_local_file,
    promotion_list,
)
from annotator.learning.serializers import (
    ModelCardSerializer,
    ModelsSerializer,
    ModelVersionSerializer,
    PrelabelOrderSerializer,
    PromotionSerializer,
    ReasonSerializer,
    WorkersSerializer,
    model_json,
    promotion_json,
)
from annotator.learning.services.prelabel_jobs import prelabel_start
from annotator.learning.services.registry import champion_rollback, model_promote

SHOWN: Final = 200
"""Versions and promotions in one answer, newest first; a dataset with one new model a week fills it in four years."""


class WorkersApi(APIView):
    @extend_schema(operation_id="workers_list", responses=WorkersSerializer)
    def get(self, request: Request) -> Response:
        """Worker nodes heard of in the last day, and whether learning is ready. For anybody with a log-in."""
        nodes = nodes_list()
        status = learning_status(nodes=nodes)
        return Response(WorkersSerializer({"nodes": nodes, "learning": status}).data)


class PrelabelApi(APIView):
    @extend_schema(
        operation_id="prelabel_start", request=PrelabelOrderSerializer, responses={201: JobSerializer}
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """Label the waiting images now. It also happens by itself; this is for after a cancelled job."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=(Role.ADMIN,))
        order = PrelabelOrderSerializer(data=request.data)
        order.is_valid(raise_exception=True)
        job = prelabel_start(dataset=dataset, actor=user, **order.validated_data)
        return Response(JobSerializer(job).data, status=201)


class ModelListApi(APIView):
    @extend_schema(operation_id="models_list", responses=ModelsSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """The newest 200 versions of a dataset's models, who pre-labels now, and how that changed."""
        dataset, _ = dataset_access(user=signed_in(request), dataset_id=dataset_id, roles=READERS)
        champion = champion_of(dataset)
        return Response(
            {
                "champion": None if champion is None else champion.number,
                "coarse": {"name": settings.JFA_COARSE_PROVIDER},
                "versions": [
                    model_json(model, in_list=True) for model in model_list(dataset=dataset)[:SHOWN]
                ],
                "promotions": [promotion_json(one) for one in promotion_list(dataset=dataset)[:SHOWN]],
            }
        )


class ModelApi(APIView):
    @extend_schema(operation_id="models_get", responses=ModelVersionSerializer)
    def get(self, request: Request, model_id: int) -> Response:
        """One version, with the report of the promotion gate in its metrics."""
        return Response(model_json(model_access(user=signed_in(request), model_id=model_id)))


class ModelCardApi(APIView):
    @extend_schema(operation_id="models_card", responses=ModelCardSerializer)
    def get(self, request: Request, model_id: int) -> Response:
        """The model's card in Markdown: data, metrics per group, intended use, limits, licences."""
        return Response({"markdown": model_access(user=signed_in(request), model_id=model_id).card})


class ModelDownloadApi(APIView):
    @extend_schema(
        operation_id="models_download", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, model_id: int) -> FileResponse:
        """The model's file; 409 ``model_file`` if it is not the one that was registered."""
        user = signed_in(request)
        model = model_access(user=user, model_id=model_id)
        path = model_local_file(model)
        download_note(actor=user, target=model, dataset_id=model.dataset_id, what="model file")
        name = f"{model.dataset.slug}-m{model.number}-{model.sha256[:8]}.pt"
        return FileResponse(
            path.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream"
        )


class ModelPromoteApi(APIView):
    @extend_schema(
        operation_id="models_promote", request=ReasonSerializer, responses={201: PromotionSerializer}
    )
    def post(self, request: Request, model_id: int) -> Response:
        """Make this version the champion (admin); faces that nobody touched get new pre-labels."""
        user = signed_in(request)
        model = model_access(user=user, model_id=model_id, roles=(Role.ADMIN,))
        given = ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        promotion = model_promote(model=model, actor=user, **given.validated_data)
        return Response(promotion_json(promotion), status=201)


class ChampionRollbackApi(APIView):
    @extend_schema(
        operation_id="champion_rollback", request=ReasonSerializer, responses={201: PromotionSerializer}
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """Back to the champion before, or to the coarse provider if there was none (admin)."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=(Role.ADMIN,))
        given = ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        promotion = champion_rollback(dataset=dataset, actor=user, **given.validated_data)
        return Response(promotion_json(promotion), status=201)
