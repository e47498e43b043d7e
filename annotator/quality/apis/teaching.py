"""Endpoints of the tutorial and the guide: for those who label, and for the admin who makes them."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.accounts.apis import signed_in
from annotator.common.errors import Invalid
from annotator.datasets.access import LABELLERS, dataset_access
from annotator.datasets.models import Dataset, Role
from annotator.quality import teaching_serializers as shapes
from annotator.quality.gold_serializers import GoldMadeSerializer
from annotator.quality.selectors import teaching
from annotator.quality.services.teaching import (
    guide_example_add,
    guide_example_remove,
    guide_write,
    tutorial_add,
    tutorial_answer,
    tutorial_choose,
    tutorial_face_update,
    tutorial_restart,
)
from jfa_pipeline.core.policy import Policy

ADMIN = (Role.ADMIN,)


def policy_of(dataset: Dataset) -> Policy:
    """The policy in force."""
    return dataset.policy.policy if dataset.policy else Policy()


class TutorialApi(APIView):
    @extend_schema(operation_id="tutorial", responses=shapes.TutorialSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """The lessons with my answers so far. The true labels come with what I answered, never before."""
        user = signed_in(request)
        dataset, role = dataset_access(user=user, dataset_id=dataset_id, roles=LABELLERS)
        progress = teaching.tutorial_progress(dataset=dataset, user=user)
        return Response(shapes.tutorial_json(progress, policy=policy_of(dataset), role=role))


class TutorialStateApi(APIView):
    @extend_schema(operation_id="tutorial_state", responses=shapes.TutorialStateSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """How far I am; total 0 where the dataset has no tutorial."""
        user = signed_in(request)
        dataset, role = dataset_access(user=user, dataset_id=dataset_id, roles=LABELLERS)
        progress = teaching.tutorial_progress(dataset=dataset, user=user)
        return Response(shapes.state_json(progress, policy=policy_of(dataset), role=role))


class TutorialRestartApi(APIView):
    @extend_schema(operation_id="tutorial_restart", request=None, responses=shapes.TutorialStateSerializer)
    def post(self, request: Request, dataset_id: int) -> Response:
        """Forget my answers and begin again."""
        user = signed_in(request)
        dataset, role = dataset_access(user=user, dataset_id=dataset_id, roles=LABELLERS)
        tutorial_restart(dataset=dataset, user=user)
        progress = teaching.tutorial_progress(dataset=dataset, user=user)
        return Response(shapes.state_json(progress, policy=policy_of(dataset), role=role))


class LessonAnswerApi(APIView):
    @extend_schema(
        operation_id="tutorial_answer",
        request=shapes.LessonAnswerSerializer,
        responses=shapes.LessonAnsweredSerializer,
    )
    def post(self, request: Request, tutorial_face_id: int) -> Response:
        """Answer a lesson and learn what was right; again: the new answer takes the place of the old one."""
        user = signed_in(request)
        lesson = teaching.tutorial_face_access(user=user, tutorial_face_id=tutorial_face_id)
        _, role = dataset_access(user=user, dataset_id=lesson.dataset_id, roles=LABELLERS)
        given = shapes.LessonAnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        labels = given.validated_data["labels"]["labels"]
        tutorial_answer(lesson=lesson, user=user, labels=labels)
        policy = policy_of(lesson.dataset)
        progress = teaching.tutorial_progress(dataset=lesson.dataset, user=user)
        return Response(
            {
                "feedback": shapes.feedback_json(lesson, labels, policy),
                "state": shapes.state_json(progress, policy=policy, role=role),
            }
        )


class TutorialFacesApi(APIView):
    @extend_schema(operation_id="tutorial_faces", responses=shapes.TutorialFacesSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """Every face of the tutorial, also those out of use, in the order of the lessons."""
        dataset, _ = dataset_access(user=signed_in(request), dataset_id=dataset_id, roles=ADMIN)
        uses = teaching.tutorial_uses(dataset=dataset)
        return Response({"results": [shapes.tutorial_face_json(use) for use in uses]})

    @extend_schema(
        operation_id="tutorial_make",
        request=shapes.TutorialMakeSerializer,
        responses={201: GoldMadeSerializer},
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """Put these accepted faces into the tutorial, or let suitable ones be chosen."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=ADMIN)
        given = shapes.TutorialMakeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        face_ids, count = given.validated_data["face_ids"], given.validated_data.get("choose")
        if bool(face_ids) == (count is not None):
            raise Invalid("face_ids", "Send face_ids, or choose with how many, and not both.")
        if count is None:
            done = tutorial_add(dataset=dataset, face_ids=face_ids, actor=user)
        else:
            done = tutorial_choose(dataset=dataset, count=count, actor=user)
        refused = [{"face_id": pk, "reason": reason} for pk, reason in done.refused.items()]
        return Response({"made": len(done.made), "refused": refused}, status=201)


class TutorialFaceApi(APIView):
    @extend_schema(
        operation_id="tutorial_face_change",
        request=shapes.TutorialFaceChangeSerializer,
        responses=shapes.TutorialFaceSerializer,
    )
    def patch(self, request: Request, tutorial_face_id: int) -> Response:
        """Take a face out of the tutorial or back into it, or move it."""
        user = signed_in(request)
        lesson = teaching.tutorial_face_access(user=user, tutorial_face_id=tutorial_face_id, roles=ADMIN)
        given = shapes.TutorialFaceChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if not given.validated_data:
            raise Invalid("nothing_to_change", "Send is_active, position, or both.")
        tutorial_face_update(lesson=lesson, actor=user, **given.validated_data)
        uses = teaching.tutorial_uses(dataset=lesson.dataset)
        return Response(shapes.tutorial_face_json(next(use for use in uses if use.lesson.pk == lesson.pk)))


class GuideApi(APIView):
    @extend_schema(operation_id="guide", responses=shapes.GuideSerializer)
    def get(self, request: Request, dataset_id: int) -> Response:
        """What this dataset adds to the labelling guide; for every member."""
        dataset, _ = dataset_access(user=signed_in(request), dataset_id=dataset_id)
        return Response(_guide(dataset))

    @extend_schema(
        operation_id="guide_write", request=shapes.GuideTextSerializer, responses=shapes.GuideSerializer
    )
    def put(self, request: Request, dataset_id: int) -> Response:
        """Replace the dataset's own text; the one before stays in the audit trail."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=ADMIN)
        given = shapes.GuideTextSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        guide_write(dataset=dataset, text=given.validated_data["text"], actor=user)
        return Response(_guide(dataset))


class GuideExamplesApi(APIView):
    @extend_schema(
        operation_id="guide_example_add",
        request=shapes.GuideExampleMakeSerializer,
        responses={201: shapes.GuideSerializer},
    )
    def post(self, request: Request, dataset_id: int) -> Response:
        """Show an accepted face in the guide, as right or as wrong, with a sentence."""
        user = signed_in(request)
        dataset, _ = dataset_access(user=user, dataset_id=dataset_id, roles=ADMIN)
        given = shapes.GuideExampleMakeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        guide_example_add(dataset=dataset, actor=user, **given.validated_data)
        return Response(_guide(dataset), status=201)


class GuideExampleApi(APIView):
    @extend_schema(operation_id="guide_example_remove", responses={204: None})
    def delete(self, request: Request, example_id: int) -> Response:
        """Show this face no longer."""
        user = signed_in(request)
        guide_example_remove(
            example=teaching.guide_example_access(user=user, example_id=example_id), actor=user
        )
        return Response(status=204)


def _guide(dataset: Dataset) -> dict[str, object]:
    examples = teaching.guide_examples(dataset=dataset)
    return {
        "text": teaching.guide_text(dataset=dataset),
        "examples": [shapes.guide_example_json(example) for example in examples],
    }
