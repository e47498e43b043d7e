"""Shapes of the tutorial and of the guide."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.datasets.models import Role
from annotator.faces.serializers import LabelsSerializer
from annotator.quality.models import GuideExample, TutorialFace
from annotator.quality.selectors.gold_answers import truth_of
from annotator.quality.selectors.teaching import LESSONS, LessonUse, Progress, labels_to_begin_with, turn_of
from annotator.work.selectors.items import IMAGE_SIDE, crop_json, roll_of
from annotator.work.serializers import CropSerializer, ItemFaceSerializer, ItemImageSerializer
from jfa_pipeline.core.labels import FaceLabels
from jfa_pipeline.core.policy import Policy
from jfa_pipeline.metrics.lesson import PARTS, VERDICTS, Finding, findings

MOST_FACES = 20
"""A longer tutorial is not gone through."""


class FindingSerializer(serializers.Serializer[Any]):
    part = serializers.ChoiceField(PARTS)
    verdict = serializers.ChoiceField(VERDICTS, help_text="near: the policy still takes it.")
    box_iou = serializers.FloatField(allow_null=True)
    distance = serializers.FloatField(
        allow_null=True, help_text="Mean point distance of a region, in box sides."
    )
    right = serializers.FloatField(
        allow_null=True, help_text="Mean displacement to the right of the upright face, in box sides."
    )
    down = serializers.FloatField(allow_null=True, help_text="The same, towards the chin.")
    points = serializers.IntegerField(
        allow_null=True, help_text="Points beyond the policy's tolerance, or marked hidden on one side only."
    )
    years = serializers.FloatField(allow_null=True, help_text="Given minus true.")
    given = serializers.ListField(child=serializers.CharField())
    expected = serializers.ListField(child=serializers.CharField())


class LessonFeedbackSerializer(serializers.Serializer[Any]):
    findings = FindingSerializer(many=True)
    given = LabelsSerializer()
    truth = LabelsSerializer(help_text="The age is the mean over people.")


class LessonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    lesson = serializers.ChoiceField(LESSONS)
    image = ItemImageSerializer()
    face = ItemFaceSerializer()
    feedback = LessonFeedbackSerializer(allow_null=True, help_text="Null until it is answered.")


class TutorialSerializer(serializers.Serializer[Any]):
    lessons = LessonSerializer(many=True)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    is_required = serializers.BooleanField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True, help_text="When it was finished first.")


class TutorialStateSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    is_required = serializers.BooleanField()
    finished_at = serializers.DateTimeField(allow_null=True)


class LessonAnswerSerializer(serializers.Serializer[Any]):
    labels = LabelsSerializer()


class LessonAnsweredSerializer(serializers.Serializer[Any]):
    feedback = LessonFeedbackSerializer()
    state = TutorialStateSerializer()


class TutorialFaceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    face_id = serializers.IntegerField()
    crop_url = serializers.CharField()
    position = serializers.IntegerField()
    is_active = serializers.BooleanField()
    suspended = serializers.CharField(help_text="Why it is not offered although it is in use, or empty.")
    people = serializers.IntegerField(help_text="Who answered it.")
    flags = serializers.ListField(child=serializers.CharField())
    turn = serializers.FloatField(
        help_text="How far the face is turned to a side: 0 frontal, 0.5 a profile, by its points."
    )
    side_px = serializers.FloatField(help_text="Smaller side of the box.")
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_null=True)


class TutorialFacesSerializer(serializers.Serializer[Any]):
    results = TutorialFaceSerializer(many=True)


class TutorialMakeSerializer(serializers.Serializer[Any]):
    face_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), default=list, max_length=MOST_FACES
    )
    choose = serializers.IntegerField(
        min_value=1,
        max_value=MOST_FACES,
        required=False,
        help_text="Without face_ids: so many faces, chosen to suit the lessons.",
    )


class TutorialFaceChangeSerializer(serializers.Serializer[Any]):
    is_active = serializers.BooleanField(required=False)
    position = serializers.IntegerField(required=False, min_value=1, max_value=1000)


class GuideExampleSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    face_id = serializers.IntegerField()
    is_right = serializers.BooleanField()
    sentence = serializers.CharField()
    crop = CropSerializer()
    labels = LabelsSerializer(help_text="The accepted labels, without the age.")


class GuideSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(help_text="The dataset's own words, Markdown.")
    examples = GuideExampleSerializer(many=True)


class GuideTextSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(allow_blank=True, trim_whitespace=False)


class GuideExampleMakeSerializer(serializers.Serializer[Any]):
    face_id = serializers.IntegerField(min_value=1)
    is_right = serializers.BooleanField()
    sentence = serializers.CharField(max_length=300, help_text="What is right or wrong in such a picture.")


def state_json(progress: Progress, *, policy: Policy, role: Role) -> dict[str, Any]:
    """How far a person is."""
    return {
        "done": progress.done,
        "total": len(progress.offered),
        "is_required": policy.tutorial_required and role != Role.ADMIN,
        "finished_at": None if progress.run is None else progress.run.finished_at,
    }


def tutorial_json(progress: Progress, *, policy: Policy, role: Role) -> dict[str, Any]:
    """Every lesson with what the person has learnt of it so far; true labels only of what they answered."""
    lessons: list[dict[str, Any]] = []
    for place, lesson in enumerate(progress.offered):
        answer = progress.answers.get(lesson.pk)
        shown = labels_to_begin_with(lesson)
        given = None if answer is None else FaceLabels.from_json(answer.labels)
        lessons.append(
            {
                "id": lesson.pk,
                "lesson": LESSONS[place % len(LESSONS)],
                "image": {
                    "id": lesson.face.image_id,
                    "width": lesson.face.image.width,
                    "height": lesson.face.image.height,
                    "url": f"/api/v1/images/{lesson.face.image_id}/file?side={IMAGE_SIDE}",
                },
                "face": {
                    "id": lesson.face_id,
                    "base_revision": lesson.face.prelabel_id or lesson.truth_id,
                    "labels": shown.to_json(),
                    "prelabel": None if lesson.face.prelabel is None else shown.to_json(),
                    "blind": False,
                    "asked_blind": [],
                    "needs_person": "",
                    "uncertain": [],
                    "roll": roll_of(shown),
                    "crop": crop_json(image_id=lesson.face.image_id, box=shown.box),
                },
                "feedback": None if given is None else feedback_json(lesson, given, policy),
            }
        )
    return {
        "lessons": lessons,
        **state_json(progress, policy=policy, role=role),
        "started_at": None if progress.run is None else progress.run.started_at,
    }


def feedback_json(lesson: TutorialFace, given: FaceLabels, policy: Policy) -> dict[str, Any]:
    """An answer beside the truth, which this person may see from now on."""
    truth = truth_of(lesson)
    return {
        "findings": [_finding_json(one) for one in findings(given, truth, policy)],
        "given": given.to_json(),
        "truth": truth.to_json(),
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    names = ("part", "verdict", "box_iou", "distance", "right", "down", "points", "years")
    return {
        **{name: getattr(finding, name) for name in names},
        "given": list(finding.given),
        "expected": list(finding.expected),
    }


def tutorial_face_json(use: LessonUse) -> dict[str, Any]:
    """A row of the admin's list."""
    lesson = use.lesson
    labels = lesson.truth.labels
    return {
        "id": lesson.pk,
        "face_id": lesson.face_id,
        "crop_url": f"/api/v1/faces/{lesson.face_id}/crop?side=256",
        "position": lesson.position,
        "is_active": lesson.is_active,
        "suspended": use.suspended,
        "people": use.people,
        "flags": sorted(labels.flags),
        "turn": round(turn_of(labels), 3),
        "side_px": labels.box.min_side,
        "created_at": lesson.created_at,
        "created_by": None if lesson.created_by is None else lesson.created_by.name,
    }


def guide_example_json(example: GuideExample) -> dict[str, Any]:
    """An example as the guide draws it."""
    assert example.face.current is not None  # noqa: S101  # every face is made together with a revision
    labels = example.face.current.labels
    return {
        "id": example.pk,
        "face_id": example.face_id,
        "is_right": example.is_right,
        "sentence": example.sentence,
        "crop": crop_json(image_id=example.face.image_id, box=labels.box),
        "labels": labels.without_age().to_json(),
    }
