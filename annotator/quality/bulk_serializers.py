"""Shapes of orders for many faces or images, and of deliveries."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.faces.selectors import LEVELS
from annotator.faces.serializers import FaceFilterSerializer
from annotator.images.models import Split
from annotator.jobs.serializers import JobSerializer
from annotator.work.models import Delivery, PassKind, Priority
from annotator.work.selectors.bulk import Action
from annotator.work.selectors.deliveries import DeliveryProgress

MOST_IDS = 10_000
FACE_ACTIONS = [
    str(action)
    for action in (Action.REOPEN, Action.PRIORITISE, Action.ASSIGN, Action.RELEASE, Action.DELIVER)
]
LEVEL_NAMES = {Priority(number): name for name, number in LEVELS.items()}


class SecondsSerializer(serializers.Serializer[Any]):
    median = serializers.FloatField(help_text="Active seconds of a pass of this kind.")
    n = serializers.IntegerField(help_text="The newest passes that the median is of.")


class EffortSerializer(serializers.Serializer[Any]):
    passes = serializers.DictField(child=serializers.IntegerField(), help_text="By kind of pass.")
    hours = serializers.FloatField(
        allow_null=True,
        help_text="Passes x median; null while nobody made a timed pass of an `unknown` kind.",
    )
    seconds = serializers.DictField(child=SecondsSerializer(), help_text="By kind of pass.")
    unknown = serializers.ListField(child=serializers.ChoiceField(PassKind.choices))


class LeftSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField(help_text="Why they are left alone.")
    count = serializers.IntegerField()


class PlanSerializer(EffortSerializer):
    of = serializers.ChoiceField(["faces", "images"], help_text="What `touched` and `left` count.")
    touched = serializers.IntegerField(help_text="How many are, or would be, changed.")
    left = LeftSerializer(many=True, help_text="How many are left alone, and why.")


class FacesTargetSerializer(serializers.Serializer[Any]):
    """Faces by ids or by the explorer's filter, one of the two."""

    filter = FaceFilterSerializer(required=False)
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=MOST_IDS, required=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in attrs) == ("filter" in attrs):
            raise serializers.ValidationError("Name the faces by ids or by a filter, one of the two.")
        return attrs


class BulkSerializer(FacesTargetSerializer):
    action = serializers.ChoiceField(FACE_ACTIONS)
    reason = serializers.CharField(
        max_length=300, default="", allow_blank=True, help_text="For reopen: kept with each face."
    )
    level = serializers.ChoiceField(list(LEVELS), required=False, help_text="For prioritise.")
    person = serializers.IntegerField(required=False, min_value=1, help_text="For assign: user id.")
    delivery = serializers.IntegerField(required=False, min_value=1, help_text="For deliver.")
    dry_run = serializers.BooleanField(default=False, help_text="Count and estimate only.")


class BulkAnswerSerializer(serializers.Serializer[Any]):
    plan = PlanSerializer()
    job = JobSerializer(allow_null=True, help_text="Null for a dry run.")


class ImageChoiceSerializer(serializers.Serializer[Any]):
    """Images as their list is filtered; every condition may be left out."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=MOST_IDS, required=False
    )
    verdict = serializers.CharField(max_length=20, required=False)
    state = serializers.CharField(max_length=20, required=False)
    split = serializers.ChoiceField(Split.choices, required=False)
    q = serializers.CharField(max_length=200, required=False)

    def get_fields(self) -> dict[str, Any]:
        """``import`` is a Python keyword: the key has a field of another attribute name."""
        return {
            **super().get_fields(),
            "import": serializers.IntegerField(source="batch", required=False, help_text="Import id."),
        }


class DeliveryImagesSerializer(serializers.Serializer[Any]):
    """Images for a delivery: chosen themselves, or those that chosen faces are on."""

    images = ImageChoiceSerializer(required=False)
    faces = FacesTargetSerializer(required=False)
    dry_run = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("images" in attrs) == ("faces" in attrs):
            raise serializers.ValidationError("Name the images by images or by faces, one of the two.")
        return attrs


class DeliveryWriteSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    priority = serializers.ChoiceField(list(LEVELS), default="urgent")
    due_at = serializers.DateTimeField(allow_null=True, default=None)
    note = serializers.CharField(max_length=500, allow_blank=True, default="")


class DeliveryChangeSerializer(serializers.Serializer[Any]):
    """A key that is left out stays as it is."""

    name = serializers.CharField(max_length=120, required=False)
    priority = serializers.ChoiceField(list(LEVELS), required=False)
    due_at = serializers.DateTimeField(allow_null=True, required=False)
    note = serializers.CharField(max_length=500, allow_blank=True, required=False)
    closed = serializers.BooleanField(required=False)


class DeliverySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    priority = serializers.ChoiceField(list(LEVELS))
    due_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()
    created_by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    images = serializers.IntegerField()
    unswept = serializers.IntegerField(help_text="Images that nobody swept yet.")
    accepted = serializers.IntegerField(help_text="Faces.")
    in_work = serializers.IntegerField(help_text="Faces that still need people.")
    other = serializers.IntegerField(help_text="Faces that are rejected or too small.")
    is_done = serializers.BooleanField()
    is_late = serializers.BooleanField(help_text="Due before now and not done.")
    effort = EffortSerializer(help_text="The passes left to the end, if nobody disagrees.")


class DeliveryAnswerSerializer(serializers.Serializer[Any]):
    delivery = DeliverySerializer()
    job = JobSerializer(
        allow_null=True, help_text="Brings open work to the new priority; null if none needs it."
    )


def delivery_json(delivery: Delivery, progress: DeliveryProgress, *, is_late: bool) -> dict[str, Any]:
    return {
        "id": delivery.pk,
        "name": delivery.name,
        "priority": LEVEL_NAMES[Priority(delivery.priority)],
        "due_at": delivery.due_at,
        "note": delivery.note,
        "created_by": None if delivery.created_by is None else delivery.created_by.name,
        "created_at": delivery.created_at,
        "closed_at": delivery.closed_at,
        "images": progress.images,
        "unswept": progress.unswept,
        "accepted": progress.accepted,
        "in_work": progress.in_work,
        "other": progress.other,
        "is_done": progress.is_done,
        "is_late": is_late,
        "effort": progress.effort.to_json(),
    }
