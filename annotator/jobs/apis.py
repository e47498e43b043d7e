"""Jobs over HTTP: list, look, cancel, try again."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.common.paging import PAGE_PARAMETERS, keyset_page, page_json, page_of
from annotator.datasets.access import STAFF, dataset_access
from annotator.datasets.models import Role
from annotator.jobs.selectors import job_access, job_list
from annotator.jobs.serializers import JobSerializer
from annotator.jobs.services import job_cancel, job_retry


class JobListApi(APIView):
    @extend_schema(operation_id="job_list", parameters=PAGE_PARAMETERS, responses=page_of(JobSerializer))
    def get(self, request: Request, dataset_id: int) -> Response:
        """The jobs of a dataset, newest first."""
        dataset, _ = dataset_access(user=signed_in(request), dataset_id=dataset_id, roles=STAFF)
        page = keyset_page(job_list(dataset=dataset), request=request, newest_first=True)
        return Response(page_json(page, lambda job: JobSerializer(job).data))


class JobApi(APIView):
    @extend_schema(operation_id="job_get", responses=JobSerializer)
    def get(self, request: Request, job_id: int) -> Response:
        """One job, with its progress."""
        job = job_access(user=signed_in(request), job_id=job_id, roles=STAFF)
        return Response(JobSerializer(job).data)


class JobCancelApi(APIView):
    @extend_schema(operation_id="job_cancel", request=None, responses=JobSerializer)
    def post(self, request: Request, job_id: int) -> Response:
        """Stop a job: at once if it waits, within seconds if it runs."""
        job = job_access(user=signed_in(request), job_id=job_id, roles=(Role.ADMIN,))
        return Response(JobSerializer(job_cancel(job=job, actor=signed_in(request))).data)


class JobRetryApi(APIView):
    @extend_schema(operation_id="job_retry", request=None, responses=JobSerializer)
    def post(self, request: Request, job_id: int) -> Response:
        """Run a failed or cancelled job again; it continues where it was."""
        job = job_access(user=signed_in(request), job_id=job_id, roles=(Role.ADMIN,))
        return Response(JobSerializer(job_retry(job=job, actor=signed_in(request))).data)
