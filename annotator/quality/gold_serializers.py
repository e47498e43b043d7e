"""Shapes of gold, people's skill and the group bias report. All of it is for admins."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from annotator.datasets.models import Role
from annotator.faces.serializers import FaceCardSerializer
from annotator.quality.selectors.gold_list import Candidate, GoldUse
from annotator.quality.selectors.reports import member_facts
from annotator.quality.selectors.skill import PersonSkill, advice_of
from annotator.quality.services.gold import GOLD_KINDS
from annotator.work.models import PassKind
from jfa_pipeline.core.ibug68 import REGIONS
from jfa_pipeline.metrics.estimates import Estimate
from jfa_pipeline.metrics.group_bias import GroupBiasReport
from jfa_pipeline.metrics.planting import FAULTS
from jfa_pipeline.metrics.skill import ATTRIBUTES, WHOLE_FACE, Skill
from jfa_pipeline.metrics.watch import Verdict, Watched

MOST_FACES = 500
VERDICTS = [verdict.value for verdict in Verdict]


class SkillEstimateSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(
        allow_null=True, help_text="Of the 95 % interval; null where n is too small."
    )
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()


class TrendPointSerializer(serializers.Serializer[Any]):
    """One window of gold answers, oldest first."""

    nme_box = serializers.FloatField(allow_null=True, help_text="Mean point distance over the box side.")
    age_bias_years = serializers.FloatField(allow_null=True)
    age_mae_years = serializers.FloatField(allow_null=True)
    words_right = serializers.FloatField(allow_null=True, help_text="Share of gender and ethnicity.")


class GoldAnswersSerializer(serializers.Serializer[Any]):
    annotate = serializers.IntegerField()
    check = serializers.IntegerField()
    sweep = serializers.IntegerField(help_text="Missed faces of gold sweeps and of second sweeps.")


class PersonQualitySerializer(serializers.Serializer[Any]):
    membership_id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(Role.choices)
    is_active = serializers.BooleanField()
    paused_at = serializers.DateTimeField(allow_null=True)
    pause_reason = serializers.CharField(help_text="As it is told to the person.")
    watched_since = serializers.DateTimeField(allow_null=True)
    verdict = serializers.ChoiceField(VERDICTS, help_text="Of the answers since they were last resumed.")
    reasons = serializers.ListField(child=serializers.CharField())
    answers = GoldAnswersSerializer()
    nme_box = SkillEstimateSerializer()
    box_iou = SkillEstimateSerializer()
    age_bias_years = SkillEstimateSerializer()
    age_mae_years = SkillEstimateSerializer()
    waved_through = SkillEstimateSerializer(help_text="Share of planted wrong labels that they let stand.")
    sweep_recall = SkillEstimateSerializer()
    faces_per_hour = serializers.FloatField(
        allow_null=True, help_text="Per active hour, over all their work."
    )
    trend = TrendPointSerializer(many=True)


class QualitySerializer(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField(allow_null=True, help_text="All before is counted; null: not yet.")
    is_computing = serializers.BooleanField()
    results = PersonQualitySerializer(many=True)


class OffsetSerializer(serializers.Serializer[Any]):
    region = serializers.ChoiceField(list(REGIONS))
    x = SkillEstimateSerializer(help_text="Box sides, to the image-right of the upright face.")
    y = SkillEstimateSerializer(help_text="Box sides, down.")
    is_systematic = serializers.BooleanField(help_text="It differs from zero beyond chance, at 1 %.")
    nme_box = SkillEstimateSerializer()


class ConfusionSerializer(serializers.Serializer[Any]):
    given = serializers.CharField()
    true = serializers.CharField()
    count = serializers.IntegerField()


class AttributeSkillSerializer(serializers.Serializer[Any]):
    attribute = serializers.ChoiceField([*ATTRIBUTES, "flags"])
    accuracy = SkillEstimateSerializer()
    confusion = ConfusionSerializer(many=True)


class WatchedSerializer(serializers.Serializer[Any]):
    respect = serializers.CharField()
    verdict = serializers.ChoiceField(VERDICTS)
    failures = serializers.IntegerField()
    n = serializers.IntegerField()
    acceptable = serializers.FloatField(help_text="Share of failures that the policy accepts.")
    evidence = serializers.FloatField(
        help_text="1 is none; a warning and a pause follow at their thresholds."
    )


class PersonSkillSerializer(PersonQualitySerializer):
    age_sd_years = serializers.FloatField(allow_null=True)
    seconds_median = serializers.FloatField(allow_null=True, help_text="Active seconds on a gold face.")
    offsets = OffsetSerializer(many=True)
    attributes = AttributeSkillSerializer(many=True)
    watched = WatchedSerializer(many=True)
    advice = serializers.ListField(
        child=serializers.CharField(), help_text="What the person is told of it: nothing about single faces."
    )


class PauseSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, help_text="Told to the person.")


class ResumeSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=500, help_text="What was agreed; stays in the audit trail.")


class GoldSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField([(kind.value, kind.label) for kind in GOLD_KINDS])
    face_id = serializers.IntegerField()
    image_id = serializers.IntegerField()
    crop_url = serializers.CharField()
    faults = serializers.ListField(child=serializers.ChoiceField(FAULTS))
    is_active = serializers.BooleanField()
    suspended = serializers.CharField(help_text="Why it is not handed out although it is active, or empty.")
    note = serializers.CharField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_null=True)
    answers = serializers.IntegerField(help_text="People who answered.")
    failed = serializers.IntegerField(help_text="Of them, how many failed in any respect.")
    is_suspicious = serializers.BooleanField(
        help_text="At least three people answered and most failed: look whether the gold is right."
    )
    failed_in = serializers.DictField(child=serializers.IntegerField(), help_text="Respect: people.")


class GoldMakeSerializer(serializers.Serializer[Any]):
    face_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=MOST_FACES
    )
    kind = serializers.ChoiceField([(kind.value, kind.label) for kind in GOLD_KINDS])
    faults = serializers.ListField(
        child=serializers.ChoiceField(FAULTS),
        default=list,
        max_length=len(FAULTS),
        help_text="What a planted check gets wrong; left out, one fault is drawn for each face.",
    )
    note = serializers.CharField(max_length=300, default="", allow_blank=True)


class RefusedSerializer(serializers.Serializer[Any]):
    face_id = serializers.IntegerField()
    reason = serializers.CharField()


class GoldMadeSerializer(serializers.Serializer[Any]):
    made = serializers.IntegerField()
    refused = RefusedSerializer(many=True)


class GoldChangeSerializer(serializers.Serializer[Any]):
    is_active = serializers.BooleanField(required=False)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class CandidateSerializer(FaceCardSerializer):
    people = serializers.IntegerField(help_text="Who labelled or checked it in its round.")
    worst_nme_box = serializers.FloatField(allow_null=True, help_text="Of anybody, from the accepted points.")


class CandidatesSerializer(serializers.Serializer[Any]):
    results = CandidateSerializer(many=True)


class GroupBiasFilterSerializer(serializers.Serializer[Any]):
    by = serializers.ChoiceField(["gender", "ethnicity", "age"], default="gender")
    measure = serializers.ChoiceField(["age", "landmarks", "gender", "ethnicity"], default="age")
    source = serializers.ChoiceField(["accepted", "gold"], default="accepted")  # type: ignore[assignment]  # a declared field: the metaclass takes it off the class


class GroupCellSerializer(serializers.Serializer[Any]):
    user_id = serializers.IntegerField()
    group = serializers.CharField()
    mean = SkillEstimateSerializer()
    own = SkillEstimateSerializer(help_text="How much more this group differs for them than for the others.")
    is_marked = serializers.BooleanField(help_text="Beyond chance for the whole table, at 5 %.")


class NamedEstimateSerializer(SkillEstimateSerializer):
    name = serializers.CharField()


class PersonEstimateSerializer(NamedEstimateSerializer):
    user_id = serializers.IntegerField()


class GroupBiasSerializer(serializers.Serializer[Any]):
    people = PersonEstimateSerializer(many=True)
    groups = NamedEstimateSerializer(many=True)
    cells = GroupCellSerializer(many=True)


def estimate_json(estimate: Estimate) -> dict[str, Any]:
    """Value, bounds and n."""
    return asdict(estimate)


def person_quality_json(person: PersonSkill) -> dict[str, Any]:
    """One row of the people's table."""
    member, measured = person.membership, person.skill
    return {
        **member_facts(member),
        "verdict": person.report.verdict,
        "reasons": list(person.report.reasons),
        "answers": person.answers,
        "nme_box": estimate_json(measured.nme_box[WHOLE_FACE]),
        "box_iou": estimate_json(measured.box_iou),
        "age_bias_years": estimate_json(measured.age_bias_years),
        "age_mae_years": estimate_json(measured.age_mae_years),
        "waved_through": estimate_json(measured.waved_through),
        "sweep_recall": estimate_json(measured.sweep_recall),
        "faces_per_hour": person.faces_per_hour,
        "trend": [_trend_json(window) for window in person.trend],
    }


def person_skill_json(person: PersonSkill) -> dict[str, Any]:
    """Everything about one person."""
    measured = person.skill
    return {
        **person_quality_json(person),
        "age_sd_years": measured.age_sd_years,
        "seconds_median": measured.seconds_median,
        "offsets": [
            {
                "region": region,
                "x": estimate_json(offset.x),
                "y": estimate_json(offset.y),
                "is_systematic": offset.is_systematic,
                "nme_box": estimate_json(measured.nme_box[region]),
            }
            for region, offset in measured.offsets.items()
        ],
        "attributes": [
            {
                "attribute": name,
                "accuracy": estimate_json(accuracy),
                "confusion": [
                    {"given": given, "true": true, "count": count}
                    for (given, true), count in sorted(measured.confusion.get(name, {}).items())
                ],
            }
            for name, accuracy in measured.accuracy.items()
        ],
        "watched": [watched_json(each) for each in person.report.watched],
        "advice": advice_of(measured),
    }


def watched_json(watched: Watched) -> dict[str, Any]:
    """One respect in which a person is watched."""
    names = ("respect", "verdict", "failures", "n", "acceptable", "evidence")
    return {name: getattr(watched, name) for name in names}


def _trend_json(window: Skill) -> dict[str, Any]:
    right = [window.accuracy[name] for name in ATTRIBUTES if window.accuracy[name].n]
    asked = sum(each.n for each in right)
    return {
        "nme_box": window.nme_box[WHOLE_FACE].value,
        "age_bias_years": window.age_bias_years.value,
        "age_mae_years": window.age_mae_years.value,
        "words_right": sum((each.value or 0) * each.n for each in right) / asked if asked else None,
    }


def gold_json(use: GoldUse) -> dict[str, Any]:
    """A row of the list of gold."""
    gold = use.gold
    return {
        "id": gold.pk,
        "kind": PassKind(gold.kind),
        "face_id": gold.face_id,
        "image_id": gold.image_id,
        "crop_url": f"/api/v1/faces/{gold.face_id}/crop?side=256",
        "faults": gold.faults,
        "is_active": gold.is_active,
        "suspended": use.suspended,
        "note": gold.note,
        "created_at": gold.created_at,
        "created_by": None if gold.created_by is None else gold.created_by.name,
        "answers": use.answers,
        "failed": use.failed,
        "is_suspicious": use.is_suspicious,
        "failed_in": use.failed_in,
    }


def candidate_json(candidate: Candidate, card: dict[str, Any]) -> dict[str, Any]:
    """A face that could become gold."""
    return {**card, "people": candidate.people, "worst_nme_box": candidate.worst_nme_box}


def group_bias_json(report: GroupBiasReport, names: dict[int, str]) -> dict[str, Any]:
    """The table: people, groups, and a cell for each pair that met."""
    return {
        "people": [
            {"user_id": int(key), "name": names.get(int(key), "?"), **estimate_json(estimate)}
            for key, estimate in report.person.items()
        ],
        "groups": [{"name": name, **estimate_json(estimate)} for name, estimate in report.group.items()],
        "cells": [
            {
                "user_id": int(cell.person),
                "group": cell.group,
                "mean": estimate_json(cell.mean),
                "own": estimate_json(cell.own),
                "is_marked": cell.is_marked,
            }
            for cell in report.cells
        ],
    }
