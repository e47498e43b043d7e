"""Shapes of the work endpoints."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from annotator.faces.models import FaceState
from annotator.faces.serializers import BoxField, LabelsSerializer
from annotator.work.models import PassKind
from annotator.work.services.claiming import LARGEST_CLAIM, MOST_HELD
from jfa_pipeline.core.boxes import Box
from jfa_pipeline.core.policy import MAY_BE_BLIND

MOST_ADDED = 500
MOST_REJECTED = 1000


class LeaseSerializer(serializers.Serializer[Any]):
    token = serializers.UUIDField()
    until = serializers.DateTimeField()


class ItemImageSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    url = serializers.CharField()


class CropSerializer(serializers.Serializer[Any]):
    url = serializers.CharField()
    x = serializers.IntegerField()
    y = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    pixels = serializers.IntegerField(help_text="Side of the square JPEG.")


class VersionSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    author = serializers.CharField(help_text="A, B, ...: whose it is must not weigh.")
    labels = LabelsSerializer()
    comment = serializers.CharField()


class ItemFaceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    base_revision = serializers.IntegerField()
    labels = LabelsSerializer(help_text="Age is always null: it is asked blind.")
    prelabel = LabelsSerializer(allow_null=True)
    blind = serializers.BooleanField(
        help_text="The pre-label is hidden to measure how much pre-labels sway people: only its box is told."
    )
    asked_blind = serializers.ListField(
        child=serializers.ChoiceField(MAY_BE_BLIND),
        help_text="What a checker gives without seeing anybody's, beside age.",
    )
    uncertain = serializers.ListField(
        child=serializers.IntegerField(), help_text="Points of the pre-label of which the model was unsure."
    )
    uncertainty = serializers.FloatField(
        allow_null=True,
        help_text="How unsure the model was of its pre-label, 0 is certain, below 1; null where none is shown.",
    )
    needs_person = serializers.CharField(help_text="Why a person has to look at this face, or empty.")
    roll = serializers.FloatField(help_text="In-plane rotation in degrees, clockwise positive.")
    crop = CropSerializer()
    versions = VersionSerializer(many=True, required=False)
    dispute_reason = serializers.CharField(required=False)


class SweepFaceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(FaceState.choices)
    box = BoxField()
    detector = serializers.CharField()
    score = serializers.FloatField(allow_null=True)
    needs_person = serializers.CharField()


class SuggestionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    box = BoxField()


class SweepSerializer(serializers.Serializer[Any]):
    faces = SweepFaceSerializer(many=True)
    suggestions = SuggestionSerializer(
        many=True,
        help_text="Boxes that may be missed faces, the likeliest first; no faces until you take them.",
    )


class KeptDraftSerializer(serializers.Serializer[Any]):
    sequence = serializers.IntegerField()
    writer = serializers.UUIDField(allow_null=True, help_text="The page that wrote it.")
    data = serializers.DictField()  # type: ignore[assignment]  # a declared field: the metaclass takes it off the class
    updated_at = serializers.DateTimeField()


class ItemSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(PassKind.choices)
    pass_number = serializers.IntegerField(help_text="1: first labelling, 2: first check, ...")
    passes_total = serializers.IntegerField(help_text="1 and the checks of the policy; 1 for a sweep.")
    round = serializers.IntegerField()
    lease = LeaseSerializer()
    dataset_id = serializers.IntegerField()
    image = ItemImageSerializer()
    face = ItemFaceSerializer(allow_null=True)
    sweep = SweepSerializer(allow_null=True)
    draft = KeptDraftSerializer(allow_null=True)


class ClaimSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=1, max_value=LARGEST_CLAIM, default=1)
    kinds = serializers.ListField(
        child=serializers.ChoiceField(PassKind.choices), allow_null=True, default=None, max_length=4
    )
    have = serializers.ListField(
        child=serializers.IntegerField(min_value=1), default=list, max_length=5 * MOST_HELD
    )


class KindCountsSerializer(serializers.Serializer[Any]):
    annotate = serializers.IntegerField()
    check = serializers.IntegerField()
    adjudicate = serializers.IntegerField()
    sweep = serializers.IntegerField()


class ClaimedSerializer(serializers.Serializer[Any]):
    items = ItemSerializer(many=True)
    waiting = KindCountsSerializer(
        help_text="Open items of the dataset, each kind counted up to 1,000; a few seconds old."
    )
    blocked = serializers.IntegerField(
        allow_null=True, help_text="Counted only when nothing could be handed out; otherwise null."
    )
    none_reason = serializers.CharField(allow_null=True)


class WaitingSerializer(serializers.Serializer[Any]):
    waiting = KindCountsSerializer(help_text="Open items of the dataset, each kind counted up to 1,000.")
    blocked = serializers.IntegerField(help_text="Counted up to 1,000.")
    none_reason = serializers.CharField(allow_null=True, help_text="Why there is nothing for you, or null.")


class HeldSerializer(serializers.Serializer[Any]):
    item = serializers.IntegerField(min_value=1)
    token = serializers.UUIDField()


class HeartbeatSerializer(serializers.Serializer[Any]):
    leases = serializers.ListField(child=HeldSerializer(), max_length=5 * MOST_HELD)


class RenewedSerializer(serializers.Serializer[Any]):
    item = serializers.IntegerField()
    until = serializers.DateTimeField()


class HeartbeatAnswerSerializer(serializers.Serializer[Any]):
    alive = RenewedSerializer(many=True)
    lost = serializers.ListField(child=serializers.IntegerField())


class DraftSerializer(serializers.Serializer[Any]):
    token = serializers.UUIDField()
    sequence = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    writer = serializers.UUIDField(
        allow_null=True,
        default=None,
        help_text="The page: a draft of another one that it does not know is kept.",
    )
    known = serializers.IntegerField(
        min_value=0, default=0, help_text="The newest sequence that the page knew to be stored."
    )
    data = serializers.DictField()  # type: ignore[assignment]  # a declared field: the metaclass takes it off the class


class DraftAnswerSerializer(serializers.Serializer[Any]):
    sequence = serializers.IntegerField(help_text="Of the draft that is stored now.")


class TokenOnlySerializer(serializers.Serializer[Any]):
    token = serializers.UUIDField()


class SkipSerializer(serializers.Serializer[Any]):
    token = serializers.UUIDField()
    reason = serializers.CharField(max_length=300)


class FaceSubmitSerializer(serializers.Serializer[Any]):
    submission_id = serializers.UUIDField()
    token = serializers.UUIDField()
    base_revision = serializers.IntegerField(min_value=1)
    verdict = serializers.ChoiceField(["save", "accept", "dispute", "send_back"])
    labels = LabelsSerializer()
    comment = serializers.CharField(default="", allow_blank=True, max_length=500)
    active_ms = serializers.IntegerField(allow_null=True, default=None, min_value=0)


class AddedFaceSerializer(serializers.Serializer[Any]):
    box = BoxField()
    suggestion = serializers.IntegerField(
        min_value=1, allow_null=True, default=None, help_text="The suggestion that this box was taken from."
    )

    def validate_box(self, value: list[float]) -> Box:
        return Box(*value)


class SweepSubmitSerializer(serializers.Serializer[Any]):
    submission_id = serializers.UUIDField()
    token = serializers.UUIDField()
    added = serializers.ListField(child=AddedFaceSerializer(), default=list, max_length=MOST_ADDED)
    rejected = serializers.ListField(
        child=serializers.IntegerField(min_value=1), default=list, max_length=MOST_REJECTED
    )
    dismissed = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        default=list,
        max_length=MOST_REJECTED,
        help_text="Suggestions that are no faces.",
    )
    verdict = serializers.ChoiceField(
        ["reject", "quarantine", "rotate90", "rotate180", "rotate270"], allow_null=True, default=None
    )
    reason = serializers.CharField(default="", allow_blank=True, max_length=300)
    active_ms = serializers.IntegerField(allow_null=True, default=None, min_value=0)


SUBMISSION = PolymorphicProxySerializer(
    component_name="Submission",
    serializers=[FaceSubmitSerializer, SweepSubmitSerializer],
    resource_type_field_name=None,
)


class SubmittedSerializer(serializers.Serializer[Any]):
    item = serializers.IntegerField()
    face_id = serializers.IntegerField(allow_null=True)
    revision = serializers.IntegerField(allow_null=True)
    state = serializers.CharField(help_text="The face's state, or the item's for a sweep.")
    kept_as = serializers.ChoiceField(["counted", "side"])
    message = serializers.CharField()


class TakenBackSerializer(serializers.Serializer[Any]):
    item = ItemSerializer()
    labels = LabelsSerializer(help_text="What you had sent, with your own age: a start for the next save.")
    comment = serializers.CharField()


class DaySerializer(serializers.Serializer[Any]):
    utc_offset = serializers.IntegerField(
        min_value=-14 * 60,
        max_value=14 * 60,
        default=0,
        help_text="Minutes that your clock is ahead of UTC: today starts at your midnight.",
    )


class MyPassSerializer(serializers.Serializer[Any]):
    pass_id = serializers.IntegerField()
    item = serializers.IntegerField()
    face_id = serializers.IntegerField(allow_null=True)
    image_id = serializers.IntegerField()
    kind = serializers.ChoiceField(PassKind.choices)
    created_at = serializers.DateTimeField()
    taken_back = serializers.BooleanField(help_text="You took it back, so it does not count.")
    state = serializers.CharField()
    crop_url = serializers.CharField(allow_null=True)


class MyWorkSerializer(serializers.Serializer[Any]):
    goal = serializers.IntegerField(help_text="Passes a day that an admin set for you; 0: none.")
    today = KindCountsSerializer()
    total = KindCountsSerializer()
    results = MyPassSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class PolicyPublishSerializer(serializers.Serializer[Any]):
    data = serializers.DictField(help_text="A whole policy, as it is read.")  # type: ignore[assignment]  # a declared field: the metaclass takes it off the class
    comment = serializers.CharField(max_length=300, default="", allow_blank=True)
    base_version = serializers.IntegerField(min_value=0)
