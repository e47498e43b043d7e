"""Endpoints of gold: the list, making it, taking it out of use, faces that could become gold. For admins only."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.common.errors import Invalid
from annotator.common.paging import PAGE_PARAMETERS, keyset_page, page_of
from annotator.datasets.access import dataset_access
from annotator.datasets.models import Dataset, Role
from annotator.faces.serializers import face_card_json
from annotator.quality import gold_serializers as shapes
from annotator.quality.selectors.gold_list import gold_access, gold_candidates, gold_list, gold_uses
from annotator.quality.services.gold import GOLD_KINDS, gold_create, gold_update
from annotator.work.models import PassKind
from jfa_pipeline.core.policy import Policy

ADMIN = (Role.ADMIN,)


def policy_of(dataset: Dataset) -> Policy:
    """The policy in force."""
    return dataset.policy.policy if dataset.policy else Policy()


class GoldListApi(APIView):
    @extend_schema(
        operation_id="gold_list", parameters=PAGE_PARAMETERS, responses=page_of(shapes.GoldSerializer)
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """Gold with how many people answered it and failed, newest first."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=ADMIN)
        page = keyset_page(gold_list(dataset=dataset), request=request, newest_first=True)
        uses = gold_uses(dataset=dataset, golds=page.results, policy=policy_of(dataset))
        return Response({"results": [shapes.gold_json(use) for use in uses], "next": page.next})

    @extend_schema(
        operation_id="gold_make",
        request=shapes.GoldMakeSerializer,
        responses={201: shapes.GoldMadeSerializer},
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """Make accepted faces gold; those that cannot be are named with the reason."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=ADMIN)
        given = shapes.GoldMakeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        done = gold_create(
            dataset=dataset,
            face_ids=data["face_ids"],
            kind=PassKind(data["kind"]),
            faults=data["faults"],
            note=data["note"],
            actor=signed_in(request),
        )
        refused = [{"face_id": pk, "reason": reason} for pk, reason in done.refused.items()]
        return Response({"made": len(done.made), "refused": refused}, status=201)


class GoldApi(APIView):
    @extend_schema(
        operation_id="gold_change", request=shapes.GoldChangeSerializer, responses=shapes.GoldSerializer
    )
    def patch(self, request: Request, gold_id: int) -> Response:
        """Take gold out of use or back into it, or change its note; answers already given stay."""
        user = signed_in(request)
        gold = gold_access(user=user, gold_id=gold_id)
        given = shapes.GoldChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if not given.validated_data:
            raise Invalid("nothing_to_change", "Send is_active, note, or both.")
        gold_update(gold=gold, actor=user, **given.validated_data)
        dataset, _ = dataset_access(user=user, dataset_id=gold.dataset_id, roles=ADMIN)
        fresh = gold_list(dataset=dataset).get(pk=gold.pk)
        (use,) = gold_uses(dataset=dataset, golds=[fresh], policy=policy_of(dataset))
        return Response(shapes.gold_json(use))


class GoldCandidatesApi(APIView):
    @extend_schema(
        operation_id="gold_candidates",
        parameters=[OpenApiParameter("kind", enum=[kind.value for kind in GOLD_KINDS], default="annotate")],
        responses=shapes.CandidatesSerializer,
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """Accepted faces that everybody labelled alike, closest agreement first."""
        dataset, role = dataset_access(user=request.user, dataset_id=dataset_id, roles=ADMIN)
        kind = request.query_params.get("kind", PassKind.ANNOTATE)
        if kind not in GOLD_KINDS:
            raise Invalid("kind", f"kind is one of: {', '.join(GOLD_KINDS)}.")
        found = gold_candidates(dataset=dataset, policy=policy_of(dataset), kind=PassKind(kind))
        return Response(
            {"results": [shapes.candidate_json(each, face_card_json(each.face, role=role)) for each in found]}
        )
