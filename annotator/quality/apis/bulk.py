"""Orders for many faces and images: what they would do, and the jobs that carry them out; deliveries."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.accounts.models import User
from annotator.common.paging import PAGE_PARAMETERS, keyset_page, page_json, page_of
from annotator.datasets.access import STAFF, dataset_access
from annotator.datasets.models import Dataset, Role
from annotator.faces.selectors import LEVELS, FaceFilter
from annotator.jobs.serializers import JobSerializer
from annotator.quality.bulk_serializers import (
    BulkAnswerSerializer,
    BulkSerializer,
    DeliveryAnswerSerializer,
    DeliveryChangeSerializer,
    DeliveryImagesSerializer,
    DeliverySerializer,
    DeliveryWriteSerializer,
    delivery_json,
)
from annotator.quality.selectors.chosen import face_filter
from annotator.work.models import Delivery, Priority
from annotator.work.selectors.bulk import Action, ImageFilter, Order, order_plan
from annotator.work.selectors.deliveries import delivery_access, delivery_list, delivery_progress
from annotator.work.services.bulk import order_check, order_start
from annotator.work.services.deliveries import delivery_create, delivery_update


def _faces(dataset: Dataset, given: dict[str, Any]) -> FaceFilter:
    if "ids" in given:
        return FaceFilter(ids=tuple(given["ids"]))
    return face_filter(dataset=dataset, given=given["filter"])


def _answer(*, dataset: Dataset, order: Order, actor: User, dry_run: bool) -> Response:
    if dry_run:
        order_check(dataset=dataset, order=order)
        return Response({"plan": order_plan(dataset=dataset, order=order).to_json(), "job": None})
    job, plan = order_start(dataset=dataset, order=order, actor=actor)
    return Response({"plan": plan.to_json(), "job": JobSerializer(job).data}, status=202)


class FacesBulkApi(APIView):
    @extend_schema(
        operation_id="faces_bulk",
        request=BulkSerializer,
        responses={200: BulkAnswerSerializer, 202: BulkAnswerSerializer},
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """Reopen, prioritise, assign, release or deliver many faces, by ids or by the explorer's filter (admin).

        ``dry_run`` counts them, says what is left alone and why, and estimates the hours; without it a job starts.
        """
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=(Role.ADMIN,))
        given = BulkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        action = Action(data["action"])
        # A dry run counts before anybody has said why.
        reason = data["reason"] or ("count" if data["dry_run"] and action == Action.REOPEN else "")
        order = Order(
            action=action,
            faces=_faces(dataset, data),
            reason=reason,
            level=Priority(LEVELS[data["level"]]) if "level" in data else None,
            person=data.get("person"),
            delivery=data.get("delivery"),
        )
        return _answer(dataset=dataset, order=order, actor=signed_in(request), dry_run=data["dry_run"])


def _delivery_json(delivery: Delivery) -> dict[str, Any]:
    progress = delivery_progress(dataset=delivery.dataset, deliveries=[delivery])[delivery.pk]
    return delivery_json(delivery, progress, is_late=progress.is_late(delivery, now=timezone.now()))


class DeliveriesApi(APIView):
    @extend_schema(
        operation_id="delivery_list", parameters=PAGE_PARAMETERS, responses=page_of(DeliverySerializer)
    )
    def get(self, request: Request, dataset_id: int) -> Response:
        """The deliveries of a dataset with their progress, newest first."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=STAFF)
        page = keyset_page(delivery_list(dataset=dataset), request=request, newest_first=True)
        progress = delivery_progress(dataset=dataset, deliveries=page.results)
        now = timezone.now()

        def shape(one: Delivery) -> dict[str, Any]:
            return delivery_json(one, progress[one.pk], is_late=progress[one.pk].is_late(one, now=now))

        return Response(page_json(page, shape))

    @extend_schema(
        operation_id="delivery_create", request=DeliveryWriteSerializer, responses={201: DeliverySerializer}
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """Make an empty delivery; images are added to it afterwards (admin)."""
        dataset, _ = dataset_access(user=request.user, dataset_id=dataset_id, roles=(Role.ADMIN,))
        given = DeliveryWriteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        made = delivery_create(dataset=dataset, actor=signed_in(request), **_with_level(given.validated_data))
        return Response(_delivery_json(made), status=201)


class DeliveryApi(APIView):
    @extend_schema(
        operation_id="delivery_update", request=DeliveryChangeSerializer, responses=DeliveryAnswerSerializer
    )
    def patch(self, request: Request, delivery_id: int) -> Response:
        """Change a delivery, close it or open it again (admin); a job brings its open work to a new priority."""
        delivery = delivery_access(user=signed_in(request), delivery_id=delivery_id, roles=(Role.ADMIN,))
        given = DeliveryChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        changed, job = delivery_update(
            delivery=delivery, actor=signed_in(request), **_with_level(given.validated_data)
        )
        shown = None if job is None else JobSerializer(job).data
        return Response({"delivery": _delivery_json(changed), "job": shown})


class DeliveryImagesApi(APIView):
    @extend_schema(
        operation_id="delivery_add_images",
        request=DeliveryImagesSerializer,
        responses={200: BulkAnswerSerializer, 202: BulkAnswerSerializer},
    )
    def post(self, request: Request, delivery_id: int) -> Response:
        """Add images to a delivery: by ids, by the filter of the images' list, of an import, or of chosen faces."""
        delivery = delivery_access(user=signed_in(request), delivery_id=delivery_id, roles=(Role.ADMIN,))
        given = DeliveryImagesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        order = Order(
            action=Action.DELIVER,
            faces=_faces(delivery.dataset, data["faces"]) if "faces" in data else None,
            images=ImageFilter.from_json(data["images"]) if "images" in data else None,
            delivery=delivery.pk,
        )
        return _answer(
            dataset=delivery.dataset, order=order, actor=signed_in(request), dry_run=data["dry_run"]
        )


def _with_level(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, **({"priority": Priority(LEVELS[data["priority"]])} if "priority" in data else {})}
