"""Endpoints about how well people label: the table, one person, pausing and resuming, bias by group."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.common.errors import NotFound
from annotator.datasets.access import LABELLERS, dataset_access
from annotator.datasets.models import Membership, Role
from annotator.datasets.services import member_resume
from annotator.quality import gold_serializers as shapes
from annotator.quality.apis.gold import policy_of
from annotator.quality.models import ReportKind, StoredReport
from annotator.quality.selectors.group_bias import group_bias_report
from annotator.quality.selectors.people import member_access
from annotator.quality.selectors.reports import is_stale, people_of, report_get, report_state
from annotator.quality.selectors.skill import PersonSkill, people_skill
from annotator.quality.services.reports import report_request
from annotator.work.services.people import person_pause

ADMIN = (Role.ADMIN,)


def _labeller(request: Request, membership_id: int) -> Membership:
    """The membership, for an admin of its dataset. Raises NotFound for a member whose role does not label."""
    membership = member_access(user=request.user, membership_id=membership_id)
    if membership.role not in LABELLERS:
        raise NotFound("no_labelling", "This member's role does not label, so there is nothing to measure.")
    return membership


def _skill_of(membership: Membership) -> PersonSkill:
    dataset = membership.dataset
    return people_skill(dataset=dataset, policy=policy_of(dataset), membership=membership)[0]


def _quality(report: StoredReport) -> Response:
    return Response({**report_state(report), "results": people_of(report)})


class QualityApi(APIView):
    @extend_schema(operation_id="quality_people", responses=shapes.QualitySerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """Everybody who labels: errors on gold, verdict, speed and trend (admin).

        Figures as they were computed last, names and pauses as they are. Figures that are missing or older than ten
        minutes are computed meanwhile: ask again.
        """
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=ADMIN)
        report = report_get(dataset=dataset, kind=ReportKind.QUALITY)
        if is_stale(report):
            report = report_request(dataset=dataset, kind=ReportKind.QUALITY)
        return _quality(report)

    @extend_schema(operation_id="quality_refresh", request=None, responses={202: shapes.QualitySerializer})
    def post(self, request: Request, dataset_id: int) -> Response:
        """Have the figures computed again now (admin)."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=ADMIN)
        answer = _quality(report_request(dataset=dataset, kind=ReportKind.QUALITY))
        answer.status_code = status.HTTP_202_ACCEPTED
        return answer


class PersonSkillApi(APIView):
    @extend_schema(operation_id="person_skill", responses=shapes.PersonSkillSerializer)
    def get(self, request: Request, membership_id: int) -> Response:
        """One person in full: offsets by region, confusions, what they are watched in (admin)."""
        return Response(shapes.person_skill_json(_skill_of(_labeller(request, membership_id))))


class PersonPauseApi(APIView):
    @extend_schema(
        operation_id="person_pause",
        request=shapes.PauseSerializer,
        responses=shapes.PersonSkillSerializer,
    )
    def post(self, request: Request, membership_id: int) -> Response:
        """Hand a person nothing more, with a reason that is told to them; what they hold goes back (admin)."""
        membership = _labeller(request, membership_id)
        given = shapes.PauseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        person_pause(membership=membership, reason=given.validated_data["reason"], actor=signed_in(request))
        report_request(dataset=membership.dataset, kind=ReportKind.QUALITY)
        return Response(shapes.person_skill_json(_skill_of(membership)))


class PersonResumeApi(APIView):
    @extend_schema(
        operation_id="person_resume",
        request=shapes.ResumeSerializer,
        responses=shapes.PersonSkillSerializer,
    )
    def post(self, request: Request, membership_id: int) -> Response:
        """Let a paused person work again; they are judged by what they answer from now on (admin)."""
        membership = _labeller(request, membership_id)
        given = shapes.ResumeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        member_resume(membership=membership, note=given.validated_data["note"], actor=signed_in(request))
        report_request(dataset=membership.dataset, kind=ReportKind.QUALITY)
        return Response(shapes.person_skill_json(_skill_of(membership)))


class GroupBiasApi(APIView):
    @extend_schema(
        operation_id="group_bias",
        parameters=[shapes.GroupBiasFilterSerializer],
        responses=shapes.GroupBiasSerializer,
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """Whether a person treats a group of faces differently from how others do (admin)."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=ADMIN)
        given = shapes.GroupBiasFilterSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        report = group_bias_report(dataset=dataset, policy=policy_of(dataset), **given.validated_data)
        members = Membership.objects.filter(dataset=dataset).select_related("user")
        names = {member.user_id: member.user.name for member in members}
        return Response(shapes.group_bias_json(report, names))
