"""Shapes of training runs, their points and settings in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotator.jobs.serializers import JobSerializer
from annotator.training.models import (
    Decision,
    PointKind,
    Preset,
    RunState,
    TrainingPoint,
    TrainingRun,
    TrainingSettings,
    Trigger,
)
from annotator.training.stage_rules import STAGES

POINTS_MOST = 2000
AUTO = "auto"
STAGES_SCHEMA = {
    "oneOf": [
        {"type": "string", "enum": [AUTO]},
        {"type": "array", "items": {"type": "string", "enum": list(STAGES)}},
    ]
}
STEPS_HELP = (
    'Per stage what replaces the preset\'s schedule: {"S1": {"steps": 200, "batch": 8}}. S1 of a new network also '
    'takes "short_side": pixels that the shorter side of every picture is scaled to.'
)


@extend_schema_field(STAGES_SCHEMA)
class StagesField(serializers.Field[Any, Any, Any, Any]):
    """ "auto", or a list of names; whether they make a run is the service's business."""

    default_error_messages = {"invalid": 'Give "auto", or a list of stages such as ["S2", "S3", "S4"].'}

    def to_internal_value(self, data: Any) -> Any:
        is_list = isinstance(data, list) and all(isinstance(stage, str) for stage in data)
        if data != AUTO and not is_list:
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class NewTrainingRunSerializer(serializers.Serializer[Any]):
    release = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Number of a release of the dataset; null freezes the accepted faces now.",
    )
    stages = StagesField(required=False, default=AUTO)
    preset = serializers.ChoiceField(choices=Preset.choices, required=False, default=Preset.FAST)
    start = serializers.CharField(
        required=False,
        default=AUTO,
        max_length=40,
        help_text="auto, champion, model:NUMBER, random, centerface or imagenet.",
    )
    seed = serializers.IntegerField(required=False, default=0, min_value=0, max_value=2**31 - 1)
    steps = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField(min_value=1, max_value=10_000_000)),
        required=False,
        default=dict,
        help_text=STEPS_HELP,
    )
    threads = serializers.IntegerField(required=False, default=0, min_value=0, max_value=1024)
    gpus = serializers.IntegerField(required=False, default=1, min_value=1, max_value=64)
    max_seconds = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**31 - 1
    )
    max_memory_bytes = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**62
    )
    min_free_bytes = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=2**62
    )


class TrainingRunSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=RunState.choices)
    release = serializers.IntegerField(source="release.number", help_text="Its number in the dataset.")
    release_id = serializers.IntegerField()
    stages = serializers.ListField(child=serializers.ChoiceField(choices=[(name, name) for name in STAGES]))
    preset = serializers.ChoiceField(choices=Preset.choices)
    start = serializers.CharField()
    seed = serializers.IntegerField()
    steps = serializers.DictField(help_text=STEPS_HELP)
    threads = serializers.IntegerField()
    gpus = serializers.IntegerField()
    max_seconds = serializers.IntegerField(allow_null=True)
    max_memory_bytes = serializers.IntegerField(allow_null=True)
    min_free_bytes = serializers.IntegerField()
    new_labels = serializers.DictField(
        child=serializers.IntegerField(), help_text="Labels by kind that the parent did not learn from."
    )
    parent = serializers.IntegerField(  # type: ignore[assignment]  # the metaclass takes declared fields away
        source="parent.number", allow_null=True, help_text="Number of the model it went on from."
    )
    model = serializers.IntegerField(
        source="model.number", allow_null=True, help_text="Number of the model it made."
    )
    model_id = serializers.IntegerField(allow_null=True)
    trigger = serializers.ChoiceField(choices=Trigger.choices)
    gate = serializers.DictField(help_text="The report of the promotion gate; empty before it has judged.")
    decision = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField(help_text="Why it failed; empty if it did not.")
    facts = serializers.DictField(help_text="What the training process told at its end.")
    job = JobSerializer(allow_null=True)
    created_by = serializers.CharField(source="created_by.username", allow_null=True)
    created_at = serializers.DateTimeField()

    @extend_schema_field(serializers.ChoiceField(choices=Decision.choices))
    def get_decision(self, run: TrainingRun) -> str:
        """What the gate decided, or that the run ended without a decision."""
        return Decision.FAILED if run.state == RunState.FAILED else run.decision

    def get_error(self, run: TrainingRun) -> str:
        if run.state != RunState.FAILED:
            return ""
        return run.error or (run.job.error if run.job is not None else "Its job was removed.")


def run_json(run: TrainingRun) -> dict[str, Any]:
    """The TrainingRun of the contract; ``run_list`` and ``run_access`` fetch what it reads."""
    shaped: dict[str, Any] = TrainingRunSerializer(run).data
    return shaped


class TrainingPointSerializer(serializers.ModelSerializer[TrainingPoint]):
    kind = serializers.ChoiceField(choices=PointKind.choices, read_only=True)
    values = serializers.DictField(read_only=True, help_text="Losses or figures by name; null: not measured.")

    class Meta:
        model = TrainingPoint
        fields = ("seq", "attempt", "stage", "step", "kind", "values", "at")
        read_only_fields = fields


class TrainingPointsSerializer(serializers.Serializer[Any]):
    results = TrainingPointSerializer(many=True)
    next = serializers.IntegerField(
        allow_null=True, help_text="`after` of the next page; null: these were the last."
    )


class TrainingSettingsSerializer(serializers.ModelSerializer[TrainingSettings]):
    stages = StagesField(required=False)
    steps = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField(min_value=1, max_value=10_000_000)),
        required=False,
        help_text=STEPS_HELP,
    )
    after_faces = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**31 - 1)
    every_hours = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=100_000)
    threads = serializers.IntegerField(required=False, min_value=0, max_value=1024)
    gpus = serializers.IntegerField(required=False, min_value=1, max_value=64)

    class Meta:
        model = TrainingSettings
        fields = (
            "is_automatic",
            "after_faces",
            "every_hours",
            "preset",
            "stages",
            "steps",
            "threads",
            "gpus",
            "promote_automatically",
        )
