"""Shapes of the overview, people and blocked work."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.datasets.models import Role
from annotator.faces.models import FaceState
from annotator.jobs.serializers import JobSerializer
from annotator.quality.selectors.people import Person
from annotator.work.models import PassKind

LARGEST_GOAL = 10_000


class PersonSerializer(serializers.Serializer[Any]):
    membership_id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(Role.choices)
    is_active = serializers.BooleanField()
    paused_at = serializers.DateTimeField(
        allow_null=True, help_text="Since when they are handed nothing, until an admin resumes them."
    )
    last_seen_at = serializers.DateTimeField(allow_null=True)
    annotated = serializers.IntegerField()
    checked = serializers.IntegerField()
    adjudicated = serializers.IntegerField()
    swept = serializers.IntegerField()
    leased = serializers.IntegerField(help_text="Items this person holds now.")
    corrected_by_others_share = serializers.FloatField(
        allow_null=True,
        help_text="Of their checked faces, the share on which others changed more than the age.",
    )
    faces_per_active_hour = serializers.FloatField(allow_null=True)
    daily_goal = serializers.IntegerField(help_text="Passes a day, told to the person; 0: none.")


class PeopleSerializer(serializers.Serializer[Any]):
    results = PersonSerializer(many=True)


class InvitationSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    role = serializers.ChoiceField(Role.choices)


class InvitedPersonSerializer(PersonSerializer):
    password = serializers.CharField(
        allow_null=True, help_text="Generated for a new person and shown only now; null for an existing one."
    )


class PersonChangeSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(Role.choices, required=False)
    is_active = serializers.BooleanField(required=False)
    daily_goal = serializers.IntegerField(
        required=False, min_value=0, max_value=LARGEST_GOAL, help_text="Passes a day; 0: none."
    )


class NewPasswordSerializer(serializers.Serializer[Any]):
    password = serializers.CharField(help_text="Shown only now.")


class BlockedSerializer(serializers.Serializer[Any]):
    item_id = serializers.IntegerField()
    face_id = serializers.IntegerField(allow_null=True)
    image_id = serializers.IntegerField()
    kind = serializers.ChoiceField(PassKind.choices)
    pass_number = serializers.IntegerField()
    reason = serializers.CharField()


class ImageCountsSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    prelabelled = serializers.IntegerField()
    prelabel_failed = serializers.IntegerField()
    swept = serializers.IntegerField()
    rejected = serializers.IntegerField()
    complete = serializers.IntegerField()


class FaceStateCountsSerializer(serializers.Serializer[Any]):
    waiting = serializers.IntegerField()
    checking = serializers.IntegerField()
    disputed = serializers.IntegerField()
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    too_small = serializers.IntegerField()


class FaceCountsSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    by_state = FaceStateCountsSerializer()
    blocked = serializers.IntegerField(
        help_text="Open items that no active person may take, counted up to 1000."
    )


class PassCountsSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(PassKind.choices)
    pass_number = serializers.IntegerField()
    open = serializers.IntegerField()
    leased = serializers.IntegerField()
    done = serializers.IntegerField()


class BinSerializer(serializers.Serializer[Any]):
    to = serializers.FloatField()
    count = serializers.IntegerField()

    def get_fields(self) -> dict[str, Any]:
        """``from`` is a Python keyword."""
        return {"from": serializers.FloatField(), **super().get_fields()}


class ValueCountSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    count = serializers.IntegerField()


class DistributionsSerializer(serializers.Serializer[Any]):
    age = BinSerializer(many=True)
    face_size = BinSerializer(many=True)
    gender = ValueCountSerializer(many=True)
    ethnicity = ValueCountSerializer(many=True)
    flags = ValueCountSerializer(many=True)


class EditDistanceSerializer(serializers.Serializer[Any]):
    made_by = serializers.CharField()
    faces = serializers.IntegerField()
    median_landmark_nme = serializers.FloatField(
        allow_null=True, help_text="Mean point distance over the square root of the mean box area."
    )
    median_box_iou = serializers.FloatField(allow_null=True)


class OverviewSerializer(serializers.Serializer[Any]):
    images = ImageCountsSerializer()
    faces = FaceCountsSerializer()
    passes = PassCountsSerializer(many=True)
    distributions = DistributionsSerializer()
    edits = EditDistanceSerializer(many=True)
    jobs = JobSerializer(many=True)
    near_duplicates_open = serializers.IntegerField()
    imports = serializers.IntegerField()


def person_json(person: Person) -> dict[str, Any]:
    """The Person of the contract."""
    member = person.membership
    return {
        "membership_id": member.pk,
        "user_id": member.user_id,
        "username": member.user.username,
        "name": member.user.name,
        "role": member.role,
        "is_active": member.is_active and member.user.is_active,
        "paused_at": member.paused_at,
        "last_seen_at": person.last_seen_at,
        "annotated": person.counts[PassKind.ANNOTATE],
        "checked": person.counts[PassKind.CHECK],
        "adjudicated": person.counts[PassKind.ADJUDICATE],
        "swept": person.counts[PassKind.SWEEP],
        "leased": person.leased,
        "corrected_by_others_share": person.corrected_by_others_share,
        "faces_per_active_hour": person.faces_per_active_hour,
        "daily_goal": member.daily_goal,
    }


def face_counts_json(by_state: dict[str, int], blocked: int) -> dict[str, Any]:
    """The faces of the Overview."""
    shown = {state: by_state[state] for state in FaceState.values}
    return {"total": sum(shown.values()), "by_state": shown, "blocked": blocked}
