"""Shapes of the agreement report."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class AgreementMeasureSerializer(serializers.Serializer[Any]):
    measure = serializers.CharField(help_text="For example nme_box_eyes, within_eyes, alpha_gender.")
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="Of the 95 % interval; null: too few.")
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField(help_text="Faces behind the figure.")


class AgreementRowSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    faces = serializers.IntegerField()
    pairs = serializers.IntegerField(help_text="Pairs of people on one face.")
    measures = AgreementMeasureSerializer(many=True)


class AgreementGroupingSerializer(serializers.Serializer[Any]):
    name = serializers.ChoiceField(["gender", "ethnicity", "age", "size"])
    rows = AgreementRowSerializer(many=True)


class AgreementScopesSerializer(serializers.Serializer[Any]):
    overall = AgreementRowSerializer()
    pairs = AgreementRowSerializer(many=True)
    groups = AgreementGroupingSerializer(many=True)


class AgreementSerializer(serializers.Serializer[Any]):
    faces = serializers.IntegerField(help_text="Faces that at least two people labelled.")
    newest = serializers.IntegerField(help_text="The report is about at most so many faces, the newest.")
    asked_blind = serializers.ListField(child=serializers.CharField())
    blind = AgreementScopesSerializer(help_text="Answers given without seeing anybody's.")
    seen = AgreementScopesSerializer(help_text="Checks against what the checker was shown: corrections.")


class AgreementReportSerializer(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField(
        allow_null=True, help_text="All before is in it; null: not computed yet."
    )
    is_computing = serializers.BooleanField()
    report = AgreementSerializer(allow_null=True)
