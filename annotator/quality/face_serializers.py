"""Shapes of the face page and of reopening."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.faces.serializers import (
    FaceCardSerializer,
    LabelsSerializer,
    RevisionRowSerializer,
)
from annotator.images.serializers import ImageRowSerializer
from annotator.work.models import PassKind
from annotator.work.services.restoring import LONGEST_REASON


class OpenItemSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(PassKind.choices)
    pass_number = serializers.IntegerField()
    leased_to = serializers.CharField(allow_null=True)


class FaceDetailSerializer(FaceCardSerializer):
    labels = LabelsSerializer()
    current_revision = serializers.IntegerField(help_text="The version that `labels` come from.")
    revisions = RevisionRowSerializer(many=True, help_text="Oldest first.")
    open_item = OpenItemSerializer(allow_null=True)
    blocked_reason = serializers.CharField(allow_null=True)
    subject_key = serializers.CharField(
        help_text="The face's own, or else the image's; empty for annotators."
    )
    consent = serializers.CharField(help_text="The face's own, or else the image's; empty for annotators.")
    image = ImageRowSerializer(help_text="For annotators without its name and provenance.")
    policy_version = serializers.IntegerField(
        allow_null=True, help_text="The policy version it was accepted under."
    )


class ReopenSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class RestoreSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField(source="revision_id", min_value=1)
    base_revision = serializers.IntegerField(
        min_value=1, help_text="The current version as you saw it; another one by now answers 409."
    )
    reason = serializers.CharField(max_length=LONGEST_REASON)
    check_again = serializers.BooleanField(
        default=False, help_text="Start a new round on it; without, a closed face stays closed."
    )
