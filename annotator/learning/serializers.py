"""Shapes of worker nodes and of the state of learning in the API."""

from __future__ import annotations

from typing import Any, get_args

from rest_framework import serializers

from annotator.learning.selectors import LearningState


class NodeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    queues = serializers.ListField(child=serializers.CharField())
    last_seen = serializers.DateTimeField()
    alive = serializers.BooleanField()
    capabilities = serializers.DictField()


class LearningStatusSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=[(state, state) for state in get_args(LearningState)])
    message = serializers.CharField()


class WorkersSerializer(serializers.Serializer[Any]):
    nodes = NodeSerializer(many=True)
    learning = LearningStatusSerializer()


class PrelabelOrderSerializer(serializers.Serializer[Any]):
    retry_failed = serializers.BooleanField(
        required=False, default=False, help_text="Also try the images again that could not be labelled."
    )
