"""Shapes of faces in the API. Rows are shaped by plain functions; the classes describe them in the schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotator.accounts.models import User
from annotator.datasets.models import Role
from annotator.faces.blind_text import without_ages
from annotator.faces.models import Face, FaceState, Revision, RevisionKind
from annotator.faces.selectors import (
    DISAGREEMENTS,
    LEVELS,
    ages_are_open,
    mean_age_is_open,
    origin_is_open,
    shown_labels,
)
from jfa_pipeline.aggregate.changes import describe_changes
from jfa_pipeline.core.ibug68 import POINTS
from jfa_pipeline.core.labels import MISSING, VISIBLE, FaceLabels, LabelsInvalid

PERSONS_WORK = (RevisionKind.ANNOTATE, RevisionKind.CHECK, RevisionKind.ADJUDICATE, RevisionKind.SWEEP)

WITHOUT_OWN_AGE: Final = (RevisionKind.RESTORE, RevisionKind.AGGREGATE)
"""Kinds of versions that nobody gave an age with; the face's mean is beside the chain."""


class BoxField(serializers.ListField):
    """Four numbers x1, y1, x2, y2 in pixels of the upright image."""

    child = serializers.FloatField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=4, max_length=4, **kwargs)


@extend_schema_field(
    {
        "type": "array",
        "nullable": True,
        "minItems": POINTS,
        "maxItems": POINTS,
        "items": {
            "type": "array",
            "nullable": True,
            "minItems": 2,
            "maxItems": 2,
            "items": {"type": "number"},
        },
        "description": "68 points x, y in pixels of the upright image, iBUG order; null for a removed point.",
    }
)
class PointsField(serializers.Field[Any, Any, Any, Any]):
    """Passed on as it is; FaceLabels reads it and says what is wrong."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(
    {
        "type": "array",
        "nullable": True,
        "items": {"type": "integer", "minimum": VISIBLE, "maximum": MISSING},
        "description": "For each point 0 visible, 1 hidden, 2 missing.",
    }
)
class StatesField(serializers.Field[Any, Any, Any, Any]):
    """States of points, looked at as a whole: a field for each of 68 numbers costs more than all the rest."""

    default_error_messages: ClassVar = {
        "invalid": f"Give a list of whole numbers from {VISIBLE} to {MISSING}, one for each point."
    }

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list) or not all(
            type(state) is int and VISIBLE <= state <= MISSING for state in data
        ):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class LabelsSerializer(serializers.Serializer[Any]):
    """Labels of one face, checked for shape only; the policy is checked when they are saved."""

    box = BoxField()
    landmarks = PointsField(allow_null=True, default=None)
    visibility = StatesField(allow_null=True, default=None)
    age = serializers.FloatField(allow_null=True, default=None)
    gender = serializers.CharField(allow_null=True, default=None, max_length=40)
    ethnicity = serializers.CharField(allow_null=True, default=None, max_length=40)
    flags = serializers.ListField(child=serializers.CharField(max_length=40), default=list, max_length=20)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"labels": FaceLabels.from_json(attrs)}
        except LabelsInvalid as error:
            raise serializers.ValidationError(str(error)) from error


class FaceProvenanceChangeSerializer(serializers.Serializer[Any]):
    """A face's own values; null: those of its image apply. A key that is left out stays as it is."""

    subject_key = serializers.CharField(max_length=200, allow_null=True, allow_blank=True, required=False)
    consent = serializers.CharField(max_length=200, allow_null=True, allow_blank=True, required=False)


class FaceProvenanceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    subject_key = serializers.CharField(allow_null=True)
    consent = serializers.CharField(allow_null=True)


class FaceFilterSerializer(serializers.Serializer[Any]):
    """The explorer's conditions; every one may be left out."""

    state = serializers.ChoiceField(FaceState.choices, required=False)
    person = serializers.IntegerField(required=False, help_text="User id: made a version of the face.")
    flag = serializers.CharField(max_length=40, required=False)
    gender = serializers.CharField(max_length=40, required=False, help_text="'none': not given.")
    ethnicity = serializers.CharField(max_length=40, required=False, help_text="'none': not given.")
    age_min = serializers.FloatField(required=False, help_text="Mean age of closed faces, years.")
    age_max = serializers.FloatField(required=False, help_text="Mean age of closed faces, years.")
    image = serializers.IntegerField(required=False)
    made_by = serializers.CharField(
        max_length=60, required=False, help_text="Maker of the first labels; 'person': added in a sweep."
    )
    did = serializers.ChoiceField(
        [(kind, kind.label) for kind in PERSONS_WORK],
        required=False,
        help_text="What the person did; without a person, what anybody did.",
    )
    closed_from = serializers.DateField(
        required=False, help_text="Accepted or rejected on this day (UTC) or later."
    )
    closed_to = serializers.DateField(
        required=False, help_text="Accepted or rejected on this day (UTC) or before."
    )
    policy_version = serializers.IntegerField(required=False, help_text="Closed under this policy version.")
    policy_before = serializers.IntegerField(
        required=False, help_text="Closed under an earlier policy version than this."
    )
    delivery = serializers.IntegerField(required=False, help_text="Delivery id.")
    assigned = serializers.IntegerField(
        required=False, help_text="User id: open work is reserved for this person."
    )
    level = serializers.ChoiceField(list(LEVELS), required=False, help_text="Chosen by a person.")
    disagreement = serializers.ChoiceField(
        DISAGREEMENTS,
        required=False,
        help_text="'disputed': came before an adjudicator. 'corrected': a checker changed the labels.",
    )
    age_sd_min = serializers.FloatField(
        required=False, help_text="People's ages of a closed face differ by this SD at least, years."
    )
    blocked = serializers.BooleanField(
        required=False, help_text="Only faces that no active person may take now."
    )

    def get_fields(self) -> dict[str, Any]:
        """``import`` is a Python keyword: the query key has a field of another attribute name."""
        return {
            **super().get_fields(),
            "import": serializers.IntegerField(source="batch", required=False, help_text="Import id."),
        }


class FaceCardSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    image_id = serializers.IntegerField()
    image_name = serializers.CharField(help_text="Empty for annotators: a file name may say who it shows.")
    state = serializers.ChoiceField(FaceState.choices)
    round = serializers.IntegerField()
    box = BoxField()
    made_by = serializers.CharField(help_text="Who made the first labels; empty: a person, in a sweep.")
    author = serializers.CharField(allow_null=True, help_text="Who made the current version.")
    gender = serializers.CharField(allow_null=True)
    ethnicity = serializers.CharField(allow_null=True)
    flags = serializers.ListField(child=serializers.CharField())
    age_mean = serializers.FloatField(allow_null=True)
    age_sd = serializers.FloatField(allow_null=True)
    age_n = serializers.IntegerField()
    crop_url = serializers.CharField()
    needs_person = serializers.CharField()
    closed_at = serializers.DateTimeField(allow_null=True)


class FacetsSerializer(serializers.Serializer[Any]):
    state = serializers.DictField(child=serializers.IntegerField())
    flag = serializers.DictField(child=serializers.IntegerField())
    gender = serializers.DictField(child=serializers.IntegerField())
    ethnicity = serializers.DictField(child=serializers.IntegerField())
    made_by = serializers.DictField(child=serializers.IntegerField())


class FacePageSerializer(serializers.Serializer[Any]):
    results = FaceCardSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    total = serializers.IntegerField(allow_null=True, help_text="On the first page; null on later ones.")
    facets = FacetsSerializer(allow_null=True, help_text="On the first page; null on later ones.")


class ChangeSerializer(serializers.Serializer[Any]):
    part = serializers.CharField()
    text = serializers.CharField()


class RevisionRowSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    parent = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]  # a declared field: the metaclass takes it off the class
    kind = serializers.ChoiceField(RevisionKind.choices)
    round = serializers.IntegerField()
    author = serializers.CharField(allow_null=True)
    made_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    labels = LabelsSerializer()
    comment = serializers.CharField(
        help_text="Numbers that may be an age are hidden while age is asked blind."
    )
    changes = ChangeSerializer(many=True)
    policy_version = serializers.IntegerField(
        allow_null=True, help_text="The policy that was in force, where the version knows."
    )
    pass_number = serializers.IntegerField(
        allow_null=True, help_text="Of a check: 1 for the first of its round; null for other versions."
    )


def face_card_json(face: Face, *, role: Role) -> dict[str, Any]:
    """A FaceCard as this role may see it. ``face`` comes from ``with_card_columns`` or ``face_access``."""
    current = face.current
    assert current is not None  # noqa: S101  # a face without a version is never committed
    first = face.prelabel or current
    shows_age = mean_age_is_open(role=role, state=face.state)
    hidden = face.hides_prelabel and current.kind == RevisionKind.PRELABEL
    return {
        "id": face.pk,
        "image_id": face.image_id,
        "image_name": face.image.name if origin_is_open(role=role) else "",
        "state": face.state,
        "round": face.round,
        "box": [current.x1, current.y1, current.x2, current.y2],
        "made_by": first.made_by,
        "author": None if current.author is None else current.author.name,
        "gender": None if hidden else current.gender,
        "ethnicity": None if hidden else current.ethnicity,
        "flags": [] if hidden else current.flags,
        "age_mean": face.age_mean if shows_age else None,
        "age_sd": face.age_sd if shows_age else None,
        "age_n": face.age_n,
        "crop_url": f"/api/v1/faces/{face.pk}/crop?side=256",
        "needs_person": face.needs_person,
        "closed_at": face.closed_at,
    }


def revision_rows_json(
    face: Face,
    revisions: list[Revision],
    *,
    reader: User,
    role: Role,
    check_numbers: Mapping[int, int] | None = None,
) -> list[dict[str, Any]]:
    """The chain of a face's versions, oldest first, each with what it changed in its parent.

    check_numbers: which check of its round a version is, by its id.
    """
    ages_open = ages_are_open(role=role, state=face.state)
    shown = {row.pk: shown_labels(row, face=face, reader=reader, ages_open=ages_open) for row in revisions}
    rows = []
    for row in revisions:
        before = shown.get(row.parent_id or 0)
        tells_age = ages_open and row.kind not in WITHOUT_OWN_AGE
        own = row.author_id is not None and row.author_id == reader.pk
        rows.append(
            {
                "id": row.pk,
                "parent": row.parent_id,
                "kind": row.kind,
                "round": row.round,
                "author": None if row.author is None else row.author.name,
                "made_by": row.made_by,
                "created_at": row.created_at,
                "labels": shown[row.pk].to_json(),
                "comment": row.comment if ages_open or own else without_ages(row.comment),
                "changes": [] if before is None else changes_json(before, shown[row.pk], ages=tells_age),
                "policy_version": None if row.policy is None else row.policy.version,
                "pass_number": (check_numbers or {}).get(row.pk),
            }
        )
    return rows


def changes_json(before: FaceLabels, after: FaceLabels, *, ages: bool) -> list[dict[str, str]]:
    """What ``after`` changed. Without ``ages`` nothing about age: one that is hidden would read as taken away."""
    if not ages:
        before, after = before.without_age(), after.without_age()
    return [{"part": change.part, "text": change.text} for change in describe_changes(before, after)]
