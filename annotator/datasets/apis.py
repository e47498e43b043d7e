"""Endpoints: the session with its memberships, datasets, policy versions."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect, ensure_csrf_cookie
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.accounts.services import person_authenticate
from annotator.common.addresses import client_address
from annotator.common.errors import NotAllowed
from annotator.datasets import serializers as shapes
from annotator.datasets.access import dataset_access
from annotator.datasets.selectors import dataset_roles, policy_version_list
from annotator.datasets.services import dataset_create, policy_read


@method_decorator(ensure_csrf_cookie, name="dispatch")
@method_decorator(csrf_protect, name="dispatch")
class SessionApi(APIView):
    """Every answer sets the CSRF cookie, also the 401: a page can sign in again over itself."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method == "POST" else [IsAuthenticated()]

    @extend_schema(operation_id="session_get", responses=shapes.SessionSerializer)
    def get(self, request: Request) -> Response:
        """Who I am and which datasets I may enter."""
        user = signed_in(request)
        return Response(shapes.session_json(user, dataset_roles(user=user)))

    @extend_schema(
        operation_id="session_sign_in",
        request=shapes.CredentialsSerializer,
        responses=shapes.SessionSerializer,
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Sign in. The CSRF token changes: read the cookie again before the next write."""
        given = shapes.CredentialsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = person_authenticate(
            request=request._request, address=client_address(request._request), **given.validated_data
        )
        login(request._request, user)
        return Response(shapes.session_json(user, dataset_roles(user=user)))

    @extend_schema(operation_id="session_sign_out", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out of this browser."""
        logout(request._request)
        return Response(status=204)


class DatasetsApi(APIView):
    @extend_schema(operation_id="dataset_list", responses=shapes.DatasetsSerializer)
    def get(self, request: Request) -> Response:
        """The datasets I may enter, by name."""
        roles = dataset_roles(user=signed_in(request))
        return Response({"results": [shapes.dataset_json(dataset, role) for dataset, role in roles]})

    @extend_schema(
        operation_id="dataset_create",
        request=shapes.NewDatasetSerializer,
        responses={201: shapes.DatasetSerializer},
    )
    def post(self, request: Request) -> Response:
        """Create a dataset, with the usual policy unless one is given (admins of all datasets only)."""
        user = signed_in(request)
        if not user.is_superuser:
            raise NotAllowed("role", "Only an admin of all datasets may create one. Ask them.")
        given = shapes.NewDatasetSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        if "policy" in data:
            data["policy"] = policy_read(data["policy"])
        dataset = dataset_create(actor=user, **data)
        _, role = dataset_access(user=user, dataset_id=dataset.pk)
        return Response(shapes.dataset_json(dataset, role), status=201)


class DatasetApi(APIView):
    @extend_schema(operation_id="dataset_get", responses=shapes.DatasetSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """One dataset with the policy in force and my role."""
        dataset, role = dataset_access(user=signed_in(request), dataset_id=dataset_id)
        return Response(shapes.dataset_json(dataset, role))


class PolicyVersionsApi(APIView):
    @extend_schema(operation_id="policy_version_list", responses=shapes.PolicyVersionsSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """Every version of the policy, newest first."""
        dataset, _ = dataset_access(user=signed_in(request), dataset_id=dataset_id)
        versions = policy_version_list(dataset=dataset)
        return Response({"results": shapes.PolicyVersionSerializer(versions, many=True).data})
