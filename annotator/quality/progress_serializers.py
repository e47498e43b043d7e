"""Shapes of the progress page."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.datasets.models import Role
from annotator.quality.selectors.progress_tables import TABLES
from annotator.quality.serializers import FaceStateCountsSerializer, ImageCountsSerializer
from annotator.work.models import PassKind


class ProgressTableSerializer(serializers.Serializer[Any]):
    table = serializers.ChoiceField(
        sorted(TABLES),
        default="people",
        help_text="people: by person and pass; passes; days: by day, person and pass; pairs: who checked whom.",
    )


class PassLineSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(PassKind.choices)
    pass_number = serializers.IntegerField()
    open = serializers.IntegerField(help_text="Items that wait and nobody holds.")
    leased = serializers.IntegerField(help_text="Items that somebody holds now.")
    done = serializers.IntegerField()
    active_hours = serializers.FloatField()
    per_active_hour = serializers.FloatField(
        allow_null=True, help_text="Of passes whose page told its working time; null where none did."
    )
    people = serializers.IntegerField(help_text="People who ever did one.")


class DayLineSerializer(serializers.Serializer[Any]):
    day = serializers.DateField(help_text="UTC.")
    annotate = serializers.IntegerField()
    check = serializers.IntegerField()
    adjudicate = serializers.IntegerField()
    sweep = serializers.IntegerField()
    active_hours = serializers.FloatField()
    people = serializers.IntegerField(help_text="People who worked on that day.")


class PersonLineSerializer(serializers.Serializer[Any]):
    user_id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(Role.choices)
    is_active = serializers.BooleanField()
    leased = serializers.IntegerField()
    annotate = serializers.IntegerField()
    check = serializers.IntegerField()
    adjudicate = serializers.IntegerField()
    sweep = serializers.IntegerField()
    passes = serializers.IntegerField()
    active_hours = serializers.FloatField()
    faces_per_active_hour = serializers.FloatField(allow_null=True)
    first_day = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True)
    weeks = serializers.ListField(
        child=serializers.IntegerField(), help_text="Passes in each week of Progress.weeks."
    )
    weeks_per_hour = serializers.ListField(child=serializers.FloatField(allow_null=True))


class PairLineSerializer(serializers.Serializer[Any]):
    author_id = serializers.IntegerField()
    checker_id = serializers.IntegerField()
    checks = serializers.IntegerField()
    corrected = serializers.IntegerField(
        help_text="Checks that changed more than the age of what they showed."
    )


class ForecastSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(("finished", "estimated", "too_few_days"))
    remaining = serializers.IntegerField(help_text="Passes left for the images and faces that are known now.")
    pace = serializers.FloatField(help_text="Passes a day over the days observed.")
    days = serializers.IntegerField(help_text="Days observed, at most four weeks, without today.")
    active_days = serializers.IntegerField(help_text="Those with work.")
    low = serializers.DateField(allow_null=True)
    middle = serializers.DateField(allow_null=True)
    high = serializers.DateField(allow_null=True, help_text="Null: not within five years.")
    confidence = serializers.FloatField()
    least_active_days = serializers.IntegerField(help_text="With fewer days of work there is no forecast.")


class ProgressSerializer(serializers.Serializer[Any]):
    images = ImageCountsSerializer()
    faces = FaceStateCountsSerializer()
    passes = PassLineSerializer(many=True)
    days = DayLineSerializer(many=True)
    weeks = serializers.ListField(child=serializers.DateField(), help_text="Mondays, oldest first.")
    forecast = ForecastSerializer()
    people = PersonLineSerializer(many=True, allow_null=True, help_text="For admins of the dataset only.")
    pairs = PairLineSerializer(many=True, allow_null=True, help_text="For admins of the dataset only.")
    pairs_over = serializers.IntegerField(help_text="The newest checks that pairs are counted over.")
