"""Worker nodes and pre-labelling over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Role
from annotator.jobs.serializers import JobSerializer
from annotator.learning.selectors import learning_status, nodes_list
from annotator.learning.serializers import PrelabelOrderSerializer, WorkersSerializer
from annotator.learning.services.prelabelling import prelabel_start


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
