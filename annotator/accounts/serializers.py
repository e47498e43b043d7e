"""Shapes of people and tokens."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.accounts.models import ApiToken
from annotator.accounts.services import TOKEN_DAYS_MOST


class UserSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    is_admin = serializers.BooleanField(
        source="is_superuser", help_text="Admin of every dataset, and may create new ones."
    )


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    class Meta:
        model = ApiToken
        fields = ("id", "name", "created_at", "last_used_at", "expires_at")
        read_only_fields = fields


class TokensSerializer(serializers.Serializer[Any]):
    results = TokenSerializer(many=True)


class NewTokenSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    days = serializers.IntegerField(min_value=1, max_value=TOKEN_DAYS_MOST, required=False, allow_null=True)


class TokenWithKeySerializer(TokenSerializer):
    key = serializers.CharField(help_text="Shown only now; only its SHA-256 is kept.")

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "key")  # type: ignore[assignment]  # one field longer than the parent's tuple


class PasswordChangeSerializer(serializers.Serializer[Any]):
    old = serializers.CharField(max_length=1000, trim_whitespace=False)
    new = serializers.CharField(max_length=1000, trim_whitespace=False)
