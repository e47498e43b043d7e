"""Shapes of images, imports and near duplicates in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotator.common.parsers import json_read
from annotator.images.models import (
    Image,
    Import,
    ImportEntry,
    NearDuplicate,
    Outcome,
    PairDecision,
    Split,
    Verdict,
)
from annotator.images.selectors import CLOSED_FACES, image_rows, splits_differ
from annotator.images.services.candidates import PROVENANCE
from annotator.jobs.serializers import JobSerializer


class ImageRowSerializer(serializers.ModelSerializer[Image]):
    """One image of ``selectors.image_rows``."""

    faces = serializers.IntegerField(source="face_count", read_only=True)
    accepted = serializers.IntegerField(source="accepted_count", read_only=True)
    complete = serializers.BooleanField(
        source="is_complete", read_only=True, help_text="Swept, no verdict, and no face still needs people."
    )
    verdict = serializers.ChoiceField(choices=Verdict.choices, read_only=True)
    split = serializers.ChoiceField(choices=Split.choices, read_only=True)
    import_id = serializers.IntegerField(allow_null=True, read_only=True)

    class Meta:
        model = Image
        fields: tuple[str, ...] = (
            "id",
            "name",
            "width",
            "height",
            "faces",
            "accepted",
            "complete",
            "verdict",
            "verdict_reason",
            "prelabelled_by",
            "prelabel_error",
            "swept_at",
            "import_id",
            "split",
            "source",
            "licence",
            "subject_key",
            "consent",
        )
        read_only_fields = fields


@extend_schema_field({"allOf": [{"$ref": "#/components/schemas/Labels"}]})
class CurrentLabelsField(serializers.Field[Any, Any, Any, Any]):
    """Labels as the faces app describes them; this app is below it."""

    def to_representation(self, value: Any) -> Any:
        return value


class ImageFaceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    state = serializers.CharField()
    box = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4)
    current_labels = CurrentLabelsField()


class ImageDetailSerializer(ImageRowSerializer):
    faces_list = ImageFaceSerializer(many=True)
    splits_differ = serializers.BooleanField(
        help_text="Images of the same subject are in another split and could not follow."
    )

    class Meta(ImageRowSerializer.Meta):
        fields = (*ImageRowSerializer.Meta.fields, "faces_list", "splits_differ")


def image_json(image: Image) -> dict[str, Any]:
    """One row of ``selectors.image_rows``; an image read without that is read again."""
    if not hasattr(image, "face_count"):
        image = image_rows(Image.objects.filter(pk=image.pk)).get()
    return dict(ImageRowSerializer(image).data)


def image_detail_json(image: Image, faces: list[Any], *, shows_ages: bool) -> dict[str, Any]:
    """A row with its faces; apparent ages only of closed faces, where no later answer can be swayed by them."""
    return {
        **image_json(image),
        "splits_differ": splits_differ(image=image),
        "faces_list": [
            _face_json(face, shows_ages and face.state in CLOSED_FACES) for face in faces if face.current
        ],
    }


def _face_json(face: Any, shows_ages: bool) -> dict[str, Any]:
    labels = face.labels_shown(face.current)
    labels = labels if shows_ages else labels.without_age()
    return {
        "id": face.pk,
        "state": face.state,
        "box": list(labels.box),
        "current_labels": labels.to_json(),
    }


class ProvenanceSerializer(serializers.Serializer[Any]):
    """What is known about where an image comes from; a field left out stays as it is."""

    source = serializers.CharField(  # type: ignore[assignment]  # Field.source is only the name of an attribute
        required=False, allow_blank=True, max_length=PROVENANCE["source"]
    )
    licence = serializers.CharField(required=False, allow_blank=True, max_length=PROVENANCE["licence"])
    subject_key = serializers.CharField(
        required=False, allow_blank=True, max_length=PROVENANCE["subject_key"]
    )
    consent = serializers.CharField(required=False, allow_blank=True, max_length=PROVENANCE["consent"])


class PathsField(serializers.CharField):
    """A JSON list with one path for each file, in the order of the files."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            paths = json_read(super().to_internal_value(data) or "[]")
        except ValueError as error:
            raise serializers.ValidationError("paths is a JSON list of texts.") from error
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise serializers.ValidationError("paths is a JSON list of texts.")
        return paths


class PiecesField(serializers.CharField):
    """A JSON list with number and count of the piece of each file, in the order of the files."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            pieces = json_read(super().to_internal_value(data) or "[]")
            return [(int(number), int(count)) for number, count in pieces]
        except (TypeError, ValueError) as error:
            raise serializers.ValidationError("pieces is a JSON list of pairs of numbers.") from error


class UploadSerializer(ProvenanceSerializer):
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True, max_length=None),
        allow_empty=False,
        help_text="Photographs or zips, and at most one manifest (.csv, .jsonl, .parquet).",
    )
    paths = PathsField(
        required=False,
        help_text='JSON list with the path of each file in its folder: ["a/1.jpg", "a/2.jpg"].',
    )


class PortionSerializer(serializers.Serializer[Any]):
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True, max_length=None), allow_empty=False
    )
    paths = PathsField(help_text='JSON list with the path of each file: ["a/1.jpg", "a/2.zip"].')
    pieces = PiecesField(
        required=False,
        help_text="JSON list, for each file which piece of it this is and of how many: [[0, 1], [3, 8]].",
    )


class PortionStoredSerializer(serializers.Serializer[Any]):
    files = serializers.IntegerField()
    bytes = serializers.IntegerField()


class UploadFinishSerializer(ProvenanceSerializer):
    portions = serializers.IntegerField(min_value=1, help_text="How many were sent, numbered from 0.")


class OutcomeCountsSerializer(serializers.Serializer[Any]):
    imported = serializers.IntegerField()
    converted = serializers.IntegerField()
    linked = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()


class ImportSerializer(serializers.ModelSerializer[Import]):
    created_by = serializers.CharField(source="created_by.username", allow_null=True, default=None)
    job = JobSerializer(allow_null=True)
    counts = OutcomeCountsSerializer()

    class Meta:
        model = Import
        fields = ("id", "source", "created_at", "created_by", "job", "counts")


def import_json(batch: Import, counts: dict[str, int]) -> dict[str, Any]:
    return {
        "id": batch.pk,
        "source": batch.source,
        "created_at": serializers.DateTimeField().to_representation(batch.created_at),
        "created_by": None if batch.created_by is None else batch.created_by.username,
        "job": None if batch.job is None else JobSerializer(batch.job).data,
        "counts": counts,
    }


class ImportEntrySerializer(serializers.ModelSerializer[ImportEntry]):
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    image_id = serializers.IntegerField(allow_null=True)

    class Meta:
        model = ImportEntry
        fields = ("id", "name", "outcome", "code", "message", "image_id")


class NearDuplicateSerializer(serializers.ModelSerializer[NearDuplicate]):
    decision = serializers.ChoiceField(choices=PairDecision.choices)
    earlier = ImageRowSerializer()
    later = ImageRowSerializer()
    splits_differ = serializers.BooleanField(
        help_text="Open or linked, but in two splits: people had worked on them, or seen a model's labels."
    )

    class Meta:
        model = NearDuplicate
        fields = ("id", "distance", "decision", "earlier", "later", "splits_differ")


def pair_json(pair: NearDuplicate, images: dict[int, Image]) -> dict[str, Any]:
    earlier, later = images[pair.earlier_id], images[pair.later_id]
    return {
        "id": pair.pk,
        "distance": pair.distance,
        "decision": pair.decision,
        "earlier": image_json(earlier),
        "later": image_json(later),
        "splits_differ": pair.decision in ("", PairDecision.LINK) and earlier.split != later.split,
    }


class DecisionSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=[PairDecision.KEEP, PairDecision.LINK, PairDecision.REJECT])


class VerdictChangeSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    reason = serializers.CharField(max_length=300)
