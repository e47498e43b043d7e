"""Shapes of worker nodes and of the state of learning in the API."""

from __future__ import annotations

from typing import Any, get_args

from rest_framework import serializers

from annotator.learning.models import ModelState, ModelVersion, Promotion
from annotator.learning.selectors.nodes import LearningState
from jfa_pipeline.core.stages import is_promotable


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


class ModelVersionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    name = serializers.CharField()
    architecture = serializers.CharField()
    preset = serializers.CharField()
    config = serializers.DictField(help_text="The network's configuration.")
    stages = serializers.ListField(child=serializers.CharField(), help_text="Oldest first.")
    parent = serializers.IntegerField(allow_null=True, help_text="Number of the model it went on from.")  # type: ignore[assignment]  # a declared field: the metaclass takes it off the class
    release_number = serializers.IntegerField(allow_null=True)
    release_sha256 = serializers.CharField()
    training_run_id = serializers.IntegerField(allow_null=True)
    facts = serializers.DictField()
    metrics = serializers.DictField(help_text="In lists without the gate's report.")
    sha256 = serializers.CharField()
    bytes = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ModelState.choices)
    is_promotable = serializers.BooleanField(help_text="False between S2 and S4: parts of it are stale.")
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_null=True)


class PromotionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    model = serializers.IntegerField(allow_null=True, help_text="Number; null: the coarse provider.")
    previous = serializers.IntegerField(allow_null=True, help_text="Number; null: the coarse provider.")
    reason = serializers.CharField()
    actor = serializers.CharField(allow_null=True)
    automatic = serializers.BooleanField()
    is_rollback = serializers.BooleanField()
    relabel_job = serializers.IntegerField(allow_null=True, help_text="Job that labels untouched faces anew.")
    at = serializers.DateTimeField()


class CoarseSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()


class ModelsSerializer(serializers.Serializer[Any]):
    champion = serializers.IntegerField(allow_null=True, help_text="Number; null: the coarse provider.")
    coarse = CoarseSerializer()
    versions = ModelVersionSerializer(many=True)
    promotions = PromotionSerializer(many=True)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class ModelCardSerializer(serializers.Serializer[Any]):
    markdown = serializers.CharField()


def model_json(model: ModelVersion, *, in_list: bool = False) -> dict[str, Any]:
    """A ModelVersion of the contract; in a list the gate's report is left out, which may be long."""
    metrics = {name: value for name, value in model.metrics.items() if not (in_list and name == "gate")}
    return {
        "id": model.pk,
        "number": model.number,
        "name": model.name,
        "architecture": model.architecture,
        "preset": model.preset,
        "config": model.config,
        "stages": model.stages,
        "parent": None if model.parent is None else model.parent.number,
        "release_number": model.release_number,
        "release_sha256": model.release_sha256,
        "training_run_id": model.training_run_id,
        "facts": model.facts,
        "metrics": metrics,
        "sha256": model.sha256,
        "bytes": model.bytes,
        "state": model.state,
        "is_promotable": is_promotable(model.stages),
        "created_at": model.created_at,
        "created_by": None if model.created_by is None else model.created_by.name,
    }


def promotion_json(promotion: Promotion) -> dict[str, Any]:
    """A Promotion of the contract."""
    return {
        "id": promotion.pk,
        "model": None if promotion.model is None else promotion.model.number,
        "previous": None if promotion.previous is None else promotion.previous.number,
        "reason": promotion.reason,
        "actor": None if promotion.actor is None else promotion.actor.name,
        "automatic": promotion.automatic,
        "is_rollback": promotion.is_rollback,
        "relabel_job": promotion.relabel_job_id,
        "at": promotion.at,
    }
