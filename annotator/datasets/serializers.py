"""Shapes of datasets, policy versions and the session."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.accounts.models import User
from annotator.accounts.serializers import UserSerializer
from annotator.datasets.models import Dataset, PolicyVersion, Role
from jfa_pipeline.core.policy import (
    ATTRIBUTES_BY,
    DISTRIBUTIONS,
    LABELS,
    MAY_BE_BLIND,
    ON_DISAGREEMENT,
    ORDERS,
)


class PolicyDataSerializer(serializers.Serializer[Any]):
    """A policy's fields as ``Policy.to_json`` writes them; the rules themselves are in jfa_pipeline."""

    genders = serializers.ListField(child=serializers.CharField(max_length=40), max_length=30)
    ethnicities = serializers.ListField(child=serializers.CharField(max_length=40), max_length=30)
    cannot_tell = serializers.CharField(max_length=40)
    flags = serializers.DictField(
        child=serializers.ListField(child=serializers.ChoiceField(LABELS)),
        help_text="Each flag and the labels that it removes from a face.",
    )
    required = serializers.ListField(child=serializers.ChoiceField(LABELS))  # type: ignore[assignment]  # a declared field: the metaclass takes it off the class
    min_side_px = serializers.FloatField()
    checks = serializers.IntegerField()
    box_iou_min = serializers.FloatField()
    landmark_nme_max = serializers.FloatField()
    lease_minutes = serializers.IntegerField()
    test_share = serializers.FloatField(
        help_text="Part of arriving images kept for testing, not pre-labelled."
    )
    blind_share = serializers.FloatField(help_text="Part of pre-labelled faces that show their box only.")
    order = serializers.ChoiceField(ORDERS, help_text="How open faces are offered.")
    random_share = serializers.FloatField(
        help_text="With the order 'learning': the part of the faces that keeps the order of arrival."
    )
    distribution = serializers.ChoiceField(DISTRIBUTIONS)
    blind_in_checks = serializers.ListField(
        child=serializers.ChoiceField(MAY_BE_BLIND),
        help_text="Labels that a checker gives without seeing any.",
    )
    region_nme_max = serializers.DictField(
        child=serializers.FloatField(), help_text="Tolerances of regions, in box sides."
    )
    on_disagreement = serializers.ChoiceField(ON_DISAGREEMENT)
    checks_max = serializers.IntegerField()
    age_error_max = serializers.FloatField(help_text="Years; 0 never asks more people for the age.")
    age_people_max = serializers.IntegerField()
    attributes_by = serializers.ChoiceField(ATTRIBUTES_BY)
    gold_share = serializers.FloatField()
    resweep_share = serializers.FloatField()
    watch_acceptable = serializers.DictField(
        child=serializers.FloatField(), help_text="Shares of failed gold answers that are fine."
    )
    watch_pauses = serializers.BooleanField()
    gold_age_years_max = serializers.FloatField()
    tutorial_required = serializers.BooleanField(
        help_text="Nothing is handed out before the tutorial is done."
    )


class DatasetPolicySerializer(serializers.ModelSerializer[PolicyVersion]):
    data = PolicyDataSerializer(source="complete")  # type: ignore[assignment]  # a declared field: the metaclass takes it off the class

    class Meta:
        model = PolicyVersion
        fields = ("version", "created_at", "comment", "data")


class PolicyVersionSerializer(DatasetPolicySerializer):
    created_by = serializers.CharField(source="created_by.username", allow_null=True, default=None)

    class Meta(DatasetPolicySerializer.Meta):
        fields = (*DatasetPolicySerializer.Meta.fields, "created_by")  # type: ignore[assignment]  # one field longer than the parent's tuple


class PolicyVersionsSerializer(serializers.Serializer[Any]):
    results = PolicyVersionSerializer(many=True)


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    role = serializers.ChoiceField(Role.choices, help_text="Your role in it.")
    policy = DatasetPolicySerializer()

    class Meta:
        model = Dataset
        fields = ("id", "slug", "name", "created_at", "role", "policy")


class DatasetsSerializer(serializers.Serializer[Any]):
    results = DatasetSerializer(many=True)


class NewDatasetSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    slug = serializers.SlugField(max_length=60, required=False)
    policy = serializers.DictField(
        required=False,
        help_text="Fields that differ from a plain policy, without a test split; without it the usual one.",
    )


class DatasetNameSerializer(serializers.ModelSerializer[Dataset]):
    class Meta:
        model = Dataset
        fields = ("id", "slug", "name")


class SessionMembershipSerializer(serializers.Serializer[Any]):
    dataset = DatasetNameSerializer()
    role = serializers.ChoiceField(Role.choices)


class SessionSerializer(serializers.Serializer[Any]):
    user = UserSerializer()
    memberships = SessionMembershipSerializer(many=True)


class CredentialsSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1000, trim_whitespace=False, write_only=True)


def dataset_json(dataset: Dataset, role: Role) -> dict[str, Any]:
    """The Dataset of the contract, as this person sees it."""
    dataset.role = role  # type: ignore[attr-defined]  # not a column: the reader's own role
    shaped: dict[str, Any] = DatasetSerializer(dataset).data
    return shaped


def session_json(user: User, roles: list[tuple[Dataset, Role]]) -> dict[str, Any]:
    """The Session of the contract."""
    memberships = [{"dataset": dataset, "role": role} for dataset, role in roles]
    shaped: dict[str, Any] = SessionSerializer({"user": user, "memberships": memberships}).data
    return shaped
