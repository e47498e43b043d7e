"""Shapes of people and tokens."""

from __future__ import annotations

import re
from typing import Any, Final

from rest_framework import serializers

from annotator.accounts.models import ApiToken
from annotator.accounts.services import TOKEN_DAYS_MOST

OWN_KEYS_MOST: Final = 200


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


class PictureAdjustmentSerializer(serializers.Serializer[Any]):
    brightness = serializers.FloatField(min_value=-100, max_value=100)
    contrast = serializers.FloatField(min_value=-100, max_value=100)
    equalise = serializers.BooleanField()


class PreferencesSerializer(serializers.Serializer[Any]):
    """What the pages let a person set up. Every field may be left out; null takes it back to the usual value."""

    language = serializers.ChoiceField(choices=("en", "zh-CN"), required=False, allow_null=True)
    theme = serializers.ChoiceField(choices=("system", "dark", "light"), required=False, allow_null=True)
    keys = serializers.DictField(
        child=serializers.CharField(max_length=40, allow_blank=True, trim_whitespace=False),
        required=False,
        allow_null=True,
        help_text="Own keys by command id; an empty text takes the key away.",
    )
    plain_dragging = serializers.BooleanField(required=False, allow_null=True)
    indices = serializers.BooleanField(required=False, allow_null=True)
    picture = PictureAdjustmentSerializer(required=False, allow_null=True)
    guide_open = serializers.BooleanField(required=False, allow_null=True)

    def validate_keys(self, keys: dict[str, str] | None) -> dict[str, str] | None:
        if keys is None:
            return None
        if len(keys) > OWN_KEYS_MOST:
            raise serializers.ValidationError(f"At most {OWN_KEYS_MOST} keys of one's own.")
        strange = [name for name in keys if not re.fullmatch(r"[\w.-]{1,60}", name)]
        if strange:
            raise serializers.ValidationError(f"{strange[0]!r} is no command's id.")
        return keys

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({unknown[0]: "There is no such setting."})
        return attrs
