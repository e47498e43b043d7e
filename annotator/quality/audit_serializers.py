"""Shapes of the audit trail and of the log of viewed photographs."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from annotator.accounts.models import AuditEntry
from annotator.images.models import ImageView

AUDIT_COLUMNS: Final = ("id", "at", "actor", "verb", "target_type", "target_id", "details")
VIEW_COLUMNS: Final = ("id", "first_at", "person", "image_id", "hour")


class DaysSerializer(serializers.Serializer[Any]):
    person = serializers.IntegerField(required=False, help_text="User id.")
    since = serializers.DateField(required=False, help_text="First day (UTC), as 2026-01-31.")
    until = serializers.DateField(required=False, help_text="Last day (UTC), as 2026-01-31.")


class AuditFilterSerializer(DaysSerializer):
    verb = serializers.CharField(max_length=60, required=False)
    target_type = serializers.CharField(max_length=40, required=False)
    target_id = serializers.IntegerField(required=False)


class ViewFilterSerializer(DaysSerializer):
    image = serializers.IntegerField(required=False)


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    actor = serializers.CharField(source="actor.username", allow_null=True, default=None)
    details = serializers.DictField()

    class Meta:
        model = AuditEntry
        fields = AUDIT_COLUMNS


class AuditPersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()


class AuditChoicesSerializer(serializers.Serializer[Any]):
    verbs = serializers.ListField(child=serializers.CharField())
    people = AuditPersonSerializer(many=True)


class AuditPageSerializer(serializers.Serializer[Any]):
    results = AuditEntrySerializer(many=True)
    next = serializers.CharField(allow_null=True)
    choices = AuditChoicesSerializer(allow_null=True, help_text="On the first page; null on later ones.")


class ImageViewSerializer(serializers.ModelSerializer[ImageView]):
    person = serializers.CharField(source="user.username")
    first_at = serializers.DateTimeField(source="at", help_text="The first time in this hour.")

    class Meta:
        model = ImageView
        fields = VIEW_COLUMNS
