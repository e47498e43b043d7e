"""Endpoints about the members of a dataset."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.common.errors import Invalid
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Membership, Role
from annotator.datasets.services import member_password_reset, user_invite
from annotator.quality import serializers as shapes
from annotator.quality.selectors.people import member_access, people
from annotator.work.services.people import member_update

ADMIN = (Role.ADMIN,)


def _person_of(membership: Membership) -> dict[str, object]:
    return shapes.person_json(people(dataset=membership.dataset, membership=membership)[0])


class PeopleApi(APIView):
    @extend_schema(operation_id="people_list", responses=shapes.PeopleSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """Every member with their figures, active ones first."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=ADMIN)
        return Response({"results": [shapes.person_json(person) for person in people(dataset=dataset)]})

    @extend_schema(
        operation_id="people_invite",
        request=shapes.InvitationSerializer,
        responses={201: shapes.InvitedPersonSerializer},
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """Add a person by user name; a new one gets a generated password, shown only in this answer."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=ADMIN)
        given = shapes.InvitationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        membership, password = user_invite(
            dataset=dataset,
            username=data["username"],
            name=data.get("name", ""),
            role=Role(data["role"]),
            actor=signed_in(request),
        )
        return Response({**_person_of(membership), "password": password}, status=201)


class PersonApi(APIView):
    @extend_schema(
        operation_id="person_change",
        request=shapes.PersonChangeSerializer,
        responses=shapes.PersonSerializer,
    )
    def patch(self, request: Request, membership_id: int) -> Response:
        """Change a role or a daily goal, or take or give back access; taking it returns leases and drafts."""
        membership = member_access(user=request.user, membership_id=membership_id)
        given = shapes.PersonChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        role, is_active = given.validated_data.get("role"), given.validated_data.get("is_active")
        daily_goal = given.validated_data.get("daily_goal")
        if role is None and is_active is None and daily_goal is None:
            raise Invalid("nothing_to_change", "Send a role, is_active, daily_goal, or several of them.")
        changed = member_update(
            membership=membership,
            role=None if role is None else Role(role),
            is_active=is_active,
            daily_goal=daily_goal,
            actor=signed_in(request),
        )
        return Response(_person_of(changed))


class PersonPasswordApi(APIView):
    @extend_schema(operation_id="person_reset_password", request=None, responses=shapes.NewPasswordSerializer)
    def post(self, request: Request, membership_id: int) -> Response:
        """A new password for a member, shown only in this answer; their sessions and tokens end."""
        membership = member_access(user=request.user, membership_id=membership_id)
        return Response({"password": member_password_reset(membership=membership, actor=signed_in(request))})
