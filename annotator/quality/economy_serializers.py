"""Shapes of the economy of the loop."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.quality.selectors.economy import COMPARED_BLIND, MEASURES, MOST_WEEKS


class EconomyFilterSerializer(serializers.Serializer[Any]):
    weeks = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_WEEKS,
        help_text="Only faces accepted in so many weeks until now.",
    )


class MeasureSerializer(serializers.Serializer[Any]):
    n = serializers.IntegerField(help_text="Faces behind it.")
    mean = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="95 % interval; null for fewer than two faces.")
    high = serializers.FloatField(allow_null=True)


MeasuresSerializer = type(
    "MeasuresSerializer", (serializers.Serializer,), {name: MeasureSerializer() for name in MEASURES}
)


class EconomyVersionSerializer(serializers.Serializer[Any]):
    made_by = serializers.CharField(help_text="The pre-label's model; empty: faces that people drew.")
    first_accepted_at = serializers.DateTimeField()
    last_accepted_at = serializers.DateTimeField()
    faces = serializers.IntegerField(help_text="Accepted faces whose pre-label people saw.")
    blind_faces = serializers.IntegerField()
    measures = MeasuresSerializer()


class BlindComparisonSerializer(serializers.Serializer[Any]):
    made_by = serializers.CharField(
        allow_null=True, help_text="Null: over all models, each compared within itself."
    )
    measure = serializers.ChoiceField(COMPARED_BLIND)
    shown = MeasureSerializer()
    blind = MeasureSerializer()
    difference = serializers.FloatField(allow_null=True, help_text="Mean of blind minus mean of shown faces.")
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class EconomyWeekSerializer(serializers.Serializer[Any]):
    week = serializers.DateField(help_text="Monday, UTC.")
    made_by = serializers.CharField()
    faces = serializers.IntegerField()
    edits = serializers.FloatField(help_text="Per face.")
    active_seconds = serializers.FloatField(allow_null=True, help_text="Per face.")


class EconomySerializer(serializers.Serializer[Any]):
    since = serializers.DateTimeField(allow_null=True)
    pause_seconds = serializers.IntegerField(help_text="A pause counts for at most so long.")
    point_tolerance_box_side = serializers.FloatField(help_text="A point is moved beyond it.")
    side_tolerance_box_side = serializers.FloatField(help_text="A side of the box is moved beyond it.")
    versions = EconomyVersionSerializer(many=True)
    blind = BlindComparisonSerializer(many=True)
    weeks = EconomyWeekSerializer(many=True)
