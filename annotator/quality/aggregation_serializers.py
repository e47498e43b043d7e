"""Shapes of aggregations."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class CombinedWordSerializer(serializers.Serializer[Any]):
    combined = serializers.IntegerField(help_text="Faces on which several people gave the word blind.")
    differ = serializers.IntegerField(help_text="Of those, faces whose word would change.")
    tied = serializers.IntegerField(help_text="Of those, faces that a majority leaves open.")


class CombinedWordsSerializer(serializers.Serializer[Any]):
    gender = CombinedWordSerializer()
    ethnicity = CombinedWordSerializer()


class PersonBiasSerializer(serializers.Serializer[Any]):
    person = serializers.IntegerField(help_text="The user's id.")
    name = serializers.CharField()
    ages = serializers.IntegerField()
    bias_years = serializers.FloatField(help_text="How much older this person guesses on average.")
    bias_error_years = serializers.FloatField(help_text="Standard error of the bias.")
    spread_years = serializers.FloatField(help_text="Standard deviation around the bias.")


class AggregationFiguresSerializer(serializers.Serializer[Any]):
    faces = serializers.IntegerField(help_text="Accepted faces that were looked at.")
    words = CombinedWordsSerializer()
    shapes = serializers.IntegerField(help_text="Faces with blind landmarks of several people.")
    ages = serializers.IntegerField(help_text="Faces with a corrected age.")
    gold_faces = serializers.IntegerField(
        help_text="Gold faces that anchor the ages; with 0 the biases sum to zero."
    )
    bias_sd_years = serializers.FloatField(allow_null=True)
    people = PersonBiasSerializer(many=True)
    changed = serializers.IntegerField(help_text="Faces that got a new version (of a dry run: would get).")
    ages_changed = serializers.IntegerField(allow_null=True)


class AggregationSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    attributes_by = serializers.CharField()
    policy_version = serializers.IntegerField()
    reason = serializers.CharField()
    created_by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)
    undone_by = serializers.CharField(allow_null=True)
    figures = AggregationFiguresSerializer(allow_null=True)


class DryRunSerializer(serializers.Serializer[Any]):
    job = serializers.IntegerField()
    at = serializers.DateTimeField()
    figures = AggregationFiguresSerializer()


class AggregationsSerializer(serializers.Serializer[Any]):
    results = AggregationSerializer(many=True, help_text="The newest first, at most 50.")
    running = serializers.IntegerField(allow_null=True, help_text="The live aggregate job, or null.")
    dry_run = DryRunSerializer(allow_null=True, help_text="The newest count of what would change.")


class AggregationStartSerializer(serializers.Serializer[Any]):
    dry_run = serializers.BooleanField(help_text="Only count what would change.")
    reason = serializers.CharField(max_length=300, default="", allow_blank=True)


class AggregationUndoSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)
