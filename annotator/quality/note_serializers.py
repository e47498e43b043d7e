"""Shapes of questions, answers and what people are told about their own work."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.faces.blind_text import without_ages
from annotator.faces.models import FaceState
from annotator.faces.serializers import ChangeSerializer
from annotator.work.models import PassKind, WorkItem
from annotator.work.selectors.feedback import Decision
from annotator.work.selectors.notes import Line, Thread
from annotator.work.services.asking import LONGEST


class NoteLineSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    author = serializers.CharField(help_text="A name; for annotators only who it was: a colleague, ...")
    is_mine = serializers.BooleanField()
    text = serializers.CharField(help_text="Numbers that may be an age are hidden while age is asked blind.")
    created_at = serializers.DateTimeField()


class QuestionSerializer(NoteLineSerializer):
    face_id = serializers.IntegerField()
    crop_url = serializers.CharField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    answers = NoteLineSerializer(many=True)


class FaceNotesSerializer(serializers.Serializer[Any]):
    results = QuestionSerializer(many=True)


class NoteTextSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=LONGEST)


class ResolveSerializer(serializers.Serializer[Any]):
    resolved = serializers.BooleanField()


class QuestionFilterSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(["open", "resolved", "all"], default="open", required=False)


class QuestionCountsSerializer(serializers.Serializer[Any]):
    open_questions = serializers.IntegerField(
        allow_null=True, help_text="Unresolved questions of the dataset; null for annotators."
    )
    unseen_answers = serializers.IntegerField(help_text="Answers to my questions that I have not seen.")


class SeenSerializer(serializers.Serializer[Any]):
    up_to = serializers.IntegerField(min_value=1, help_text="Id of the newest answer that was shown.")


class SeenAnswerSerializer(serializers.Serializer[Any]):
    seen = serializers.IntegerField()


class DecisionSerializer(serializers.Serializer[Any]):
    face_id = serializers.IntegerField()
    state = serializers.ChoiceField(FaceState.choices)
    kind = serializers.ChoiceField(PassKind.choices, help_text="What I had done.")
    crop_url = serializers.CharField()
    decided_at = serializers.DateTimeField()
    comment = serializers.CharField()
    changes = ChangeSerializer(
        many=True, help_text="From my version to the decided one; empty: mine was kept."
    )


class ReservedItemSerializer(serializers.Serializer[Any]):
    item = serializers.IntegerField()
    kind = serializers.ChoiceField(PassKind.choices)
    face_id = serializers.IntegerField(allow_null=True)
    image_id = serializers.IntegerField()
    crop_url = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class MyQuestionSerializer(QuestionSerializer):
    unseen = serializers.IntegerField(help_text="Answers that I have not seen.")


class FeedbackSerializer(serializers.Serializer[Any]):
    reserved = ReservedItemSerializer(many=True, help_text="Waiting for me alone: sent back or assigned.")
    decisions = DecisionSerializer(many=True)
    questions = MyQuestionSerializer(many=True, help_text="My questions that others answered.")
    newest_answer = serializers.IntegerField(allow_null=True, help_text="To be sent once it was shown.")
    advice = serializers.ListField(
        child=serializers.CharField(), help_text="Where my labels lean to one side on average, in sentences."
    )


def _crop(face_id: int | None) -> str | None:
    return None if face_id is None else f"/api/v1/faces/{face_id}/crop?side=256"


def line_json(line: Line) -> dict[str, Any]:
    """A NoteLine."""
    return {
        "id": line.id,
        "author": line.author,
        "is_mine": line.is_mine,
        "text": line.text,
        "created_at": line.created_at,
    }


def question_json(thread: Thread) -> dict[str, Any]:
    """A Question with its answers."""
    question = thread.question
    return {
        **line_json(thread.line),
        "face_id": question.face_id,
        "crop_url": _crop(question.face_id),
        "resolved_at": question.resolved_at,
        "answers": [line_json(answer) for answer in thread.answers],
    }


def decision_json(decision: Decision) -> dict[str, Any]:
    """A Decision; the adjudicator's words without numbers that may be an age."""
    return {
        "face_id": decision.face.pk,
        "state": decision.face.state,
        "kind": decision.kind,
        "crop_url": _crop(decision.face.pk),
        "decided_at": decision.decided.created_at,
        "comment": without_ages(decision.decided.comment),
        "changes": [{"part": change.part, "text": change.text} for change in decision.changes],
    }


def reserved_json(item: WorkItem) -> dict[str, Any]:
    """A ReservedItem."""
    return {
        "item": item.pk,
        "kind": item.kind,
        "face_id": item.face_id,
        "image_id": item.image_id,
        "crop_url": _crop(item.face_id),
        "reason": without_ages(item.reason),
        "created_at": item.created_at,
    }
