"""Endpoints of the queue. Programs and pages may repeat any of these requests safely."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.common.paging import PAGE_PARAMETERS, keyset_page, page_json
from annotator.datasets.access import LABELLERS, dataset_access
from annotator.datasets.models import Role
from annotator.datasets.serializers import DatasetSerializer, dataset_json
from annotator.work import serializers as shapes
from annotator.work.models import PassKind
from annotator.work.selectors.blocked import blocked_count
from annotator.work.selectors.even import even_reason
from annotator.work.selectors.items import item_access, item_list
from annotator.work.selectors.mine import daily_goal, pass_counts, pass_json, pass_list
from annotator.work.selectors.queue import (
    has_work,
    none_reason,
    pause_sentence,
    waiting_count,
    waiting_lately,
)
from annotator.work.selectors.tutorial import tutorial_sentence
from annotator.work.services.claiming import items_claim
from annotator.work.services.drafts import draft_drop, draft_keep
from annotator.work.services.leases import item_skip, lease_release, leases_renew
from annotator.work.services.policy_change import dataset_policy_publish
from annotator.work.services.submitting import FaceSubmission, face_submit
from annotator.work.services.sweeping import SweepSubmission, sweep_submit
from annotator.work.services.taking_back import pass_take_back


def _given(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """What was sent, checked. Making the fields of a shape costs more than using them, so they are made once."""
    body = request.data  # outside: what the parser refuses is said by the parser
    try:
        checked: dict[str, Any] = _reader(shape).run_validation(body)
    except serializers.ValidationError:
        shape(data=body).is_valid(raise_exception=True)
        raise
    return checked


@cache
def _reader(shape: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """An instance whose fields are used again and again; it keeps nothing of what they read."""
    return shape()


class ClaimApi(APIView):
    @extend_schema(
        operation_id="work_claim", request=shapes.ClaimSerializer, responses=shapes.ClaimedSerializer
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """Take the next items. What you hold already, or have a draft for, comes first."""
        user = signed_in(request)
        dataset, role = dataset_access(user=user, dataset_id=dataset_id, roles=LABELLERS)
        given = _given(shapes.ClaimSerializer, request)
        kinds = None if given["kinds"] is None else [PassKind(kind) for kind in given["kinds"]]
        ids = items_claim(
            dataset=dataset, user=user, role=role, count=given["count"], kinds=kinds, have=given["have"]
        )
        waiting = waiting_lately(dataset=dataset) if ids else waiting_count(dataset=dataset)
        reason, blocked = None, None
        if not ids and not given["have"]:
            reason = (
                pause_sentence(dataset=dataset, user=user)
                or tutorial_sentence(dataset=dataset, user=user, role=role)
                or even_reason(dataset=dataset, user=user, role=role, kinds=kinds)
                or none_reason(role=role, kinds=kinds, waiting=waiting)
            )
            blocked = blocked_count(dataset=dataset)
        return Response(
            {
                "items": item_list(ids=ids, user=user, dataset=dataset),
                "waiting": waiting,
                "blocked": blocked,
                "none_reason": reason,
            }
        )


class WaitingApi(APIView):
    @extend_schema(operation_id="work_waiting", responses=shapes.WaitingSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """How much is open, and why there is nothing for me; claims nothing."""
        user = signed_in(request)
        dataset, role = dataset_access(user=user, dataset_id=dataset_id, roles=LABELLERS)
        waiting = waiting_count(dataset=dataset)
        if kept := pause_sentence(dataset=dataset, user=user) or tutorial_sentence(
            dataset=dataset, user=user, role=role
        ):
            reason: str | None = kept
        elif has_work(dataset=dataset, user=user, role=role):
            reason = even_reason(dataset=dataset, user=user, role=role)
        else:
            reason = none_reason(role=role, kinds=None, waiting=waiting)
        return Response(
            {
                "waiting": waiting,
                "blocked": blocked_count(dataset=dataset),
                "none_reason": reason,
            }
        )


class HeartbeatApi(APIView):
    @extend_schema(
        operation_id="work_heartbeat",
        request=shapes.HeartbeatSerializer,
        responses=shapes.HeartbeatAnswerSerializer,
    )
    def post(self, request: Request) -> Response:
        """The page is still open: keep these leases. ``lost`` are no longer yours."""
        given = _given(shapes.HeartbeatSerializer, request)
        alive, lost = leases_renew(
            user=signed_in(request), leases={held["item"]: held["token"] for held in given["leases"]}
        )
        return Response(
            {"alive": [{"item": item, "until": until} for item, until in alive.items()], "lost": lost}
        )


class DraftApi(APIView):
    @extend_schema(
        operation_id="work_draft_keep",
        request=shapes.DraftSerializer,
        responses=shapes.DraftAnswerSerializer,
    )
    def put(self, request: Request, item_id: int) -> Response:
        """Keep unfinished work; an older sequence than the stored one changes nothing.

        409 `other_draft` with the stored one, if another page of yours wrote it since `known`: choose, then send again.
        """
        user = signed_in(request)
        item, _ = item_access(user=user, item_id=item_id)
        given = _given(shapes.DraftSerializer, request)
        return Response({"sequence": draft_keep(item=item, user=user, **given)})

    @extend_schema(operation_id="work_draft_drop", responses={204: None})
    def delete(self, request: Request, item_id: int) -> Response:
        """Forget my draft of an item."""
        user = signed_in(request)
        item, _ = item_access(user=user, item_id=item_id)
        draft_drop(item=item, user=user)
        return Response(status=204)


class SubmitApi(APIView):
    @extend_schema(
        operation_id="work_submit", request=shapes.SUBMISSION, responses=shapes.SubmittedSerializer
    )
    def post(self, request: Request, item_id: int) -> Response:
        """Finish an item. Repeat it with the same ``submission_id`` until you get an answer."""
        user = signed_in(request)
        item, role = item_access(user=user, item_id=item_id)
        if item.kind == PassKind.SWEEP:
            given = _given(shapes.SweepSubmitSerializer, request)
            given["taken"] = [added["suggestion"] for added in given["added"]]
            given["added"] = [added["box"] for added in given["added"]]
            return Response(sweep_submit(item=item, user=user, submission=SweepSubmission(**given)))
        given = _given(shapes.FaceSubmitSerializer, request)
        given |= given.pop("labels")
        return Response(face_submit(item=item, user=user, role=role, submission=FaceSubmission(**given)))


class ReleaseApi(APIView):
    @extend_schema(operation_id="work_release", request=shapes.TokenOnlySerializer, responses={204: None})
    def post(self, request: Request, item_id: int) -> Response:
        """Give an item back untouched; a draft of it stays."""
        user = signed_in(request)
        item, _ = item_access(user=user, item_id=item_id)
        lease_release(item=item, user=user, **_given(shapes.TokenOnlySerializer, request))
        return Response(status=204)


class SkipApi(APIView):
    @extend_schema(operation_id="work_skip", request=shapes.SkipSerializer, responses={204: None})
    def post(self, request: Request, item_id: int) -> Response:
        """Pass an item over with a reason; it is not offered to you again."""
        user = signed_in(request)
        item, _ = item_access(user=user, item_id=item_id)
        item_skip(item=item, user=user, **_given(shapes.SkipSerializer, request))
        return Response(status=204)


class TakeBackApi(APIView):
    @extend_schema(operation_id="work_take_back", request=None, responses=shapes.TakenBackSerializer)
    def post(self, request: Request, item_id: int) -> Response:
        """Get the face that you submitted last back, while nobody else has gone on with it."""
        user = signed_in(request)
        item, _ = item_access(user=user, item_id=item_id)
        taken = pass_take_back(item=item, user=user)
        (shown,) = item_list(ids=[taken.item.pk], user=user, dataset=item.dataset)
        return Response({"item": shown, "labels": taken.labels.to_json(), "comment": taken.comment})


class MyWorkApi(APIView):
    @extend_schema(
        operation_id="work_mine",
        parameters=[*PAGE_PARAMETERS, shapes.DaySerializer],
        responses=shapes.MyWorkSerializer,
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """What I did in a dataset, newest first."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=LABELLERS)
        page = keyset_page(pass_list(user=user, dataset=dataset), request=request, newest_first=True)
        day = shapes.DaySerializer(data=request.query_params)
        day.is_valid(raise_exception=True)
        counts = pass_counts(user=user, dataset=dataset, **day.validated_data)
        goal = daily_goal(user=user, dataset=dataset)
        return Response({"goal": goal, **counts, **page_json(page, pass_json)})


class PolicyApi(APIView):
    @extend_schema(
        operation_id="policy_publish",
        request=shapes.PolicyPublishSerializer,
        responses=DatasetSerializer,
    )
    def put(self, request: Request, dataset_id: int) -> Response:
        """Publish a new policy version on top of ``base_version``; faces in work follow it."""
        user = signed_in(request)
        dataset, role = dataset_access(user=user, dataset_id=dataset_id, roles=(Role.ADMIN,))
        dataset_policy_publish(dataset=dataset, actor=user, **_given(shapes.PolicyPublishSerializer, request))
        dataset, role = dataset_access(user=user, dataset_id=dataset_id, roles=(Role.ADMIN,))
        return Response(dataset_json(dataset, role))
