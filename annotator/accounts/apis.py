"""Endpoints about the signed-in person: tokens and password."""

from __future__ import annotations

from django.contrib.auth import update_session_auth_hash
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts import serializers as shapes
from annotator.accounts.models import ApiToken, User
from annotator.accounts.selectors import preferences_get, token_list
from annotator.accounts.services import password_change, preferences_change, token_create, token_revoke
from annotator.common.addresses import client_address
from annotator.common.errors import NotAllowed


def signed_in(request: Request) -> User:
    """The person of an authenticated request."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101  # IsAuthenticated ran before the view
    return user


def _needs_a_session(request: Request, what: str) -> None:
    if isinstance(request.auth, ApiToken):
        raise NotAllowed("session_needed", f"A program's token may not {what}: sign in with a browser.")


class TokensApi(APIView):
    @extend_schema(operation_id="token_list", responses=shapes.TokensSerializer)
    def get(self, request: Request) -> Response:
        """My API tokens, newest first."""
        return Response(
            {"results": shapes.TokenSerializer(token_list(user=signed_in(request)), many=True).data}
        )

    @extend_schema(
        operation_id="token_create",
        request=shapes.NewTokenSerializer,
        responses={201: shapes.TokenWithKeySerializer},
    )
    def post(self, request: Request) -> Response:
        """Make a token for a program; its key is in this answer and nowhere else."""
        _needs_a_session(request, "make tokens")
        given = shapes.NewTokenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        token, key = token_create(user=signed_in(request), **given.validated_data)
        return Response({**shapes.TokenSerializer(token).data, "key": key}, status=201)


class TokenApi(APIView):
    @extend_schema(operation_id="token_revoke", responses={204: None})
    def delete(self, request: Request, token_id: int) -> Response:
        """Revoke one of my tokens; whatever uses it is refused from now on."""
        token_revoke(user=signed_in(request), token_id=token_id)
        return Response(status=204)


class PreferencesApi(APIView):
    @extend_schema(operation_id="preferences_get", responses=shapes.PreferencesSerializer)
    def get(self, request: Request) -> Response:
        """How I set up the pages; what I never touched is left out."""
        return Response(preferences_get(user=signed_in(request)))

    @extend_schema(
        operation_id="preferences_change",
        request=shapes.PreferencesSerializer,
        responses=shapes.PreferencesSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Change some of my settings; null takes one back to the usual. The answer is all that I set."""
        given = shapes.PreferencesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(preferences_change(user=signed_in(request), changes=given.validated_data))


class PasswordApi(APIView):
    @extend_schema(
        operation_id="password_change", request=shapes.PasswordChangeSerializer, responses={204: None}
    )
    def post(self, request: Request) -> Response:
        """Change my password; every other session of mine ends."""
        _needs_a_session(request, "change a password")
        given = shapes.PasswordChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = signed_in(request)
        password_change(user=user, address=client_address(request._request), **given.validated_data)
        update_session_auth_hash(request._request, user)
        return Response(status=204)
